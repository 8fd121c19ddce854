"""P2 · Complementarity from one moment to the next (Thijs et al. 2011).

Pairs of teacher and child were rated every five seconds. What both do at one moment complements, opposite on control
and alike on affiliation, within pairs and between them. Over time the teacher follows the child on control, and the
child follows the teacher on affiliation; on control a child follows where the relationship is good.
"""

from __future__ import annotations

import pandas as pd

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import contact_by_contact, correlation, within, z
from sim.studies.instruments import ContactRating, counted
from sim.year.interpersonal import Acts

SEEN = "contacts"
RATED = ContactRating(
    SEEN, "Contacts, observed", "observer", counted("contacts", lately=True), "P2; reliability assumed"
)
BEFORE = "_before"
PAIRS = (("teacher", "child"), ("child", "teacher"))


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Within pairs, between them, and from one contact to the next."""
    moments = moments_of(sample.table)
    means = moments.groupby("child").mean(numeric_only=True)
    found: dict[str, Estimate] = {}
    for axis in ("control", "affiliation"):
        child, teacher = f"child_{axis}", f"teacher_{axis}"
        found[f"{axis} within"] = within(moments, teacher, (child,))[child]
        found[f"{axis} between"] = correlation(means, teacher, child)
        for who, other in PAIRS:
            own, followed = f"{who}_{axis}", f"{other}_{axis}{BEFORE}"
            later = moments.dropna(subset=[followed])
            later = later.assign(moderated=later["closeness"] * later[followed])
            slopes = within(later, own, (followed, own + BEFORE, "moderated"))
            found[f"{who} follows on {axis}"] = slopes[followed]
            if (who, axis) == ("child", "control"):
                found["child follows on control by closeness"] = slopes["moderated"]
    return found


def moments_of(table: pd.DataFrame) -> pd.DataFrame:
    """One row a contact: the acts, those of the contact before, and the pair's closeness, standardized."""
    acts = contact_by_contact(z(table, "closeness"), SEEN, "closeness")
    return acts.join(acts.groupby("child")[list(Acts._fields)].shift(1).add_suffix(BEFORE))


STUDY = Study(
    id="P2",
    title="Complementarity from moment to moment",
    source="Thijs et al. 2011, J Appl Dev Psychol 32:34",
    design=Design(
        population=kindergarten(),
        classes=37,
        children=69,
        selection=Selection(per_class=2),
        waves={"T1": Wave(20)},
        measures=("closeness", RATED),
        lookback=5,
    ),
    analyse=analyse,
    claims=(
        Claim("control within", "Within a pair, who leads is followed", direction=-1, built_in=True),
        Claim("control between", "In pairs in which one leads more the other leads less", direction=-1, built_in=True),
        Claim("affiliation within", "Within a pair, both are warm at the same moments", direction=1, built_in=True),
        Claim("affiliation between", "In pairs in which one is warmer the other is warmer", direction=1),
        Claim("teacher follows on control", "The teacher follows the child on control", direction=-1),
        Claim("child follows on affiliation", "The child follows the teacher on affiliation", direction=1),
        Claim(
            "child follows on control",
            "The child does not follow the teacher on control",
            direction=0,
            significant=False,
            trust="B",
        ),
        Claim(
            "teacher follows on affiliation",
            "The teacher does not follow the child on affiliation",
            direction=0,
            significant=False,
            trust="B",
        ),
        Claim(
            "child follows on control by closeness",
            "Children follow more on control where the relationship is good",
            direction=-1,
        ),
    ),
    notes=(
        "The pairs were rated every five seconds in a task for two; a contact is the smallest moment that the model "
        "has, and one contact may come hours after the one before. Here every contact of a week is rated. Control is "
        "read off from who begins, who corrects and who is hostile, so that within a contact it complements by "
        "definition; from one contact to the next nothing makes it. Whom the teacher or the child does not follow is "
        "inferred from what the abstract leaves out. Shyness is not in the model. When in the year, and the "
        "reliability of ratings (.8), are assumed."
    ),
)
