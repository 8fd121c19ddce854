"""P1, R8 · Who leads and who follows, with children who externalize and others (Roorda et al. 2013).

Observers rated affiliation and control of teacher and child. On control each complements the other, less so where the
child externalizes; on affiliation neither does. Teachers are less affiliative to externalizing children, though these
are not less affiliative themselves.
"""

from __future__ import annotations

from sim.state import Setting
from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import by_group, contact_by_contact, within, z
from sim.studies.instruments import ContactRating, counted

SEEN = "contacts"
RATED = ContactRating(
    SEEN,
    "Contacts at work, observed",
    "observer",
    counted("contacts", lately=True),
    "P1; reliability assumed",
    settings=(Setting.TASK, Setting.DISCIPLINE),
)


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Reactions within pairs, and what they have to do with externalizing behaviour."""
    acts = contact_by_contact(z(sample.table, "aggression"), SEEN, "aggression")
    found: dict[str, Estimate] = {}
    for axis in ("control", "affiliation"):
        for who, other in (("teacher", "child"), ("child", "teacher")):
            terms = (f"{other}_{axis}", "moderated")
            ready = acts.assign(moderated=acts["aggression"] * acts[f"{other}_{axis}"])
            slopes = within(ready, f"{who}_{axis}", terms)
            found[f"{who} on {axis}"] = slopes[terms[0]]
            if axis == "control":
                found[f"{who} on {axis} by externalizing"] = slopes["moderated"]
    pairs = acts.groupby("child").mean(numeric_only=True)
    for who in ("teacher", "child"):
        found[f"{who}'s affiliation"] = by_group(
            pairs, f"{who}_affiliation ~ aggression", "aggression", groups="classroom"
        )
    return found


def complement(who: str, axis: str) -> Claim:
    """Whether one of the two complements the other on an axis."""
    there = axis == "control"
    says = "leads less where the other leads" if there else "is not warmer where the other is"
    return Claim(
        f"{who} on {axis}",
        f"The {who} {says}",
        direction=-1 if there else 0,
        significant=there,
        built_in=there,
    )


STUDY = Study(
    id="P1",
    title="Complementarity with externalizing children",
    source="Roorda et al. 2013, J Sch Psychol 51:143",
    design=Design(
        population=kindergarten(),
        classes=48,
        children=179,
        selection=Selection(per_class=4),
        waves={"T1": Wave(20)},
        measures=("aggression", RATED),
        lookback=5,
    ),
    analyse=analyse,
    claims=(
        *(complement(who, axis) for axis in ("control", "affiliation") for who in ("teacher", "child")),
        Claim(
            "teacher on control by externalizing",
            "The teacher complements externalizing children less on control",
            direction=1,
        ),
        Claim(
            "child on control by externalizing",
            "Externalizing children complement the teacher less on control",
            direction=1,
        ),
        Claim("teacher's affiliation", "Teachers are less affiliative to externalizing children (R8)", direction=-1),
        Claim(
            "child's affiliation",
            "Externalizing children are not less affiliative (R8)",
            direction=0,
            significant=False,
        ),
    ),
    notes=(
        "The children were observed in a small group at a task; here it is every contact at work, or about a rule, of "
        "one week. Control is no coordinate of its own in the model: who begins a contact, or corrects, leads it, and "
        "hostility takes the lead, so that complementarity on control is there by definition. That it is weaker with "
        "externalizing children is not. They are those whom their teacher rates as aggressive. Internalizing "
        "behaviour is not in the model. Children were selected for a variety of behaviours; here at random. When in "
        "the year, and the reliability of ratings (.8), are assumed."
    ),
)
