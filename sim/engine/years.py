"""The compiled runner: the same school day as `sim.model`, for many classes at once.

It takes every equation from `sim.dynamics` and gives, bit for bit, the numbers of the agent-by-agent model. Classes
run in groups of `sim.engine.lanes.WIDTH`, side by side: at each step of the day every class of the group takes its own
next contact (of whichever child), so that the processor works on all of them with the same instructions. Children are
copied from their records into lanes and back; nothing of one class ever reaches another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim import dynamics as d
from sim.compiled import check_equations, compiled, kernel, outer
from sim.engine.hooks import PLAN_DTYPE, call_hook, set_day
from sim.engine.lanes import WIDTH, child_lane, parameter_lane, teacher_lane
from sim.luck import Stream, address, key, normal, thirds, uniform
from sim.parameters import PARAMETERS_DTYPE
from sim.population import Drawn
from sim.state import CHILD_DTYPE, CONTACT_DTYPE, COUNTED, PLAY_DTYPE, TEACHER_DTYPE, ClassState, Record, Records
from sim.target import choose

if TYPE_CHECKING:
    from sim.calendar import Calendar
    from sim.interventions import Intervention

__all__ = ["Classes", "Evenings", "Log", "exchange", "run", "years"]

MOODS, CONTACTS, TONES = int(Stream.MOODS), int(Stream.CONTACTS), int(Stream.TONES)
PLAY, INTERVENTIONS = int(Stream.PLAY), int(Stream.INTERVENTIONS)

# Rows of the lanes: a child, a playmate, the teacher, the parameters, what a step takes and what it gives.
CHILD_NAMES: tuple[str, ...] = CHILD_DTYPE.names or ()
CHILD_FIELDS, TEACHER_FIELDS = len(CHILD_NAMES), len(TEACHER_DTYPE.names or ())
PARAMETERS = len(PARAMETERS_DTYPE.names or ())
CHILD_AT = 0
PLAYMATE_AT = CHILD_FIELDS * WIDTH
TEACHER_AT = PLAYMATE_AT + CHILD_FIELDS * WIDTH
PARAMETERS_AT = TEACHER_AT + TEACHER_FIELDS * WIDTH
STEP_AT = PARAMETERS_AT + PARAMETERS * WIDTH
ANSWERED, KIND, WAITED, DRAW = (STEP_AT + row * WIDTH for row in range(4))
TIME = WAITED
TONE, PERCEIVED, RESPONSE, FELT = (STEP_AT + row * WIDTH for row in range(4, 8))
LIKED, LIKED_BACK, ACCEPTED = (STEP_AT + row * WIDTH for row in range(8, 11))
SEEK, BEGIN, MISBEHAVE, RATE, CHANCE, TOTAL, COUNT = (STEP_AT + row * WIDTH for row in range(11, 18))
LANES_SIZE = STEP_AT + 18 * WIDTH
# Rows of whole numbers: whose turn it is in each class (-1: nobody's), the how-manieth, and keys of luck.
WHO, WHICH, FIRST_KEY, SECOND_KEY = range(4)

# What is copied: ranges of fields that lie side by side (see `sim.state.CHILD`).
CONTACT_READS = CHILD_NAMES.index("security"), CHILD_NAMES.index("session_lead") + 1
CONTACT_CHANGES = CHILD_NAMES.index("aggression"), CHILD_NAMES.index("norms") + 1
PLAY_READS = CHILD_NAMES.index("mood"), CHILD_NAMES.index("stress") + 1
PLAY_CHANGES = CHILD_NAMES.index("self_social"), CHILD_NAMES.index("stress") + 1
MORNING_READS = CHILD_NAMES.index("security"), CHILD_NAMES.index("felt_security") + 1
MORNING_CHANGES = CHILD_NAMES.index("mood"), CHILD_NAMES.index("stress") + 1
EVENING_READS = 0, CHILD_NAMES.index("achievement") + 1
EVENING_CHANGES = CHILD_NAMES.index("self_social"), CHILD_NAMES.index("achievement") + 1

BUCKETS = 512


class Classes(NamedTuple):
    """Classes of one size and calendar, as they are before the first day; shapes for c classes of n children.

    The records are changed in place.
    """

    children: Records
    """Records of `sim.state.CHILD_DTYPE`, shape (c, n)."""
    teachers: Records
    """Records of `sim.state.TEACHER_DTYPE`, shape (c,)."""
    liked: Records
    """Liking, shape (c, n, n): class, who is liked, who likes."""
    affinity: Records
    """What liking returns to, in the same order."""
    parameters: Records
    """Records of `sim.parameters.PARAMETERS_DTYPE`, shape (c,)."""
    seeds: Records
    """Root seeds, shape (c,), whole numbers."""
    numbers: Records
    """Which class of its seed, shape (c,), whole numbers."""
    plans: Records
    """Interventions: records of `sim.engine.hooks.PLAN_DTYPE`, shape (c, m)."""
    named: Records
    """Children whom an intervention names, shape (c, m, n), -1 where there are fewer."""
    chosen: Records
    """Filled: the children whom each intervention is for, shape (c, m, n), -1 where there are fewer."""
    hooks: Records
    """Addresses of what each intervention does, shape (m,)."""
    nights: Records
    """Nights before each school day, shape (days + 1,)."""


class Evenings(NamedTuple):
    """What is kept of classes on s evenings."""

    slots: Records
    """Shape (days + 1,): where the evening of a day is kept, -1 where it is not."""
    children: Records
    """Shape (c, s, n)."""
    teachers: Records
    """Shape (c, s)."""
    acceptance: Records
    """Shape (c, s, n)."""
    counts: Records
    """What `sim.state.COUNTED` names, so far; shape (c, s, counted, n)."""
    liking: Records
    """Shape (c, s or 0, n, n), single precision: who likes, who is liked."""


class Log(NamedTuple):
    """Every contact and every bout of play of one class."""

    contacts: Records
    play: Records


class Desk(NamedTuple):
    """What a group of classes needs while it runs; lane k is class ``first + k``."""

    lanes: Records
    turns: Records
    when: Records
    whose: Records
    which: Records
    order: Records
    times: Records
    starts: Records
    totals: Records
    weights: Records
    counts: Records
    kind: Records
    whether: Records
    contacts: Records
    met: Records
    partner: Records
    tones: Records


# --- One contact and one bout of play, on all lanes -----------------------------------------------------


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


@kernel
def attended(lanes: Records, turns: Records) -> None:
    """The next bid of every class: whether the teacher answers it."""
    for k in range(turns.shape[1]):
        teacher, p = teacher_lane(lanes, TEACHER_AT + k), parameter_lane(lanes, PARAMETERS_AT + k)
        answered = False
        if turns[WHO, k] >= 0:
            _, setting, _ = setting_of(lanes[KIND + k])
            answered = d.attend(teacher, lanes[WAITED + k], setting, lanes[DRAW + k], p)
        lanes[ANSWERED + k] = 1.0 if answered else 0.0


@kernel
def exchanges(lanes: Records, turns: Records) -> None:
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


@kernel
def bouts(lanes: Records, turns: Records) -> None:
    """The next bout of play of every class."""
    for k in range(turns.shape[1]):
        child, playmate = child_lane(lanes, CHILD_AT + k), child_lane(lanes, PLAYMATE_AT + k)
        teacher, p = teacher_lane(lanes, TEACHER_AT + k), parameter_lane(lanes, PARAMETERS_AT + k)
        i, first = turns[WHO, k], turns[WHICH, k] * d.DRAWS_PER_BOUT
        stream = np.uint64(turns[FIRST_KEY, k])
        luck = normal(stream, address(i, first + d.BOUT_TONE))
        luck_of_playmate = normal(stream, address(i, first + d.BOUT_ANSWER))
        liked, liked_back = lanes[LIKED + k], lanes[LIKED_BACK + k]
        tone = d.play_tone(child, liked, 0.0, luck, p)
        answer = d.play_tone(playmate, liked_back, tone, luck_of_playmate, p)
        if i >= 0:
            lanes[LIKED + k] = d.liking_learns(liked, teacher, answer, p)
            d.play_learns(child, tone, answer, p)
            lanes[LIKED_BACK + k] = d.liking_learns(liked_back, teacher, tone, p)
            d.play_learns(playmate, answer, tone, p)
        lanes[TONE + k], lanes[RESPONSE + k] = tone, answer


@kernel
def nights(lanes: Records, turns: Records, count: int) -> None:
    """Nights of one child of every class, and its mood of the new day."""
    for _ in range(count):
        for k in range(turns.shape[1]):
            d.child_rests(child_lane(lanes, CHILD_AT + k), parameter_lane(lanes, PARAMETERS_AT + k))
    for k in range(turns.shape[1]):
        luck = normal(np.uint64(turns[FIRST_KEY, k]), address(turns[WHO, k], 0))
        d.child_arrives(child_lane(lanes, CHILD_AT + k), luck, parameter_lane(lanes, PARAMETERS_AT + k))


@kernel
def evenings(lanes: Records, turns: Records) -> None:
    """Learning, and the slow return of every memory, for one child of every class."""
    for k in range(turns.shape[1]):
        child, teacher = child_lane(lanes, CHILD_AT + k), teacher_lane(lanes, TEACHER_AT + k)
        p = parameter_lane(lanes, PARAMETERS_AT + k)
        d.child_studies(child, lanes[ACCEPTED + k], p)
        d.child_settles(child, teacher, p)


# --- Between records and lanes ---------------------------------------------------------------------------


@compiled
def load(lanes: Records, at: int, values: Records, c: int, i: int, k: int, fields: tuple[int, int]) -> None:
    """Copy a range of fields of child `i` of class `c` into lane `k`."""
    for field in range(fields[0], fields[1]):
        lanes[at + field * WIDTH + k] = values[c, i, field]


@compiled
def store(lanes: Records, at: int, values: Records, c: int, i: int, k: int, fields: tuple[int, int]) -> None:
    """Copy a range of fields of child `i` of class `c` back from lane `k`."""
    for field in range(fields[0], fields[1]):
        values[c, i, field] = lanes[at + field * WIDTH + k]


@compiled
def load_teachers(lanes: Records, teachers: Records, first: int) -> None:
    """Copy the teachers' fields into lanes; `teachers` has shape (c, fields)."""
    for k in range(min(WIDTH, teachers.shape[0] - first)):
        for field in range(TEACHER_FIELDS):
            lanes[TEACHER_AT + field * WIDTH + k] = teachers[first + k, field]


@compiled
def store_teachers(lanes: Records, teachers: Records, first: int) -> None:
    """Copy the teachers' fields back."""
    for k in range(min(WIDTH, teachers.shape[0] - first)):
        for field in range(TEACHER_FIELDS):
            teachers[first + k, field] = lanes[TEACHER_AT + field * WIDTH + k]


# --- The steps of a day ----------------------------------------------------------------------------------


@kernel
def arrive(classes: Classes, values: Records, desk: Desk, first: int, day: int) -> None:
    """Step: moods of the day, recovery of stress."""
    n, count = classes.children.shape[1], classes.nights[day]
    width = min(WIDTH, classes.children.shape[0] - first)
    for k in range(width):
        desk.turns[FIRST_KEY, k] = np.int64(key(classes.seeds[first + k], classes.numbers[first + k], MOODS, day))
    for i in range(n):
        for k in range(width):
            desk.turns[WHO, k] = i
            load(desk.lanes, CHILD_AT, values, first + k, i, k, MORNING_READS)
        nights(desk.lanes, desk.turns, count)
        for k in range(width):
            store(desk.lanes, CHILD_AT, values, first + k, i, k, MORNING_CHANGES)
    for k in range(width):
        teacher, p = classes.teachers[first + k], classes.parameters[first + k]
        luck = normal(np.uint64(desk.turns[FIRST_KEY, k]), address(n, 0))
        for _ in range(count):
            d.teacher_rests(teacher, p)
        d.teacher_arrives(teacher, luck, p)


@kernel
def prepare(classes: Classes, first: int, day: int) -> None:
    """Step: interventions say what is in force today."""
    for c in range(first, min(first + WIDTH, classes.children.shape[0])):
        children, teacher = classes.children[c], classes.teachers[c]
        d.clear_levers(children, teacher)
        for j in range(classes.hooks.shape[0]):
            plan = classes.plans[c, j]
            if day < plan.first_day:
                continue
            set_day(plan, day)
            chosen = classes.chosen[c, j]
            if day == plan.first_day:
                choose(children, classes.liked[c].T, int(plan.rule), int(plan.count), classes.named[c, j], chosen)
            for place in range(chosen.shape[0]):
                if chosen[place] < 0 or (plan.whole_class > 0.0 and place > 0):
                    break
                call_hook(
                    classes.hooks[j],
                    children,
                    classes.teachers[c : c + 1],
                    chosen[place],
                    classes.plans[c, j : j + 1],
                    classes.parameters[c : c + 1],
                )


@compiled
def in_order(when: Records, order: Records, times: Records, starts: Records) -> None:
    """Order of times in [0, 1), and the times in that order; equal times keep theirs.

    Into buckets, which hold about one each, then by insertion.
    """
    for bucket in range(BUCKETS + 1):
        starts[bucket] = 0
    for event in range(when.shape[0]):
        starts[int(when[event] * BUCKETS) + 1] += 1
    for bucket in range(BUCKETS):
        starts[bucket + 1] += starts[bucket]
    for event in range(when.shape[0]):
        time = when[event]
        bucket = int(time * BUCKETS)
        place = starts[bucket]
        order[place], times[place], starts[bucket] = event, time, place + 1
    for place in range(1, when.shape[0]):
        time, event, before = times[place], order[place], place - 1
        while before >= 0 and times[before] > time:
            times[before + 1], order[before + 1] = times[before], order[before]
            before -= 1
        times[before + 1], order[before + 1] = time, event


@kernel
def numbers_of_bids(lanes: Records, turns: Records) -> None:
    """How often one child of every class comes into view today; all lanes count as far as the largest number."""
    for k in range(turns.shape[1]):
        child, teacher = child_lane(lanes, CHILD_AT + k), teacher_lane(lanes, TEACHER_AT + k)
        seek, begin, misbehave = d.bid_rates(child, teacher, parameter_lane(lanes, PARAMETERS_AT + k))
        lanes[SEEK + k], lanes[BEGIN + k], lanes[MISBEHAVE + k] = seek, begin, misbehave
        lanes[RATE + k] = seek + begin + misbehave
        place = address(turns[WHO, k], d.NUMBER_OF_BIDS)
        lanes[DRAW + k] = uniform(np.uint64(turns[FIRST_KEY, k]), place)
    for k in range(turns.shape[1]):
        lanes[CHANCE + k] = math.exp(-lanes[RATE + k])
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
def chances(lanes: Records, turns: Records, bid: int) -> None:
    """Time, kind and chance of an answer of the `bid`-th bid of one child of every class."""
    for k in range(turns.shape[1]):
        child, p = child_lane(lanes, CHILD_AT + k), parameter_lane(lanes, PARAMETERS_AT + k)
        stream, place = np.uint64(turns[FIRST_KEY, k]), address(turns[WHO, k], bid * d.DRAWS_PER_BID)
        what, who_sees, whether = thirds(stream, place + d.BID_CHANCES)
        initiator, setting = d.occasion(lanes[SEEK + k], lanes[BEGIN + k], lanes[MISBEHAVE + k], what, p)
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


@kernel
def bids_of_day(classes: Classes, values: Records, desk: Desk, first: int, width: int, day: int) -> None:
    """All bids of today, as they are decided in the morning: whose, when, what about, who sees it; in order."""
    turns, lanes = desk.turns, desk.lanes
    for k in range(width):
        c = first + k
        turns[FIRST_KEY, k] = np.int64(key(classes.seeds[c], classes.numbers[c], CONTACTS, day))
        turns[SECOND_KEY, k] = np.int64(key(classes.seeds[c], classes.numbers[c], TONES, day))
        desk.totals[k] = 0
    for i in range(classes.children.shape[1]):
        for k in range(width):
            turns[WHO, k] = i
            load(lanes, CHILD_AT, values, first + k, i, k, CONTACT_READS)
        numbers_of_bids(lanes, turns)
        for k in range(width):
            desk.met[k] = int(lanes[COUNT + k])
        for bid in range(most(desk.met)):
            chances(lanes, turns, bid)
            for k in range(width):
                if bid < desk.met[k]:
                    event = desk.totals[k] + bid
                    desk.whose[k, event], desk.which[k, event] = i, bid
                    desk.when[k, event], desk.kind[k, event] = lanes[TIME + k], lanes[KIND + k]
                    desk.whether[k, event] = lanes[DRAW + k]
        for k in range(width):
            desk.totals[k] += desk.met[k]
    for k in range(width):
        in_order(desk.when[k, : desk.totals[k]], desk.order[k], desk.times[k], desk.starts)


@kernel
def answered_of_day(desk: Desk, width: int) -> None:
    """Which of today's bids the teacher answers; `desk.order` and `desk.totals` become those of contacts."""
    lanes, turns, met = desk.lanes, desk.turns, desk.met
    for k in range(WIDTH):
        met[k] = 0
    for step in range(most(desk.totals)):
        for k in range(width):
            turns[WHO, k] = -1
            if step < desk.totals[k]:
                event = desk.order[k, step]
                before = desk.times[k, step - 1] if step > 0 else 0.0
                turns[WHO, k] = desk.whose[k, event]
                lanes[WAITED + k] = desk.times[k, step] - before
                lanes[KIND + k], lanes[DRAW + k] = desk.kind[k, event], desk.whether[k, event]
        attended(lanes, turns)
        for k in range(width):
            desk.contacts[k, met[k]] = desk.order[k, step]
            met[k] += 1 if lanes[ANSWERED + k] > 0.0 else 0


@compiled
def most(totals: Records) -> int:
    """The largest of some whole numbers."""
    largest = 0
    for total in totals:
        largest = max(largest, total)
    return largest


@kernel
def contacts(
    classes: Classes, values: Records, teachers: Records, desk: Desk, first: int, day: int, log: Records, count: int
) -> int:
    """Step: the day's contacts in the order of their times; adds those of the first class to `log`."""
    width = min(WIDTH, classes.children.shape[0] - first)
    load_teachers(desk.lanes, teachers, first)
    bids_of_day(classes, values, desk, first, width, day)
    answered_of_day(desk, width)
    count = meet(classes, values, desk, first, day, log, count)
    store_teachers(desk.lanes, teachers, first)
    return count


@kernel
def meet(classes: Classes, values: Records, desk: Desk, first: int, day: int, log: Records, count: int) -> int:
    """The contacts that wait in `desk`, in their order; adds those of the first class to `log`."""
    width = min(WIDTH, classes.children.shape[0] - first)
    lanes, turns = desk.lanes, desk.turns
    for step in range(most(desk.met)):
        for k in range(width):
            turns[WHO, k], lanes[ANSWERED + k] = -1, 0.0
            if step < desk.met[k]:
                event = desk.contacts[k, step]
                turns[WHO, k], turns[WHICH, k] = desk.whose[k, event], desk.which[k, event]
                lanes[ANSWERED + k], lanes[KIND + k] = 1.0, desk.kind[k, event]
                load(lanes, CHILD_AT, values, first + k, turns[WHO, k], k, CONTACT_READS)
        exchanges(lanes, turns)
        for k in range(width):
            if turns[WHO, k] >= 0:
                finish_contact(classes, values, desk, first, k)
                if log.shape[0] > 0:
                    enter(log, count, day, desk.when[k, desk.contacts[k, step]], lanes, turns)
                    count += 1
    return count


@compiled
def finish_contact(classes: Classes, values: Records, desk: Desk, first: int, k: int) -> None:
    """Copy the child back, count the contact, and let classmates take the teacher's tone as a reference."""
    c, i, lanes = first + k, desk.turns[WHO, k], desk.lanes
    store(lanes, CHILD_AT, values, c, i, k, CONTACT_CHANGES)
    begun, setting, public = setting_of(lanes[KIND + k])
    counts, response = desk.counts[k], lanes[RESPONSE + k]
    counts[0, i] += 1.0
    counts[1, i] += 1.0 if setting == d.DISCIPLINE else 0.0
    counts[2, i] += 0.0 if begun else 1.0
    counts[4, i] += response
    if public:
        counts[3, i] += d.positive(response)
        be_seen(classes, c, i, response)


@compiled
def be_seen(classes: Classes, c: int, i: int, response: float) -> None:
    """Classmates take the teacher's tone towards child `i` as a reference for how much to like it."""
    p, liked, children = classes.parameters[c], classes.liked, classes.children
    if response > 0.0 or response < -p.derogation_threshold:
        weight = p.reference_familiar
        for witness in range(children.shape[1]):
            liked[c, i, witness] = d.witnessed(
                liked[c, i, witness], children[c, witness].closeness, response, weight, p
            )
        liked[c, i, i] = 0.0


@compiled
def enter(log: Records, row: int, day: int, time: float, lanes: Records, turns: Records) -> None:
    """Write the contact of the first lane into row `row` of the log."""
    entry = log[row]
    entry.day, entry.time, entry.child = day, time, turns[WHO, 0]
    begun, setting, public = setting_of(lanes[KIND])
    entry.initiator, entry.setting, entry.public = d.TEACHER if begun else d.CHILD, int(setting), public
    entry.tone, entry.perceived = lanes[TONE], lanes[PERCEIVED]
    entry.response, entry.felt = lanes[RESPONSE], lanes[FELT]


@kernel
def bouts_of_day(classes: Classes, desk: Desk, first: int, k: int, day: int) -> None:
    """All bouts of play of one class today: times and their order; weights of playmates."""
    c = first + k
    n, per_child = classes.children.shape[1], int(classes.parameters[c].play_bouts)
    stream = key(classes.seeds[c], classes.numbers[c], PLAY, day)
    desk.turns[FIRST_KEY, k] = np.int64(stream)
    d.playmate_weights(classes.children[c], classes.liked[c].T, classes.parameters[c], desk.weights[k])
    for i in range(n):
        for bout in range(per_child):
            event = i * per_child + bout
            desk.when[k, event] = uniform(stream, address(i, bout * d.DRAWS_PER_BOUT + d.BOUT_TIME))
            desk.whose[k, event], desk.which[k, event] = i, bout
    desk.totals[k] = n * per_child
    in_order(desk.when[k, : n * per_child], desk.order[k], desk.times[k], desk.starts)


@kernel
def play(
    classes: Classes, values: Records, teachers: Records, desk: Desk, first: int, day: int, log: Records, count: int
) -> int:
    """Step: the day's play in the order of its times; adds that of the first class to `log`."""
    width = min(WIDTH, classes.children.shape[0] - first)
    for k in range(width):
        desk.tones[k], desk.met[k] = 0.0, 0
        bouts_of_day(classes, desk, first, k, day)
    lanes, turns = desk.lanes, desk.turns
    load_teachers(lanes, teachers, first)
    for step in range(most(desk.totals)):
        for k in range(width):
            find_playmate(classes, values, desk, first, k, step)
        bouts(lanes, turns)
        for k in range(width):
            if turns[WHO, k] >= 0:
                finish_bout(classes, values, desk, first, k)
                if log.shape[0] > 0:
                    entry = log[count]
                    entry.day, entry.time = day, desk.times[k, step]
                    entry.child, entry.partner = turns[WHO, k], desk.partner[k]
                    entry.tone, entry.partner_tone = lanes[TONE], lanes[RESPONSE]
                    count += 1
    for k in range(width):
        if desk.met[k] > 0:
            classes.teachers[first + k].play_climate = desk.tones[k] / (2 * desk.met[k])
    return count


@compiled
def find_playmate(classes: Classes, values: Records, desk: Desk, first: int, k: int, step: int) -> None:
    """Bring the children of the next bout of one class into its lane."""
    lanes, turns, c = desk.lanes, desk.turns, first + k
    turns[WHO, k] = -1
    if step >= desk.totals[k]:
        return
    event = desk.order[k, step]
    i, bout = desk.whose[k, event], desk.which[k, event]
    place = address(i, bout * d.DRAWS_PER_BOUT + d.BOUT_PARTNER)
    j = d.choose(desk.weights[k], i, uniform(np.uint64(turns[FIRST_KEY, k]), place))
    if j < 0:
        return
    turns[WHO, k], turns[WHICH, k], desk.partner[k] = i, bout, j
    load(lanes, CHILD_AT, values, c, i, k, PLAY_READS)
    load(lanes, PLAYMATE_AT, values, c, j, k, PLAY_READS)
    lanes[LIKED + k], lanes[LIKED_BACK + k] = classes.liked[c, j, i], classes.liked[c, i, j]


@compiled
def finish_bout(classes: Classes, values: Records, desk: Desk, first: int, k: int) -> None:
    """Copy the two children back."""
    lanes, c, i, j = desk.lanes, first + k, desk.turns[WHO, k], desk.partner[k]
    store(lanes, CHILD_AT, values, c, i, k, PLAY_CHANGES)
    store(lanes, PLAYMATE_AT, values, c, j, k, PLAY_CHANGES)
    classes.liked[c, j, i], classes.liked[c, i, j] = lanes[LIKED + k], lanes[LIKED_BACK + k]
    desk.tones[k] += lanes[TONE + k] + lanes[RESPONSE + k]
    desk.met[k] += 1


@kernel
def learn(classes: Classes, values: Records, teachers: Records, desk: Desk, first: int) -> None:
    """Step: engagement, achievement, and the slow return of every memory."""
    width = min(WIDTH, classes.children.shape[0] - first)
    load_teachers(desk.lanes, teachers, first)
    for k in range(width):
        liking, accepted = classes.liked[first + k].T, desk.weights[k, 0]
        for i in range(classes.children.shape[1]):
            accepted[i] = d.acceptance(liking, i)
    for i in range(classes.children.shape[1]):
        for k in range(width):
            load(desk.lanes, CHILD_AT, values, first + k, i, k, EVENING_READS)
            desk.lanes[ACCEPTED + k] = desk.weights[k, 0, i]
        evenings(desk.lanes, desk.turns)
        for k in range(width):
            store(desk.lanes, CHILD_AT, values, first + k, i, k, EVENING_CHANGES)
    for c in range(first, first + width):
        d.liking_settles(classes.liked[c].T, classes.affinity[c].T, classes.parameters[c])


@kernel
def intervene(
    classes: Classes, values: Records, teachers: Records, desk: Desk, first: int, day: int, log: Records, count: int
) -> int:
    """Step: one-to-one sessions that are due, after class; adds those of the first class to `log`."""
    for k in range(min(WIDTH, classes.children.shape[0] - first)):
        sessions_of_day(classes, desk, first + k, k, day)
    if most(desk.met) == 0:
        return count
    load_teachers(desk.lanes, teachers, first)
    count = meet(classes, values, desk, first, day, log, count)
    store_teachers(desk.lanes, teachers, first)
    return count


@compiled
def sessions_of_day(classes: Classes, desk: Desk, c: int, k: int, day: int) -> None:
    """The exchanges of today's sessions of one class, one after the other."""
    total = 0
    for i in range(classes.children.shape[1]):
        for which in range(d.exchanges(classes.children[c, i], classes.parameters[c])):
            desk.whose[k, total], desk.which[k, total], desk.contacts[k, total] = i, which, total
            desk.kind[k, total], desk.when[k, total] = kind_of(d.TEACHER, d.SESSION, False), 1.0
            total += 1
    desk.met[k] = total
    desk.turns[SECOND_KEY, k] = np.int64(key(classes.seeds[c], classes.numbers[c], INTERVENTIONS, day))


@outer
def record(classes: Classes, desk: Desk, first: int, day: int, kept: Evenings) -> None:
    """Step: the state of the evening is kept, where it was asked for."""
    slot = kept.slots[day]
    if slot < 0:
        return
    for k in range(min(WIDTH, classes.children.shape[0] - first)):
        c = first + k
        kept.children[c, slot] = classes.children[c]
        kept.teachers[c, slot] = classes.teachers[c]
        kept.counts[c, slot] = desk.counts[k]
        liking = classes.liked[c].T
        for i in range(classes.children.shape[1]):
            kept.acceptance[c, slot, i] = d.acceptance(liking, i)
        if kept.liking.shape[1] > 0:
            kept.liking[c, slot] = liking


@outer
def room(log: Records, count: int, needed: int) -> Records:
    """The log, or a longer copy of it where fewer than `needed` rows are free."""
    if log.shape[0] == 0 or count + needed <= log.shape[0]:
        return log
    longer = np.zeros(2 * (count + needed), log.dtype)
    longer[:count] = log[:count]
    return longer


@outer
def years(classes: Classes, values: Records, teachers: Records, kept: Evenings, log: Log, width: int) -> Log:
    """Run classes for a school year, group after group.

    Parameters
    ----------
    classes
        The classes; changed in place.
    values, teachers
        The same records as plain numbers, shapes (c, n, fields) and (c, fields).
    kept
        Filled with what is kept.
    log
        Where the contacts of the class go, if there is one class only; empty arrays: nowhere.
    width
        `WIDTH`; as an argument, so that loops over lanes become vector instructions instead of copies.

    Returns
    -------
    Log
        What `log` has become.
    """
    c, n = classes.children.shape
    longest = 1
    for entry in range(c):
        longest = max(longest, n * max(d.MOST_BIDS, int(classes.parameters[entry].play_bouts)))
    desk = Desk(
        lanes=np.zeros(LANES_SIZE),
        turns=np.zeros((4, width), np.int64),
        when=np.empty((WIDTH, longest)),
        whose=np.empty((WIDTH, longest), np.int64),
        which=np.empty((WIDTH, longest), np.int64),
        order=np.empty((WIDTH, longest), np.int64),
        times=np.empty((WIDTH, longest)),
        starts=np.empty(BUCKETS + 1, np.int64),
        totals=np.zeros(WIDTH, np.int64),
        weights=np.empty((WIDTH, n, n)),
        counts=np.zeros((WIDTH, len(COUNTED), n)),
        kind=np.empty((WIDTH, longest)),
        whether=np.empty((WIDTH, longest)),
        contacts=np.empty((WIDTH, longest), np.int64),
        met=np.zeros(WIDTH, np.int64),
        partner=np.zeros(WIDTH, np.int64),
        tones=np.zeros(WIDTH),
    )
    contact_log, play_log, met, played = log.contacts, log.play, 0, 0
    for first in range(0, c, WIDTH):
        for k in range(min(WIDTH, c - first)):
            p = classes.parameters[first + k : first + k + 1].view(np.float64)
            for field in range(PARAMETERS):
                desk.lanes[PARAMETERS_AT + field * WIDTH + k] = p[field]
        desk.turns[WHO, :] = -1
        desk.totals[:] = 0
        desk.counts[:] = 0
        record(classes, desk, first, 0, kept)
        for day in range(1, classes.nights.shape[0]):
            contact_log = room(contact_log, met, n * (d.MOST_BIDS + d.MOST_EXCHANGES))
            play_log = room(play_log, played, longest)
            arrive(classes, values, desk, first, day)
            if classes.hooks.shape[0] > 0:
                prepare(classes, first, day)
            met = contacts(classes, values, teachers, desk, first, day, contact_log, met)
            played = play(classes, values, teachers, desk, first, day, play_log, played)
            learn(classes, values, teachers, desk, first)
            if classes.hooks.shape[0] > 0:
                met = intervene(classes, values, teachers, desk, first, day, contact_log, met)
            record(classes, desk, first, day, kept)
    return Log(contact_log[:met], play_log[:played])


# --- From Python -----------------------------------------------------------------------------------------


def gather(states: Sequence[ClassState], interventions: Sequence[Intervention]) -> Classes:
    """Classes side by side, in arrays of their own; all have the names and calendar of the first."""
    drawn = Drawn(
        names=states[0].names,
        children=np.stack([state.children for state in states]),
        teachers=np.concatenate([state.teacher for state in states]),
        affinity=np.stack([state.affinity.T for state in states]),
    )
    parameters = np.concatenate([state.parameters.record() for state in states])
    seeds, numbers = [state.seed for state in states], [state.number for state in states]
    classes = with_interventions(drawn, parameters, states[0].calendar, seeds, numbers, interventions)
    return classes._replace(liked=np.stack([state.liking.T for state in states]))


def with_interventions(
    drawn: Drawn,
    parameters: Records,
    calendar: Calendar,
    seeds: Sequence[int],
    numbers: Sequence[int],
    interventions: Sequence[Intervention],
) -> Classes:
    """Drawn classes, ready to run; `parameters` has shape (c,), seeds and numbers have length c.

    Raises
    ------
    ValueError
        For an intervention that has no compiled form.
    """
    c, n = drawn.children.shape
    for intervention in interventions:
        if not intervention.is_compiled():
            raise ValueError(f"{intervention.name}: has no compiled form")
    plans, named = np.zeros((c, len(interventions)), PLAN_DTYPE), np.full((c, len(interventions), n), -1)
    for j, intervention in enumerate(interventions):
        plans[:, j] = intervention.planned(calendar.days_per_week)
        named[:, j] = intervention.target.named(drawn.names)
    return Classes(
        children=drawn.children,
        teachers=drawn.teachers,
        liked=drawn.affinity.copy(),
        affinity=drawn.affinity,
        parameters=parameters,
        seeds=np.array(seeds),
        numbers=np.array(numbers),
        plans=plans,
        named=named,
        chosen=np.full((c, len(interventions), n), -1),
        hooks=np.array([intervention.hook.address for intervention in interventions if intervention.hook], np.int64),
        nights=np.array(calendar.nights),
    )


def run(classes: Classes, days: Sequence[int], *, liking: bool = False, log: bool = False) -> tuple[Evenings, Log]:
    """Run classes for their school year; they are changed in place.

    Parameters
    ----------
    classes
        The classes.
    days
        School days of which the evening is kept, 0 for that before the first.
    liking
        Whether liking is kept, too.
    log
        Whether every contact and bout of play is kept; for one class only.

    Raises
    ------
    ValueError
        When the log of several classes is asked for.
    ReplacedError
        When an equation was replaced after others had been compiled.
    """
    check_equations()
    c, n = classes.children.shape
    if log and c != 1:
        raise ValueError(f"log: found {c} classes; allowed is 1")
    slots = np.full(len(classes.nights), -1)
    slots[list(days)] = np.arange(len(days))
    s = len(days)
    kept = Evenings(
        slots=slots,
        children=np.zeros((c, s, n), CHILD_DTYPE),
        teachers=np.zeros((c, s), TEACHER_DTYPE),
        acceptance=np.zeros((c, s, n)),
        counts=np.zeros((c, s, len(COUNTED), n)),
        liking=np.zeros((c, s if liking else 0, n, n), np.float32),
    )
    empty = Log(np.zeros(int(log), CONTACT_DTYPE), np.zeros(int(log), PLAY_DTYPE))
    values = classes.children.view(np.float64).reshape(c, n, -1)
    teachers = classes.teachers.view(np.float64).reshape(c, -1)
    return kept, years(classes, values, teachers, kept, empty, WIDTH)
