"""I4 · Banking Time in a large trial (Williford et al. 2017).

The large trial found few main effects on children, but larger ones where the quality of the class was high. Observers
saw less negativity of the teacher (I4b). That closeness rises is the finding of Driscoll & Pianta (2010).
"""

from __future__ import annotations

import pandas as pd

from sim.studies import Claim, Design, Estimate, Programme, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import ancova, by_group, complete

START = 10


def by_quality(wide: pd.DataFrame, score: str) -> Estimate:
    """How far the effect depends on the class's emotional support at the pre-test (one observation a class)."""
    quality = wide["support_pre"]
    spread = wide[f"{score}_pre"].std()
    table = complete(wide, f"{score}_pre", f"{score}_post").assign(
        post=wide[f"{score}_post"] / spread,
        pre=wide[f"{score}_pre"] / spread,
        quality=(quality - quality.mean()) / quality.std(),
        treated=(wide["arm"] == "banking-time").astype(float),
    )
    return by_group(table, "post ~ pre + treated * quality", "treated:quality", groups="classroom")


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Main effects, and whether those on conduct problems and on the teacher depend on the class."""
    found = {score: effect(sample, score) for score in ("closeness", "conduct", "observed_negativity")}
    interactions = {
        f"{score} x quality": by_quality(sample.wide, score) for score in ("conduct", "observed_negativity")
    }
    return found | interactions


def beside(seen: Sample, true: Sample) -> dict[str, Estimate]:
    """What is not among the claims: conflict, and whether closeness depends on the class; measured, and as it is."""
    return {
        "conflict": effect(seen, "conflict"),
        "conflict, latent": effect(true, "conflict"),
        "closeness x quality": by_quality(seen.wide, "closeness"),
        "closeness x quality, latent": by_quality(true.wide, "closeness"),
    }


def effect(sample: Sample, score: str) -> Estimate:
    """Effect at the post-test given the pre-test."""
    return ancova(sample.wide, f"{score}_post", f"{score}_pre", "banking-time", groups="classroom")


STUDY = Study(
    id="I4",
    title="Banking Time and the quality of the class",
    source="Williford et al. 2017; closeness: Driscoll & Pianta 2010",
    design=Design(
        population=kindergarten(),
        classes=183,
        children=470,
        selection=Selection(per_class=3, by="aggression", highest=True),
        arms={"usual": (), "banking-time": (Programme("banking-time", start_week=START),)},
        assigned="class",
        waves={"pre": Wave(START - 1), "post": Wave(START + 6)},
        measures=("closeness", "conflict", "conduct", "support", "observed_negativity"),
    ),
    analyse=analyse,
    beside=beside,
    claims=(
        Claim("closeness", "Closeness rises (Driscoll & Pianta)", direction=1),
        Claim("conduct", "Conduct problems fall modestly", direction=-1, significant=False),
        Claim("conduct x quality", "They fall more where the quality of the class is high", direction=-1),
        Claim("observed_negativity", "The teacher is seen to be less negative with the child (I4b)", direction=-1),
        Claim(
            "observed_negativity x quality",
            "It falls more where the quality of the class is high (I4b)",
            direction=-1,
            significant=False,
        ),
    ),
    notes=(
        "The three children of a class who are highest in teacher-rated aggression have their sessions in the same "
        "seven weeks; in the trial they took turns over the year, and were 3 and 4 years old. Its third arm, in which "
        "teachers spent the same time with a child without the programme, is left out. Every teacher carries the "
        "sessions out in full, though in the trial fidelity was of three kinds. Negativity is the share of harsh "
        "answers to the child in the ten school days before, the sessions left out; the reliability of that is "
        "assumed."
    ),
)
