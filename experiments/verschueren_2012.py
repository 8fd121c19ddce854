"""R3 · Mother, teacher, peers and three domains of self-concept (Verschueren, Doumen & Buyse 2012).

The relationship with the teacher went with the academic self-concept, acceptance by peers with the social, attachment
to the mother with the global; attachment went with the academic self-concept by way of the teacher.
"""

from __future__ import annotations

from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import indirect, multilevel, z

DOMAINS = {"teacher": "self_academic_T2", "peers": "self_social_T2", "mother": "self_global_T2"}


def analyse(sample: Sample) -> dict[str, Estimate]:
    """One regression a domain on the three relationships, and the indirect effect of attachment."""
    table = sample.wide.rename(columns={"attachment_T1": "mother", "liked_most_T2": "peers"})
    table["teacher"] = z(table, "closeness_T2")["closeness_T2"] - z(table, "conflict_T2")["conflict_T2"]
    table = z(table, *DOMAINS, *DOMAINS.values())
    found = {"indirect": indirect(table, "mother", "teacher", "self_academic_T2")}
    for own, domain in DOMAINS.items():
        effects = multilevel(table, f"{domain} ~ {' + '.join(DOMAINS)}", *DOMAINS)
        others = max(abs(effects[name].value) for name in DOMAINS if name != own)
        found |= {own: effects[own], f"{own} most": Estimate(effects[own].value - others)}
    return found


STUDY = Study(
    id="R3",
    pattern="P8",
    title="Mother, teacher, peers and three domains of self-concept",
    source="Verschueren, Doumen & Buyse 2012, Attach Hum Dev 14:233",
    design=Design(
        population=kindergarten(),
        classes=36,
        children=113,
        selection=Selection(per_class=5),
        waves={"T1": Wave(20), "T2": Wave(20, year=2)},
        measures=("attachment", "closeness", "conflict", "liked_most", "self_academic", "self_social", "self_global"),
    ),
    analyse=analyse,
    claims=(
        Claim("teacher", "Relationship with the teacher and academic self-concept, others equal", direction=1),
        Claim("peers", "Acceptance by peers and social self-concept, others equal", direction=1),
        Claim("mother", "Attachment to the mother and global self-concept, others equal", direction=1),
        Claim("teacher most", "For the academic, the teacher matters most", direction=1, significant=False),
        Claim("peers most", "For the social, peers matter most", direction=1, significant=False),
        Claim("mother most", "For the global, the mother matters most", direction=1, significant=False),
        Claim("indirect", "Attachment, relationship with the teacher, academic self-concept", direction=1),
    ),
    notes=(
        "Attachment is observed in kindergarten, all else in first grade, with a new teacher. That one relationship "
        "matters most in a domain is a difference without a test. The relationship with the teacher is closeness minus "
        "conflict; the number of classes is that of another study of the same project."
    ),
)
