"""Steps of contact: the day's contacts between teacher and children, and one-to-one sessions after class.

At each turn every class of the group takes its own next contact, of whichever child.
"""

from __future__ import annotations

import numpy as np

from sim import dynamics as d
from sim.compiled import compiled, kernel
from sim.engine.bids import answer_bids, draw_bids, kind_of, setting_of
from sim.engine.group import LOGGED_CONTACTS, Group, most, set_keys
from sim.engine.lanes import child_lane, parameter_lane, teacher_lane
from sim.engine.layout import (
    ANSWERED,
    CHILD_AT,
    CONTACT_CHANGES,
    CONTACT_READS,
    FELT,
    KIND,
    PARAMETERS_AT,
    PERCEIVED,
    RESPONSE,
    SECOND_KEY,
    TEACHER_AT,
    TONE,
    WHICH,
    WHO,
    load,
    load_teachers,
    store,
    store_teachers,
)
from sim.luck import Stream, address, normal
from sim.state import COUNTED, Record, Records

TONES, INTERVENTIONS = int(Stream.TONES), int(Stream.INTERVENTIONS)
# Rows of what is counted.
ALL_CONTACTS, REPRIMANDS, SEEKING = COUNTED.index("contacts"), COUNTED.index("reprimands"), COUNTED.index("seeking")
WARMTH_SEEN, ALL_TONES = COUNTED.index("warmth_seen"), COUNTED.index("tones")


@kernel
def contacts(group: Group, day: int) -> None:
    """Step: the day's contacts in the order of their times."""
    load_teachers(group.space.lanes, group.plain.teachers, group.first)
    draw_bids(group, day)
    answer_bids(group)
    meet(group, day, TONES)
    store_teachers(group.space.lanes, group.plain.teachers, group.first)


@kernel
def hold_sessions(group: Group, day: int) -> None:
    """Step: one-to-one sessions that are due, after class."""
    if group.classes.hooks.shape[0] == 0:
        return
    for k in range(group.width):
        list_exchanges(group, k)
    if most(group.space.met) > 0:
        load_teachers(group.space.lanes, group.plain.teachers, group.first)
        meet(group, day, INTERVENTIONS)
        store_teachers(group.space.lanes, group.plain.teachers, group.first)


@compiled
def list_exchanges(group: Group, k: int) -> None:
    """The exchanges of today's sessions of one class, one after the other."""
    classes, space, c, total = group.classes, group.space, group.first + k, 0
    for i in range(classes.children.shape[1]):
        for which in range(d.exchanges(classes.children[c, i], classes.parameters[c])):
            space.whose[k, total], space.which[k, total], space.contacts[k, total] = i, which, total
            space.kind[k, total], space.when[k, total] = kind_of(d.TEACHER, d.SESSION, False), 1.0
            total += 1
    space.met[k] = total


@kernel
def meet(group: Group, day: int, stream: int) -> None:
    """The contacts that wait in the workspace, in their order, with tones from `stream` of luck; logged if wanted."""
    values, space, log = group.plain.children, group.space, group.log.contacts
    lanes, turns, first = space.lanes, space.turns, group.first
    set_keys(group, SECOND_KEY, stream, day)
    for step in range(most(space.met)):
        for k in range(group.width):
            turns[WHO, k], lanes[ANSWERED + k] = -1, 0.0
            if step < space.met[k]:
                event = space.contacts[k, step]
                turns[WHO, k], turns[WHICH, k] = space.whose[k, event], space.which[k, event]
                lanes[ANSWERED + k], lanes[KIND + k] = 1.0, space.kind[k, event]
                load(lanes, CHILD_AT, values, first + k, turns[WHO, k], k, CONTACT_READS)
        exchange_lanes(lanes, turns)
        for k in range(group.width):
            if turns[WHO, k] >= 0:
                finish_contact(group, k)
                if log.shape[0] > 0:
                    write_contact(log, space.logged, day, space.when[k, space.contacts[k, step]], lanes, turns)


@kernel
def exchange_lanes(lanes: Records, turns: Records) -> None:
    """The next contact of every class in which there is one."""
    for k in range(turns.shape[1]):
        child, teacher = child_lane(lanes, CHILD_AT + k), teacher_lane(lanes, TEACHER_AT + k)
        p = parameter_lane(lanes, PARAMETERS_AT + k)
        stream, first = np.uint64(turns[SECOND_KEY, k]), turns[WHICH, k] * d.DRAWS_PER_CONTACT
        child_luck = normal(stream, address(turns[WHO, k], first + d.CHILD_TONE))
        teacher_luck = normal(stream, address(turns[WHO, k], first + d.TEACHER_TONE))
        begun, setting, public = setting_of(lanes[KIND + k])
        initiator = d.TEACHER if begun else d.CHILD
        if lanes[ANSWERED + k] > 0.0:
            tone, perceived, response, felt = exchange(
                child, teacher, initiator, setting, public, child_luck, teacher_luck, p
            )
            lanes[TONE + k], lanes[PERCEIVED + k] = tone, perceived
            lanes[RESPONSE + k], lanes[FELT + k] = response, felt


@compiled
def exchange(
    child: Record,
    teacher: Record,
    initiator: int,
    setting: float,
    public: bool,
    child_luck: float,
    teacher_luck: float,
    p: Record,
) -> tuple[float, float, float, float]:
    """One contact as teacher and child live it, in the order of `sim.school_day.CONTACT`.

    Returns tone, perceived, response, felt.
    """
    tone = d.child_tone(child, setting, child_luck, p)
    perceived = d.teacher_perceives(child, teacher, tone, p)
    response = d.teacher_tone(child, teacher, perceived, setting, public, teacher_luck, p)
    felt = d.child_perceives(child, response, p)
    d.dyad_learns(child, initiator, d.intimacy(child, setting, public, p), perceived, response, felt, p)
    d.teacher_learns(child, teacher, perceived, p)
    d.child_learns(child, setting, tone, felt, p)
    return tone, perceived, response, felt


@compiled
def finish_contact(group: Group, k: int) -> None:
    """Copy the child back, count the contact, and let classmates take the teacher's tone as a reference."""
    space, lanes, c, i = group.space, group.space.lanes, group.first + k, group.space.turns[WHO, k]
    store(lanes, CHILD_AT, group.plain.children, c, i, k, CONTACT_CHANGES)
    begun, setting, public = setting_of(lanes[KIND + k])
    counts, response = space.counts[k], lanes[RESPONSE + k]
    counts[ALL_CONTACTS, i] += 1.0
    counts[REPRIMANDS, i] += 1.0 if setting == d.DISCIPLINE else 0.0
    counts[SEEKING, i] += 0.0 if begun else 1.0
    counts[ALL_TONES, i] += response
    if public:
        counts[WARMTH_SEEN, i] += d.positive(response)
        be_seen(group, c, i, response)


@compiled
def be_seen(group: Group, c: int, i: int, response: float) -> None:
    """Classmates take the teacher's tone towards child `i` as a reference for how much to like it."""
    p, liked, children = group.classes.parameters[c], group.classes.liked, group.classes.children
    if response > 0.0 or response < -p.derogation_threshold:
        weight = p.reference_familiar
        for witness in range(children.shape[1]):
            liked[c, i, witness] = d.witnessed(
                liked[c, i, witness], children[c, witness].closeness, response, weight, p
            )
        liked[c, i, i] = 0.0


@compiled
def write_contact(log: Records, logged: Records, day: int, time: float, lanes: Records, turns: Records) -> None:
    """Write the contact of the first lane into the next row of the log."""
    entry = log[logged[LOGGED_CONTACTS]]
    entry.day, entry.time, entry.child = day, time, turns[WHO, 0]
    begun, setting, public = setting_of(lanes[KIND])
    entry.initiator, entry.setting, entry.public = d.TEACHER if begun else d.CHILD, int(setting), public
    entry.tone, entry.perceived = lanes[TONE], lanes[PERCEIVED]
    entry.response, entry.felt = lanes[RESPONSE], lanes[FELT]
    logged[LOGGED_CONTACTS] += 1
