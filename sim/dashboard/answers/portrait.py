"""The phase portrait of the followed child: where its conflict and aggression are drawn to on an evening."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.dashboard.choices import Arm
from sim.dashboard.desk import Refused
from sim.dashboard.picture import Shelf, keys_of
from sim.files.language import _, number
from sim.state import to_item_mean
from sim.year.basins import Basins, basins, follow_arrows, nullclines
from sim.year.dyad import Basin, Portrait, basin, loop_gain, portrait
from sim.year.dyad_words import gain_in_words

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.state import Records
    from sim.year.dyad import LoopGain

__all__ = ["Wanted", "answer", "crossing"]

POINTS: Final = 13
"""Levels of each axis; with more of them the places of rest and the boundary stay where they are."""

PORTRAITS: Final = 128
"""How many portraits are kept on a shelf; one takes about 10 kB."""

FAR: Final = 0.4
"""Points of the scale from which on two places of rest are told apart in words."""

KEPT: Final[WeakKeyDictionary[Shelf, Callable[[Hashable], dict[str, Any]]]] = WeakKeyDictionary()
"""What was computed of a portrait, by the shelf on which the years are that it was computed from."""


class Wanted(BaseModel):
    """What the browser asks for: the evening of the last day of which week, 0 for before the first, in which class."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    week: Annotated[int, Field(ge=0)]
    arm: Arm


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Draw the portrait, then tell what there is to see.

    Each item has ``week``, ``arm`` and ``child``; the ``levels`` of the axes, the change a week of ``conflict`` and
    ``aggression`` at each pair of them (row by row, aggression upwards), all in points of the scale of 1 to 5; the
    ``nullclines`` of the two, the ``rests`` and the ``boundary`` as places or lines of places; and ``heading``, the
    number of the place of rest to which the child is drawn. The last item has also sentences, ``said``.
    """
    try:
        wanted = Wanted.model_validate(dict(question.details))
    except ValidationError:
        raise Refused(_("This portrait cannot be drawn.")) from None
    both = question.shelf.both(question.pair)
    record, child = both.with_ if wanted.arm == "with" else both.without, question.child
    if wanted.week > record.calendar.weeks:
        raise Refused(_("This portrait cannot be drawn."))
    day = record.calendar.last_day(wanted.week) if wanted.week else 0
    state = record.state(day)
    here = np.array([state.children[name][child] for name in ("conflict", "aggression")])
    key = keys_of(question.pair)[wanted.arm == "with"], child, day
    found = KEPT.setdefault(question.shelf, lru_cache(PORTRAITS)(lambda _key: {}))(key)
    if "field" not in found:
        field = portrait(state, child, points=POINTS)
        found |= {"basins": basins(field), "field": field}
    picture = portrait_in_points(found["field"], found["basins"], here)
    item = {"week": wanted.week, "arm": wanted.arm, "child": child, **picture}
    if "basin" not in found:
        yield item
        found |= {"gain": loop_gain(state, child), "basin": basin(state, child)}
    yield {**item, "said": describe_portrait(found["basins"], item["heading"], found["gain"], found["basin"], here)}


def portrait_in_points(field: Portrait, found: Basins, here: Records) -> dict[str, Any]:
    """Write a portrait in points of the scale."""
    end = follow_arrows(field, here[None])
    conflict, aggression = nullclines(field)
    return {
        "levels": scores(field.levels),
        "conflict": np.round(4.0 * field.conflict, 4).tolist(),
        "aggression": np.round(4.0 * field.aggression, 4).tolist(),
        "nullclines": {
            "conflict": [scores(line) for line in conflict],
            "aggression": [scores(line) for line in aggression],
        },
        "rests": scores(found.rests),
        "boundary": [scores(line) for line in found.boundary],
        "heading": int(found.of(end)[0]),
    }


def scores(states: Records) -> Any:
    """Write states in 0 to 1 as scores of 1 to 5."""
    return np.round(to_item_mean(states), 3).tolist()


def describe_portrait(found: Basins, heading: int, gain: LoopGain, end: Basin, here: Records) -> list[str]:
    """Tell what there is to see: where everything leads, whether it could lead elsewhere, and how fast."""
    last = to_item_mean(np.array([end.attractor["conflict"], end.attractor["aggression"]]))
    cycle = _("a vicious cycle") if end.vicious else _("a virtuous cycle")
    ends = _("If nothing else changes, this is {cycle}: conflict settles at {conflict}, aggression at {aggression}.")
    sentences = [ends.format(cycle=cycle, **scores_of_place(last))]
    rests = to_item_mean(found.rests)
    if np.abs(rests[heading] - last).max() > FAR:
        sooner = _(
            "It takes a long time to get there: at first the arrows lead to conflict {conflict}, "
            "aggression {aggression}."
        )
        sentences.append(sooner.format(**scores_of_place(rests[heading])))
    return [*sentences, *other_basins(found, heading, end, here), gain_in_words(gain)]


def other_basins(found: Basins, heading: int, end: Basin, here: Records) -> Iterator[str]:
    """Tell whether another start would lead elsewhere, and how far off that is."""
    if len(found.rests) == 1 and end.alone:
        yield _("It is the only basin: whatever the start, it ends here.")
    elif len(found.rests) == 1:
        yield _(
            "In this picture all arrows lead to one place. A child that also differed in closeness, security or "
            "self-image could end elsewhere: there is another basin, but no boundary in this picture."
        )
    else:
        other = [rest for place, rest in enumerate(to_item_mean(found.rests)) if place != heading]
        yield _(
            "There are two basins. On this side of the boundary the arrows lead to conflict {here}, on the other side "
            "to conflict {there}."
        ).format(
            here=number(to_item_mean(found.rests)[heading][0], 1),
            there=number(min(other, key=lambda rest: abs(rest[0] - to_item_mean(here)[0]))[0], 1),
        )
        yield from distance_to_boundary(found, here)
        if end.alone:
            yield _(
                "In the long run, when closeness, security and self-image have followed, every start ends in the same "
                "place."
            )


def distance_to_boundary(found: Basins, here: Records) -> Iterator[str]:
    """Tell how far the boundary is off in conflict or, where more or less conflict does not cross it, in aggression."""
    sentences = (
        _("With this much aggression, the boundary lies at conflict {boundary}; now conflict is {now}."),
        _("With this much conflict, the boundary lies at aggression {boundary}; now aggression is {now}."),
    )
    for axis, sentence in enumerate(sentences):
        place = crossing(found, here, axis)
        if place is not None:
            boundary, now = to_item_mean(np.array([place, here[axis]]))
            yield sentence.format(boundary=number(boundary, 1), now=number(now, 1))
            return


def crossing(found: Basins, here: Records, axis: int) -> float | None:
    """Find the nearest boundary along one axis from `here`: conflict (0) or aggression (1); None if there is none."""
    places: list[float] = []
    for line in found.boundary:
        along, level = line[:, axis], line[:, 1 - axis] - here[1 - axis]
        across = (level[:-1] <= 0) != (level[1:] <= 0)
        share = level[:-1][across] / (level[:-1] - level[1:])[across]
        places += (along[:-1][across] + share * np.diff(along)[across]).tolist()
    return min(places, key=lambda place: abs(place - here[axis]), default=None)


def scores_of_place(place: Records) -> dict[str, str]:
    """Write the two scores of a place."""
    return {"conflict": number(place[0], 1), "aggression": number(place[1], 1)}
