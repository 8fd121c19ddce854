"""B3 · What a teacher means to children who are insecurely attached (Buyse, Verschueren & Doumen 2011).

Insecure attachment went with more aggression only where closeness was low, and with less closeness only where the
teacher's sensitivity was low.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import moderated, z


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Two multilevel regressions with simple slopes of attachment security."""
    table = sample.wide.rename(columns=lambda name: name.removesuffix("_T1"))
    table["sensitivity"] = table["support"]
    table = z(table, "attachment", "closeness", "sensitivity", "aggression")
    aggression = moderated(table, "aggression ~ attachment * closeness", "attachment", "closeness")
    closeness = moderated(table, "closeness ~ attachment * sensitivity", "attachment", "sensitivity")
    return {f"aggression, {name}": found for name, found in aggression.items()} | {
        f"closeness, {name}": found for name, found in closeness.items()
    }


STUDY = Study(
    id="B3",
    pattern="P5",
    title="What a teacher means to children who are insecurely attached",
    source="Buyse, Verschueren & Doumen 2011, Soc Dev 20:33",
    design=Design(
        population=kindergarten(),
        classes=35,
        children=102,
        selection=Selection(per_class=5),
        waves={"T1": Wave(20)},
        measures=("attachment", "closeness", "support", "aggression"),
    ),
    analyse=analyse,
    claims=(
        Claim("aggression, interaction", "Closeness weakens the link of insecurity with aggression", direction=1),
        Claim("aggression, low", "Secure children are less aggressive where closeness is low", direction=-1),
        Claim("aggression, high", "They are not where closeness is high", direction=0, significant=False),
        Claim("closeness, interaction", "Sensitivity weakens the link of insecurity with closeness", direction=-1),
        Claim("closeness, low", "Secure children are closer where sensitivity is low", direction=1),
        Claim("closeness, high", "They are not where sensitivity is high", direction=0, significant=False),
    ),
    notes=(
        "Attachment was observed in the year before; in the model it does not change. Sensitivity is how warm an "
        "observer finds the teacher with all children. The number of classes is that of other studies of the same "
        "project, and the week is in the middle of the year; they were not printed."
    ),
)
