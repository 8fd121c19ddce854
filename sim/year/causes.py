"""What drove what: the same class with the same luck once more, without one link of the loop after the other.

Teacher and child drive each other in a loop: aggression makes hostile acts likelier, a hostile act makes a harsh answer
likelier, a harsh answer is learned from. A *link* is one arrow of that loop. Its parameters are weights of one
influence on another; with all of them at 0, the lowest that is allowed, the link is cut and everything else is as it
was. A cut link is cut in the whole class, from the first day on; the children and the teacher start as they did.

The *contribution* of a link in a week is the state of the followed child at the end of that week minus what it is in
the class without the link. It holds all that followed from the link until then, also what it set going elsewhere in the
loop and in the class. Contributions therefore do not add up: each is taken from the whole loop, where the others are
still at work, and two links of one chain both hold what went through the chain. A link without a contribution has not
been shown to be without meaning in general; it made no difference here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.record import Record
from sim.run import Keep, side_by_side
from sim.scenario import Scenario
from sim.state import Records, Setting

__all__ = ["LINKS", "NODES", "STATES", "Causes", "Link", "causes", "evenings", "without"]

STATES: Final = ("conflict", "closeness", "aggression")
"""States of the followed child that contributions are told of."""


@dataclass(frozen=True)
class Link:
    """One arrow of the loop.

    Attributes
    ----------
    source, target
        Names of `NODES`.
    cut
        Parameters that are 0 where the link is cut.
    """

    source: str
    target: str
    cut: tuple[str, ...]


LINKS: Final[Mapping[str, Link]] = {
    "misbehaviour": Link("aggression", "corrections", ("misbehaviour_rate",)),
    "resistance": Link("corrections", "child_tone", ("demand_discipline", "tone_discipline")),
    "correction": Link("corrections", "teacher_tone", ("response_discipline",)),
    "aggression": Link("aggression", "child_tone", ("act_misbehaviour",)),
    "grudge": Link("conflict", "child_tone", ("act_conflict",)),
    "tension": Link("child_stress", "child_tone", ("act_stress", "tone_stress")),
    "closeness": Link("closeness", "child_tone", ("tone_closeness",)),
    "security": Link("felt_security", "child_tone", ("act_security", "tone_felt_security")),
    "hostility": Link("child_tone", "teacher_tone", ("harsh_hostility",)),
    "image": Link("image", "teacher_tone", ("teacher_bias",)),
    "helplessness": Link("control", "teacher_tone", ("harsh_helplessness",)),
    "strain": Link("teacher_stress", "teacher_tone", ("harsh_stress", "response_stress")),
    "friction": Link("conflict", "teacher_tone", ("harsh_conflict", "response_conflict")),
    "control": Link("child_tone", "control", ("control_loss", "control_gain")),
    "stress": Link("child_tone", "teacher_stress", ("teacher_stress_gain", "teacher_stress_relief")),
    "reading": Link("felt_security", "felt", ("child_bias",)),
    "hurt": Link("felt", "closeness", ("closeness_hurt",)),
    "upset": Link("felt", "child_stress", ("child_stress_gain", "child_stress_relief")),
    "approval": Link("felt", "goodwill", ("goodwill_gain", "goodwill_loss")),
    "habit": Link("felt", "habit", ("coercion_habit", "habit_relief")),
    "coercion": Link("felt", "liability", ("coercion_teacher", "coercion_relief")),
    "esteem": Link("felt", "liability", ("aggression_esteem",)),
    "example": Link("teacher_tone", "classmates", ("reference_warmth", "reference_derogation")),
    "peers": Link(
        "classmates", "liability", ("aggression_rejection", "coercion_peers", "coercion_peers_relief", "contagion")
    ),
    "quarrels": Link("liability", "classmates", ("play_misbehaviour",)),
}
"""Links by name. How an image forms, how what is felt becomes felt security, and how two hostile tones make conflict
are no links here: their rates cannot be 0. Nor is what liability, habit and goodwill make of aggression: they are taken
apart from it on the first day, so that the child would not start as it did. What ignored bids cost in goodwill is none,
for attention, for want of which they are ignored, is the whole class's. What a correction asks of the child provokes
the teacher as well: with ``resistance`` both are cut."""

OF_CONTACTS: Final = {"child_tone": "tone", "teacher_tone": "response", "felt": "felt"}
"""Nodes that are means over the contacts of a week, and the field of a contact that they are the mean of."""
OF_CHILDREN: Final = {
    "aggression": "aggression",
    "liability": "liability",
    "habit": "habit",
    "goodwill": "goodwill",
    "conflict": "conflict",
    "closeness": "closeness",
    "child_stress": "stress",
    "felt_security": "felt_security",
    "image": "representation",
    "control": "perceived_control",
}
"""Nodes that are states of the followed child, on the last evening of a week, and the name of the state."""

NODES: Final = (*OF_CHILDREN, *OF_CONTACTS, "corrections", "teacher_stress", "classmates")
"""What stands in the loop: states of the child, means over contacts, corrections in a week, stress of the teacher, and
acceptance by classmates."""


@dataclass(frozen=True)
class Causes:
    """What drove what for one child, by school week.

    Attributes
    ----------
    nodes
        Value of each of `NODES` by week, shape (weeks + 1,), in the units of the model; week 0 is before the first day.
        Not a number where there was no contact.
    contributions
        Contribution of each of `LINKS` to each of `STATES` (in this order), shape (weeks + 1, states).
    """

    nodes: Mapping[str, Records]
    contributions: Mapping[str, Records]

    def strongest(self, state: str, week: int, count: int = 3) -> list[str]:
        """Name the links with the largest contributions to a state until a week, the largest first."""
        size = {name: abs(found[week, STATES.index(state)]) for name, found in self.contributions.items()}
        return sorted((name for name in size if size[name] > 0.0), key=size.__getitem__, reverse=True)[:count]


def causes(record: Record, child: int) -> Causes:
    """Find out what drove what in a year of a class.

    Parameters
    ----------
    record
        The year.
    child
        Number of the followed child.
    """
    last_days = evenings(record)
    keep = Keep(STATES, tuple(last_days))
    jobs = [(without(record.scenario, link), [record.final.number]) for link in LINKS.values()]
    cut = [kept.children[0, :, :, child] for kept in side_by_side(jobs, keep)]
    whole = np.stack([record.children[state][last_days, child] for state in STATES], axis=1)
    return Causes(node_values(record, child), {name: whole - part for name, part in zip(LINKS, cut, strict=True)})


def without(scenario: Scenario, link: Link) -> Scenario:
    """The scenario with a link cut."""
    return scenario.model_copy(update={"parameters": {**scenario.parameters, **dict.fromkeys(link.cut, 0.0)}})


def evenings(record: Record) -> list[int]:
    """Last school day of each week, after the evening before the first day."""
    return [0, *(record.calendar.last_day(week) for week in range(1, record.calendar.weeks + 1))]


def node_values(record: Record, child: int) -> dict[str, Records]:
    """Values of `NODES`, by week."""
    last_days = evenings(record)
    met = record.contacts[record.contacts["child"] == child]
    week = -(-met["day"].astype(int) // record.calendar.days_per_week)
    count = np.bincount(week, minlength=len(last_days))
    corrected = np.bincount(week, met["setting"] == Setting.DISCIPLINE, minlength=len(last_days))
    sums = {node: np.bincount(week, met[name], minlength=len(last_days)) for node, name in OF_CONTACTS.items()}
    return {
        **{node: record.children[name][last_days, child] for node, name in OF_CHILDREN.items()},
        **{
            node: np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
            for node, total in sums.items()
        },
        "corrections": corrected,
        "teacher_stress": record.teacher["stress"][last_days],
        "classmates": record.acceptance[last_days, child],
    }
