"""O1 · What teachers report of a child's behaviour follows their relationship with it.

Conflict is what best foretells that a teacher reports more problems than the parents do; and a child's oppositional
behaviour makes teachers report hyperactivity as well, whatever its self-regulation.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, primary
from sim.studies.analysis import multilevel, z
from sim.studies.instruments import INSTRUMENTS, state

AT = "T1"
RELATIONSHIP = ("conflict", "closeness", "dependency")
AT_HOME = replace(
    INSTRUMENTS["aggression"],
    name="at_home",
    title="Aggression, the parents' report",
    perspective="observer",
    level=state("liability"),
    source="O1; what parents see is assumed",
)
OBSERVED = replace(INSTRUMENTS["aggression"], name="observed_aggression", perspective="observer")


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Regressions of what teachers report beyond others, standardized, with random intercepts of classes."""
    names = [*RELATIONSHIP, "aggression", "at_home", "hyperactivity", "observed_regulation", "observed_aggression"]
    table = sample.wide.rename(columns={f"{name}_{AT}": name for name in names})
    table = z(table, *names).assign(more=lambda scores: scores["aggression"] - scores["at_home"])
    found = multilevel(table, f"more ~ {' + '.join(RELATIONSHIP)}", *RELATIONSHIP)
    inflated = multilevel(table, "hyperactivity ~ observed_regulation + observed_aggression", "observed_aggression")[
        "observed_aggression"
    ]
    return {
        "conflict, more than parents": found["conflict"],
        "conflict over the rest": over_the_rest(found),
        "hyperactivity inflated": inflated,
        "teacher and parents": agreement(table),
    }


def over_the_rest(found: dict[str, Estimate]) -> Estimate:
    """How much stronger the coefficient of conflict is than the strongest other."""
    return Estimate(found["conflict"].value - max(abs(found[name].value) for name in RELATIONSHIP[1:]))


def agreement(table: pd.DataFrame) -> Estimate:
    """Correlation of both reports; commonly told, but not checked, so that it is no claim."""
    return Estimate(float(table["aggression"].corr(table["at_home"])))


STUDY = Study(
    id="O1",
    title="Teachers' reports and those of others",
    source="Reviews of reports by several informants; oppositional behaviour and ratings of hyperactivity",
    design=Design(
        population=primary(1),
        classes=60,
        children=300,
        selection=Selection(per_class=5),
        waves={AT: Wave(20)},
        measures=(*RELATIONSHIP, "aggression", "hyperactivity", "observed_regulation", AT_HOME, OBSERVED),
    ),
    analyse=analyse,
    claims=(
        Claim(
            "conflict, more than parents",
            "The more conflict, the more problems teachers report beyond parents",
            direction=1,
            built_in=True,
        ),
        Claim(
            "conflict over the rest",
            "Conflict foretells it better than closeness and dependency do",
            direction=1,
            significant=False,
        ),
        Claim(
            "hyperactivity inflated",
            "Aggressive children are rated more hyperactive than their self-regulation tells",
            direction=1,
            built_in=True,
        ),
    ),
    notes=(
        "Findings of several studies, put into one of a usual size, which is assumed. The model has no parents: what "
        "they would report is taken to be what the child takes along everywhere, on the teachers' scale. That a "
        "teacher's image of a child colours what it reports is put in by hand, in the instruments. How far teachers "
        "agree with parents (and with each other) is commonly told but not checked, and so no claim."
    ),
)
