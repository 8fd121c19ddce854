"""I1 · Samen-Spel for boys with much externalizing behaviour (Vancraeyveldt et al. 2015).

The trial is followed from before the programme (week 7) to the end of relationship play (week 13) and of rule play
(week 19). The programme's sizes are held against those of comparable programmes (I2): the relationship at mid-point,
where the one component that aims at it has just ended; the child's behaviour at the end, as the comparable programmes
were rated. Besides, they are held against what the trial's own sizes can have been (I1b).
"""

from __future__ import annotations

import pandas as pd

from sim.studies import Claim, Design, Estimate, Programme, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import ancova, by_group, complete

START = 8
FELL = ("conflict", "conduct", "hyperactivity")
BOUNDS = {
    "conflict mid": (-0.60, -0.22),
    "conduct mid": (-0.55, -0.22),
    "hyperactivity mid": (-0.50, -0.22),
    "closeness mid": (0.20, 0.45),
    "closeness post": (-0.10, 0.20),
}
"""Between which the trial's own sizes lie (I1b)."""
KEPT = (-0.15, 0.15)
"""Between which the change from mid-point to post-test lies (I1b)."""


def change(table: pd.DataFrame, score: str) -> Estimate:
    """What the programme adds to the change from mid-point to post-test, in standard deviations of the pre-test."""
    table = complete(table, f"{score}_mid", f"{score}_post")
    gain = (table[f"{score}_post"] - table[f"{score}_mid"]) / table[f"{score}_pre"].std()
    table = table.assign(gain=gain, treated=(table["arm"] == "samen-spel").astype(float))
    return by_group(table, "gain ~ treated", "treated")


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Effects at mid-point and post-test given the pre-test, and the change between them."""
    table = sample.wide
    found = {
        f"{score} {wave}": ancova(table, f"{score}_{wave}", f"{score}_pre", "samen-spel")
        for score in (*FELL, "closeness")
        for wave in ("mid", "post")
    }
    found["engagement mid"] = ancova(table, "engagement_mid", "engagement_pre", "samen-spel")
    found |= {f"{score} mid to post": change(table, score) for score in FELL}
    found |= {f"size: {name}": found[name] for name in ("conflict mid", "closeness mid", "conduct post")}
    found |= {f"bounds: {name}": found[name] for name in BOUNDS}
    return found | {f"bounds: {score} mid to post": found[f"{score} mid to post"] for score in FELL}


def bounds(name: str, says: str, between: tuple[float, float]) -> Claim:
    """A size of the trial itself, as far as it can be told."""
    return Claim(f"bounds: {name}", f"{says}, as the trial's own numbers bound it (I1b)", between=between, trust="B")


STUDY = Study(
    id="I1",
    pattern="P12",
    title="Samen-Spel: relationship play, then rule play",
    source="Vancraeyveldt et al. 2015, J Abnorm Child Psychol 43:243",
    design=Design(
        population=kindergarten(),
        classes=175,
        children=175,
        schools=46,
        selection=Selection(per_class=1, sex="boy", by="aggression", above=0.8, highest=True),
        arms={"usual": (), "samen-spel": (Programme("samen-spel", start_week=START),)},
        assigned="school",
        waves={"pre": Wave(START - 1), "mid": Wave(START + 5), "post": Wave(START + 11)},
        measures=("conflict", "closeness", "conduct", "hyperactivity", "engagement"),
    ),
    analyse=analyse,
    claims=(
        Claim("conflict mid", "Conflict has fallen at mid-point", direction=-1),
        Claim("conduct mid", "Conduct problems have fallen at mid-point", direction=-1),
        Claim("hyperactivity mid", "Hyperactivity has fallen at mid-point", direction=-1),
        Claim("closeness mid", "Closeness has risen at mid-point", direction=1),
        Claim("engagement mid", "Engagement has risen at mid-point (2017)", direction=1),
        Claim("conflict post", "Conflict is lower at the end", direction=-1),
        Claim("conduct post", "Conduct problems are fewer at the end", direction=-1),
        Claim("hyperactivity post", "Hyperactivity is less at the end", direction=-1),
        Claim("conflict mid to post", "Conflict falls no further", direction=0, significant=False),
        Claim("conduct mid to post", "Conduct problems fall no further", direction=0, significant=False),
        Claim("hyperactivity mid to post", "Hyperactivity falls no further", direction=0, significant=False),
        Claim("closeness post", "The gain in closeness is gone at the end", direction=0, significant=False),
        Claim("size: conflict mid", "Size for conflict, as comparable programmes (I2)", between=(-0.29, -0.26)),
        Claim("size: closeness mid", "Size for closeness, as comparable programmes (I2)", between=(0.26, 0.29)),
        Claim(
            "size: conduct post",
            "Size for the child's behaviour, as comparable programmes (I2)",
            between=(-0.42, -0.23),
        ),
        bounds("conflict mid", "Size for conflict after six weeks", BOUNDS["conflict mid"]),
        bounds("conduct mid", "Size for conduct problems after six weeks", BOUNDS["conduct mid"]),
        bounds("hyperactivity mid", "Size for hyperactivity after six weeks", BOUNDS["hyperactivity mid"]),
        bounds("closeness mid", "Size for closeness after six weeks", BOUNDS["closeness mid"]),
        bounds("closeness post", "Size for closeness after twelve weeks", BOUNDS["closeness post"]),
        bounds("conflict mid to post", "Change in conflict from six to twelve weeks", KEPT),
        bounds("conduct mid to post", "Change in conduct problems from six to twelve weeks", KEPT),
        bounds("hyperactivity mid to post", "Change in hyperactivity from six to twelve weeks", KEPT),
    ),
    notes=(
        "One boy a class, the highest in teacher-rated aggression of the boys above the class's 80th percentile; 175 "
        "classes in 46 schools, assigned by school. The programme begins in school week 8, which is assumed, and "
        "every teacher carries it out in full. The latent growth model of the study is replaced by a regression on "
        "the pre-test with standard errors by school; in the model schools differ only by their teachers. The trial's "
        "sizes were not printed: I1b bounds them by arithmetic from the size of the sample and from what was "
        "significant."
    ),
)
