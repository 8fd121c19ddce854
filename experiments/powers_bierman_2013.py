"""W7 · Aggression is disliked less in aggressive classes (Powers & Bierman 2013).

That children judge a tone by what is usual in class is part of the model, so that the finding is *built in*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.studies import Claim, Design, Estimate, Sample, Study, Wave, primary
from sim.studies.analysis import multilevel, z

if TYPE_CHECKING:
    import pandas as pd


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Multilevel regression of dislike on a child's aggression, its class's, and their product; standardized."""
    table = ready(sample)
    found = multilevel(table, "dislike ~ own * level", "own", "own:level")
    return {"aggression": found["own"], "aggression x class": found["own:level"]}


def ready(sample: Sample) -> pd.DataFrame:
    """A child's aggression compared with its class, that of the class, and dislike within the class and as it is."""
    table = sample.wide
    classes = table.groupby("classroom")
    level, named = classes["aggression_T1"].transform("mean"), classes["liked_least_T1"]
    dislike = (table["liked_least_T1"] - named.transform("mean")) / named.transform("std").clip(lower=1e-9)
    table = table.assign(own=table["aggression_T1"] - level, level=level, dislike=dislike)
    return z(table, "own", "level", "dislike", "liked_least_T1")


def beside(seen: Sample, _: Sample) -> dict[str, Estimate]:
    """The same with the plain share of classmates, which has a floor: hardly anyone is disliked in a calm class."""
    found = multilevel(ready(seen), "liked_least_T1 ~ own * level", "own:level")
    return {"aggression x class, share of classmates": found["own:level"]}


STUDY = Study(
    id="W7",
    title="Dislike of aggression in aggressive classes",
    source="Powers & Bierman 2013, Dev Psychol 49:1174",
    design=Design(
        population=primary(2, size=20),
        classes=205,
        schools=27,
        children=4096,
        waves={"T1": Wave(26)},
        measures=("aggression", "liked_least"),
    ),
    analyse=analyse,
    beside=beside,
    claims=(
        Claim("aggression", "Aggressive children are disliked", direction=1, built_in=True),
        Claim("aggression x class", "Less so in aggressive classes", direction=-1, built_in=True),
    ),
    notes=(
        "The number of classes and the time of year are assumed. Dislike is the share of classmates who name a child "
        "as liked least, standardized within its class, as is usual for nominations. What comes out depends on that: "
        "the report has the product for the plain share, too."
    ),
)
