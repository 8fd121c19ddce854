"""Steps of contact: the day's contacts between teacher and children, and one-to-one sessions after class.

At each turn every class of the group takes its own next contact, of whichever child.
"""

from __future__ import annotations

import numpy as np

from sim import dynamics as d
from sim.compiled import compiled, kernel
from sim.engine.bids import draw_bids, kind_of, next_contact, setting_of
from sim.engine.group import LOGGED_CONTACTS, Group, most, set_keys
from sim.engine.lanes import child_lane, parameter_lane, teacher_lane
from sim.engine.layout import (
    ACTED,
    ANSWERED,
    CHILD_AT,
    CHILD_LUCK,
    CONTACT_CHANGES,
    CONTACT_READS,
    CONTINUATION,
    FELT,
    KIND,
    LEAD,
    PARAMETERS_AT,
    PERCEIVED,
    PUSH,
    REPAIR,
    RESPONSE,
    SECOND_KEY,
    SECOND_RESPONSE,
    SECOND_TONE,
    SEEN,
    SHOWN,
    TAKEN,
    TEACHER_AT,
    TEACHER_LUCK,
    TIME,
    TONE,
    WHICH,
    WHO,
    load,
    load_teachers,
    store,
    store_teachers,
)
from sim.luck import Stream, address, normal, quarters
from sim.state import COUNTED, Record, Records

TONES, INTERVENTIONS = np.int64(Stream.TONES), np.int64(Stream.INTERVENTIONS)
# Rows of what is counted.
ALL_CONTACTS, REPRIMANDS, SEEKING = COUNTED.index("contacts"), COUNTED.index("reprimands"), COUNTED.index("seeking")
WARMTH_SEEN, ALL_TONES = COUNTED.index("warmth_seen"), COUNTED.index("tones")
HOSTILE, HARSH, HARSH_TO_HOSTILE, PRAISES = (
    COUNTED.index(name) for name in ("hostile_acts", "harsh_answers", "harsh_to_hostile", "praises")
)
SESSIONS, HOSTILE_IN_SESSIONS = COUNTED.index("sessions"), COUNTED.index("hostile_in_sessions")
EVERY_TONE_TELLS = False
"""Whether classmates take every tone as a reference; by the model's own equation mild correction changes nothing."""


@kernel
def contacts(group: Group, day: int) -> None:
    """Step: the day's contacts in the order of their times."""
    load_teachers(group.space.lanes, group.plain.teachers, group.first)
    draw_bids(group, day)
    meet(group, day, TONES)
    store_teachers(group.space.lanes, group.plain.teachers, group.first)


@kernel
def hold_sessions(group: Group, day: int) -> None:
    """Step: one-to-one sessions that are due, after class."""
    if group.classes.hooks.shape[0] == 0:
        return
    for k in range(group.width):
        list_exchanges(group, k)
    if most(group.space.totals) > 0:
        load_teachers(group.space.lanes, group.plain.teachers, group.first)
        meet(group, day, INTERVENTIONS)
        store_teachers(group.space.lanes, group.plain.teachers, group.first)


@compiled
def list_exchanges(group: Group, k: int) -> None:
    """The exchanges of today's sessions of one class, one after the other."""
    classes, space, c, total = group.classes, group.space, group.first + k, 0
    for i in range(classes.children.shape[1]):
        for which in range(min(d.exchanges(classes.children[c, i], classes.parameters[c]), d.MOST_EXCHANGES)):
            space.whose[k, total], space.which[k, total], space.order[k, total] = i, which, total
            space.kind[k, total], space.when[k, total] = kind_of(d.TEACHER, d.SESSION, False), 1.0
            total += 1
    space.totals[k] = total


@kernel
def meet(group: Group, day: int, stream: np.int64) -> None:
    """The events that wait in the workspace, in their order, with tones from `stream` of luck; logged if wanted.

    Every class takes its next contact, wherever in its day that is.
    """
    values, space, log = group.plain.children, group.space, group.log.contacts
    lanes, turns, first = space.lanes, space.turns, group.first
    set_keys(group, turns[SECOND_KEY], stream, day)
    space.past[:] = 0
    while True:
        going = 0
        for k in range(group.width):
            event = next_contact(group, k)
            turns[WHO, k], lanes[ANSWERED + k] = -1, 0.0
            if event >= 0:
                going += 1
                turns[WHO, k], turns[WHICH, k] = space.whose[k, event], space.which[k, event]
                lanes[ANSWERED + k], lanes[KIND + k], lanes[TIME + k] = 1.0, space.kind[k, event], space.when[k, event]
                load(lanes, CHILD_AT, values, first + k, turns[WHO, k], k, CONTACT_READS)
        if going == 0:
            break
        exchange_lanes(lanes, turns)
        for k in range(group.width):
            if turns[WHO, k] >= 0:
                finish_contact(group, k)
                if log.shape[0] > 0:
                    write_contact(log, space.logged, day, lanes, turns)


@kernel
def exchange_lanes(lanes: Records, turns: Records) -> None:
    """The next contact of every class in which there is one; second turns only where one of them goes on."""
    going_on = 0
    for k in range(turns.shape[1]):
        child, teacher = child_lane(lanes, CHILD_AT + k), teacher_lane(lanes, TEACHER_AT + k)
        p = parameter_lane(lanes, PARAMETERS_AT + k)
        stream, first = np.uint64(turns[SECOND_KEY, k]), turns[WHICH, k] * d.DRAWS_PER_CONTACT
        child_luck = normal(stream, address(turns[WHO, k], first + d.CHILD_TONE))
        teacher_luck = normal(stream, address(turns[WHO, k], first + d.TEACHER_TONE))
        act, answer, continuation, repair = quarters(stream, address(turns[WHO, k], first + d.TURNS))
        _, setting, public = setting_of(lanes[KIND + k])
        met, push, _ = first_turns(child, teacher, setting, public, (child_luck, teacher_luck), (act, answer), p)
        lanes[TONE + k], lanes[PERCEIVED + k], lanes[RESPONSE + k], lanes[FELT + k] = met
        lanes[ACTED + k], lanes[SEEN + k], lanes[SHOWN + k], lanes[TAKEN + k] = met
        lanes[SECOND_TONE + k], lanes[SECOND_RESPONSE + k], lanes[PUSH + k] = 0.0, 0.0, push
        lanes[CHILD_LUCK + k], lanes[TEACHER_LUCK + k] = child_luck, teacher_luck
        lanes[CONTINUATION + k], lanes[REPAIR + k] = continuation, repair
        going_on += 1 if d.goes_on(met[0], met[2]) else 0
    if going_on > 0:
        second_lanes(lanes, turns)
    for k in range(turns.shape[1]):
        child, teacher = child_lane(lanes, CHILD_AT + k), teacher_lane(lanes, TEACHER_AT + k)
        p = parameter_lane(lanes, PARAMETERS_AT + k)
        begun, setting, public = setting_of(lanes[KIND + k])
        initiator = d.TEACHER if begun else d.CHILD
        if lanes[ANSWERED + k] > 0.0:
            whole = lanes[ACTED + k], lanes[SEEN + k], lanes[SHOWN + k], lanes[TAKEN + k]
            lanes[LEAD + k] = d.lead(child, teacher, initiator, setting, p)
            both_learn(child, teacher, initiator, setting, public, lanes[LEAD + k], whole, p)


@kernel
def second_lanes(lanes: Records, turns: Records) -> None:
    """Second turns of the contacts that go on."""
    for k in range(turns.shape[1]):
        child, teacher = child_lane(lanes, CHILD_AT + k), teacher_lane(lanes, TEACHER_AT + k)
        p = parameter_lane(lanes, PARAMETERS_AT + k)
        _, setting, public = setting_of(lanes[KIND + k])
        met = lanes[TONE + k], lanes[PERCEIVED + k], lanes[RESPONSE + k], lanes[FELT + k]
        luck, draws = (lanes[CHILD_LUCK + k], lanes[TEACHER_LUCK + k]), (lanes[CONTINUATION + k], lanes[REPAIR + k])
        second, _ = second_turns(child, teacher, setting, public, luck, draws, met, lanes[PUSH + k], p)
        on = d.goes_on(met[0], met[2])
        lanes[SECOND_TONE + k] = d.either(on, second[0], 0.0)
        lanes[SECOND_RESPONSE + k] = d.either(on, second[2], 0.0)
        lanes[ACTED + k] = d.as_a_whole(met[0], second[0], on)
        lanes[SEEN + k] = d.as_a_whole(met[1], second[1], on)
        lanes[SHOWN + k] = d.as_a_whole(met[2], second[2], on)
        lanes[TAKEN + k] = d.as_a_whole(met[3], second[3], on)


@compiled
def first_turns(
    child: Record,
    teacher: Record,
    setting: float,
    public: bool,
    luck: tuple[float, float],
    draws: tuple[float, float],
    p: Record,
) -> tuple[tuple[float, float, float, float], float, tuple[float, float]]:
    """Act and answer.

    Parameters
    ----------
    luck
        In the tones of child and teacher.
    draws
        Uniform numbers that decide whether the turns are hostile.

    Returns
    -------
    tuple
        Tone, perceived, response, felt; the child's push; the chances that the draws were compared with.
    """
    push = d.child_push(child, teacher, setting, p)
    tone = d.turn(push, draws[0], d.child_tone(child, setting, luck[0], p), luck[0], False, p)
    perceived = d.teacher_perceives(child, teacher, tone, p)
    pressed = d.teacher_push(child, teacher, perceived, setting, p)
    warm = d.teacher_tone(child, teacher, perceived, setting, public, luck[1], p)
    response = d.turn(pressed, draws[1], warm, luck[1], False, p)
    return (tone, perceived, response, d.child_perceives(child, response, p)), push, (d.chance(push), d.chance(pressed))


@compiled
def second_turns(
    child: Record,
    teacher: Record,
    setting: float,
    public: bool,
    luck: tuple[float, float],
    draws: tuple[float, float],
    met: tuple[float, float, float, float],
    push: float,
    p: Record,
) -> tuple[tuple[float, float, float, float], tuple[float, float]]:
    """Continuation and repair, after first turns of `met`; returns the same as these, and the chances."""
    tone, _, response, felt = met
    push_on = d.pushed_on(push, tone, felt, child.perceived_control, p)
    second = d.turn(push_on, draws[0], d.child_tone(child, setting, luck[0], p), luck[0], True, p)
    again = d.teacher_perceives(child, teacher, second, p)
    pressed = d.teacher_push(child, teacher, again, setting, p)
    pressed_on = d.pushed_on(pressed, response, again, teacher.reflective_functioning, p)
    warm = d.teacher_tone(child, teacher, again, setting, public, luck[1], p)
    closing = d.turn(pressed_on, draws[1], warm, luck[1], True, p)
    return (second, again, closing, d.child_perceives(child, closing, p)), (d.chance(push_on), d.chance(pressed_on))


@compiled
def both_learn(
    child: Record,
    teacher: Record,
    initiator: int,
    setting: float,
    public: bool,
    lead: float,
    whole: tuple[float, float, float, float],
    p: Record,
) -> None:
    """What a contact leaves, by its tones as a whole: acted, perceived, shown, felt."""
    acted, seen, shown, taken = whole
    d.dyad_learns(child, initiator, d.intimacy(child, setting, public, p), seen, shown, taken, p)
    d.teacher_learns(child, teacher, seen, p)
    d.child_learns(child, setting, acted, taken, p)
    d.child_is_guided(child, lead, taken, p)


@compiled
def finish_contact(group: Group, k: int) -> None:
    """Copy the child back, count the contact, and let classmates take the teacher's tone as a reference."""
    space, lanes, c, i = group.space, group.space.lanes, group.first + k, group.space.turns[WHO, k]
    store(lanes, CHILD_AT, group.plain.children, c, i, k, CONTACT_CHANGES)
    begun, setting, public = setting_of(lanes[KIND + k])
    counts, tone, response = space.counts[k], lanes[TONE + k], lanes[RESPONSE + k]
    counts[ALL_CONTACTS, i] += 1.0
    counts[REPRIMANDS, i] += 1.0 if setting == d.DISCIPLINE else 0.0
    counts[SEEKING, i] += 0.0 if begun else 1.0
    counts[ALL_TONES, i] += response
    hostile, harsh = 1.0 if tone < 0.0 else 0.0, 1.0 if response < 0.0 else 0.0
    if setting == d.SESSION:
        counts[SESSIONS, i] += 1.0
        counts[HOSTILE_IN_SESSIONS, i] += hostile
    else:
        counts[HOSTILE, i] += hostile
        counts[HARSH, i] += harsh
        counts[HARSH_TO_HOSTILE, i] += hostile * harsh
        counts[PRAISES, i] += 1.0 if setting == d.TASK and response >= d.PRAISE else 0.0
    if public:
        counts[WARMTH_SEEN, i] += d.positive(response)
        be_seen(group, c, i, lanes[SHOWN + k])


@compiled
def be_seen(group: Group, c: int, i: int, response: float) -> None:
    """Classmates take the teacher's tone towards child `i` as a reference for how much to like it."""
    p, liked, children = group.classes.parameters[c], group.classes.liked, group.classes.children
    if EVERY_TONE_TELLS or response > 0.0 or response < -p.derogation_threshold:
        weight = d.novelty(group.classes.teachers[c], p)
        for witness in range(children.shape[1]):
            liked[c, i, witness] = d.witnessed(
                liked[c, i, witness], children[c, witness].closeness, response, weight, p
            )
        liked[c, i, i] = 0.0


@compiled
def write_contact(log: Records, logged: Records, day: int, lanes: Records, turns: Records) -> None:
    """Write the contact of the first lane into the next row of the log."""
    entry = log[logged[LOGGED_CONTACTS]]
    entry.day, entry.time, entry.child = day, lanes[TIME], turns[WHO, 0]
    begun, setting, public = setting_of(lanes[KIND])
    entry.initiator, entry.setting, entry.public = d.TEACHER if begun else d.CHILD, int(setting), public
    entry.lead, entry.tone, entry.perceived = lanes[LEAD], lanes[TONE], lanes[PERCEIVED]
    entry.response, entry.felt = lanes[RESPONSE], lanes[FELT]
    entry.turns = 4 if d.goes_on(lanes[TONE], lanes[RESPONSE]) else 2
    entry.second_tone, entry.second_response = lanes[SECOND_TONE], lanes[SECOND_RESPONSE]
    logged[LOGGED_CONTACTS] += 1
