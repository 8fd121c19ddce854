"""R7, R5 · Hostility in the contacts of a preschool year: rare, and in few pairs of teacher and child.

Observed in 767 preschool children, conflict with the teacher was rare for 99 % and frequent communication was for few
(R7). To children with behaviour disorders teachers give two to four reprimands for each praise (R5).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sim.state import Records
from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.instruments import Observation, counted

AT = "end"
COUNTS = {
    "contacts": "Contacts of the year",
    "reprimands": "Reprimands",
    "praises": "Praises",
    "hostile_acts": "Hostile acts of the child",
    "harsh_answers": "Harsh answers of the teacher",
    "harsh_to_hostile": "Harsh answers to hostile acts",
}
RARE = 0.1
"""Share of hostile contacts below which conflict counts as rare; a definition of ours."""
PROBLEMS = 0.05
"""Share of children who count as having behaviour disorders: those whom teachers rate highest."""


def analyse(sample: Sample) -> dict[str, Estimate]:
    """How rare hostility is, whose it is, what it is answered with, and what highly aggressive children are told."""
    table = sample.wide.rename(columns={f"{name}_{AT}": name for name in (*COUNTS, "aggression")})
    hostile = table["hostile_acts"] + table["harsh_answers"] - table["harsh_to_hostile"]
    most = table.nlargest(max(round(PROBLEMS * len(table)), 2), "aggression")
    return {
        "rare": Estimate(float((hostile < RARE * table["contacts"]).mean())),
        "of one in a hundred": Estimate(share_of_most(hostile.to_numpy(), 0.01)),
        "of one in twenty": Estimate(share_of_most(hostile.to_numpy(), 0.05)),
        "frequent for few": Estimate(*map(float, stats.skewtest(table["contacts"]))),
        "harsh to hostility": harsh_to_hostility(table),
        "reprimands over praises": over(most),
        "reprimands for each praise": Estimate(float(most["reprimands"].sum() / max(most["praises"].sum(), 1.0))),
    }


def share_of_most(hostile: Records, most: float) -> float:
    """Share of all hostile contacts that belongs to this share of the pairs, those with most of them."""
    ordered = np.sort(hostile)[::-1]
    return float(ordered[: max(round(most * len(ordered)), 1)].sum() / max(ordered.sum(), 1.0))


def harsh_to_hostility(table: pd.DataFrame) -> Estimate:
    """How much likelier a harsh answer is after a hostile act than after another; tested over children who act so."""
    some = table[(table["hostile_acts"] > 0) & (table["hostile_acts"] < table["contacts"])]
    after = some["harsh_to_hostile"] / some["hostile_acts"]
    otherwise = (some["harsh_answers"] - some["harsh_to_hostile"]) / (some["contacts"] - some["hostile_acts"])
    return Estimate(float((after - otherwise).mean()), float(stats.ttest_rel(after, otherwise).pvalue))


def over(table: pd.DataFrame) -> Estimate:
    """Reprimands for each praise, on a logarithmic scale."""
    ratio = np.log((table["reprimands"] + 0.5) / (table["praises"] + 0.5))
    return Estimate(float(ratio.mean()), float(stats.ttest_1samp(ratio, 0.0).pvalue))


def beside(seen: Sample, _: Sample) -> dict[str, Estimate]:
    """How often there is praise in a class (R4), and how many contacts are hostile at all."""
    scene = seen.scenes[AT]
    contacts, hostile = scene.so_far["contacts"].sum(), scene.so_far["hostile_acts"].sum()
    return {
        "praises of a class a day": Estimate(float(scene.so_far["praises"].sum(axis=1).mean() / scene.days)),
        "share of contacts in which the child is hostile": Estimate(float(hostile / contacts)),
        "share of harsh answers": Estimate(float(scene.so_far["harsh_answers"].sum() / contacts)),
    }


STUDY = Study(
    id="R7",
    title="Hostility in the contacts of a preschool year",
    source="Observed preschool dyads (N = 767); praise and reprimands: reviews of behaviour disorders (R5)",
    design=Design(
        population=kindergarten(),
        classes=192,
        children=767,
        selection=Selection(per_class=4),
        waves={AT: Wave(34)},
        measures=(
            *(
                Observation(name, title, "observer", counted(name), "counted without error", reliability=1.0)
                for name, title in COUNTS.items()
            ),
            "aggression",
        ),
    ),
    analyse=analyse,
    beside=beside,
    claims=(
        Claim("rare", "Pairs in which conflict is rare", 0.99, trust="B"),
        Claim("frequent for few", "Frequent communication is for few", direction=1),
        Claim(
            "harsh to hostility",
            "A harsh answer is likelier after a hostile act than after another (D7)",
            direction=1,
            significant=False,
            built_in=True,
        ),
        Claim(
            "reprimands over praises",
            "Children with behaviour disorders are reprimanded more than praised",
            direction=1,
        ),
        Claim("reprimands for each praise", "Reprimands of such children for each praise", between=(2.0, 4.0)),
    ),
    notes=(
        "Every contact of the school year is counted, without error; the real observers saw some mornings. A contact "
        "is hostile where the child's act or the teacher's first answer is. Conflict counts as rare where fewer than "
        "one contact in ten is hostile: that definition is ours, as the study's own is not known. Children with "
        "behaviour disorders are taken to be the twentieth whom teachers rate highest in aggression. Praise is an "
        "answer at work of clear warmth, which is nearer to what observers count as praise than a mere friendly word; "
        "how often there is praise in a real class (R4) is known a minute, not a day, and is only told beside. That "
        "hostility is answered with harshness is in the equations. Number of classes is assumed."
    ),
)
