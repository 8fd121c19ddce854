"""Bids: what brings children into the teacher's view today, and what of it becomes a contact.

The bids of a day are decided in the morning, for one child of every class at a time; teachers answer them in the order
of their times.
"""

from __future__ import annotations

import numpy as np

from sim import dynamics as d
from sim.arithmetic import exponential
from sim.compiled import compiled, kernel
from sim.engine.group import Group, most, set_keys, sort_times
from sim.engine.lanes import child_lane, parameter_lane, teacher_lane
from sim.engine.layout import (
    BEGIN,
    CHANCE,
    CHILD_AT,
    CONTACT_READS,
    COUNT,
    DRAW,
    FIRST_KEY,
    KIND,
    MISBEHAVE,
    PARAMETERS_AT,
    RATE,
    SEEK,
    TEACHER_AT,
    TIME,
    TOTAL,
    WHO,
    load,
)
from sim.luck import Stream, address, thirds, uniform
from sim.state import Records

CONTACTS = np.int64(Stream.CONTACTS)


@kernel
def draw_bids(group: Group, day: int) -> None:
    """All bids of today, as they are decided in the morning: whose, when, what about, who sees it; in order."""
    classes, values, space, first = group.classes, group.plain.children, group.space, group.first
    turns, lanes = space.turns, space.lanes
    set_keys(group, turns[FIRST_KEY], CONTACTS, day)
    for k in range(group.width):
        space.totals[k] = 0
    for i in range(classes.children.shape[1]):
        for k in range(group.width):
            turns[WHO, k] = i
            load(lanes, CHILD_AT, values, first + k, i, k, CONTACT_READS)
        count_bids(lanes, turns)
        for k in range(group.width):
            space.met[k] = int(lanes[COUNT + k])
        for bid in range(most(space.met)):
            draw_bid(lanes, turns, bid)
            for k in range(group.width):
                if bid < space.met[k]:
                    event = space.totals[k] + bid
                    space.whose[k, event], space.which[k, event] = i, bid
                    space.when[k, event], space.kind[k, event] = lanes[TIME + k], lanes[KIND + k]
                    space.whether[k, event] = lanes[DRAW + k]
        for k in range(group.width):
            space.totals[k] += space.met[k]
    for k in range(group.width):
        sort_times(space.when[k, : space.totals[k]], space.order[k], space.times[k], space.starts)


@kernel
def count_bids(lanes: Records, turns: Records) -> None:
    """How often one child of every class comes into view today; all lanes count as far as the largest number."""
    for k in range(turns.shape[1]):
        child, teacher = child_lane(lanes, CHILD_AT + k), teacher_lane(lanes, TEACHER_AT + k)
        seek, begin, misbehave = d.bid_rates(child, teacher, parameter_lane(lanes, PARAMETERS_AT + k))
        lanes[SEEK + k], lanes[BEGIN + k], lanes[MISBEHAVE + k] = seek, begin, misbehave
        lanes[RATE + k] = seek + begin + misbehave
        place = address(turns[WHO, k], d.NUMBER_OF_BIDS)
        lanes[DRAW + k] = uniform(np.uint64(turns[FIRST_KEY, k]), place)
    for k in range(turns.shape[1]):
        lanes[CHANCE + k] = exponential(-lanes[RATE + k])
        lanes[TOTAL + k] = lanes[CHANCE + k]
        lanes[COUNT + k] = 0.0
    for count in range(1, d.MOST_BIDS + 1):
        going = 0
        for k in range(turns.shape[1]):
            more = lanes[DRAW + k] >= lanes[TOTAL + k]
            lanes[COUNT + k] = count if more else lanes[COUNT + k]
            lanes[CHANCE + k] = d.next_chance(lanes[CHANCE + k], lanes[RATE + k], count)
            lanes[TOTAL + k] += lanes[CHANCE + k]
            going += 1 if more else 0
        if going == 0:
            break


@kernel
def draw_bid(lanes: Records, turns: Records, bid: int) -> None:
    """Time, kind and chance of an answer of bid number `bid` of one child of every class."""
    for k in range(turns.shape[1]):
        child, p = child_lane(lanes, CHILD_AT + k), parameter_lane(lanes, PARAMETERS_AT + k)
        stream, place = np.uint64(turns[FIRST_KEY, k]), address(turns[WHO, k], bid * d.DRAWS_PER_BID)
        what, who_sees, whether = thirds(stream, place + d.BID_CHANCES)
        rates = lanes[SEEK + k], lanes[BEGIN + k], lanes[MISBEHAVE + k]
        initiator, setting = d.occasion(rates[0], rates[1], rates[2], child.outreach, what, p)
        lanes[KIND + k] = kind_of(initiator, setting, d.is_public(child.showcase, setting, who_sees, p))
        lanes[TIME + k], lanes[DRAW + k] = uniform(stream, place + d.BID_TIME), whether


@compiled
def kind_of(initiator: int, setting: int, public: bool) -> float:
    """Initiator, setting and place of a contact as one number; see `setting_of`."""
    return setting + (4.0 if initiator == d.TEACHER else 0.0) + (8.0 if public else 0.0)


@compiled
def setting_of(kind: float) -> tuple[bool, float, bool]:
    """Whether the teacher began, the setting, and whether it is public."""
    public = kind >= 8.0
    rest = kind - 8.0 if public else kind
    begun = rest >= 4.0
    return begun, rest - 4.0 if begun else rest, public


@compiled
def next_contact(group: Group, k: int) -> int:
    """Number of the next event of class `k` that becomes a contact; -1 when the day is over.

    On the way there children lose goodwill whom the teacher ignores. What is no bid, an exchange of a session, asks
    for nobody's attention.
    """
    space, c = group.space, group.first + k
    teacher, p = teacher_lane(space.lanes, TEACHER_AT + k), group.classes.parameters[c]
    while space.past[k] < space.totals[k]:
        step = space.past[k]
        event = int(space.order[k, step])
        space.past[k] = step + 1
        child = group.classes.children[c, space.whose[k, event]]
        _, setting, _ = setting_of(space.kind[k, event])
        if setting == d.SESSION:
            return event
        waited = space.times[k, step] - (space.times[k, step - 1] if step > 0 else 0.0)
        if d.attend(child, teacher, waited, setting, space.whether[k, event], p):
            return event
        d.is_ignored(child, setting, p)
    return -1
