"""The dynamics of one dyad, seen from above: expected weeks, loop gain, basins, phase portrait.

Everything is computed from the equations of `sim.dynamics` themselves: an expected day applies the very
functions of a contact and of a bout of play, averaged over luck and moods, to one child, while the class around it
(the teacher's stress, the classmates, how much the child clings) stays as it is. Every way that their turns can go
counts by its chance. There is no second copy of the model here. An expected day leaves out what fluctuations of the
states do to their mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numba import literal_unroll
from scipy import special

from sim import dynamics as d
from sim.arithmetic import exponential
from sim.compiled import compiled, outer
from sim.engine import contacts, play
from sim.engine.equations import in_force
from sim.run import cores
from sim.state import CHILD, ClassState, Record, Records

__all__ = [
    "LOOP",
    "Basin",
    "LoopGain",
    "Portrait",
    "StateSpaceGrid",
    "basin",
    "loop_gain",
    "portrait",
    "state_space_grid",
]


Job = TypeVar("Job")
Result = TypeVar("Result")


def luck_of_two(count: int, step: int, first: int) -> Records:
    """Places of two independent normal numbers, all equally likely, shape (count, 2): a Fibonacci lattice.

    Means of as many equally likely parts of the distribution, scaled to variance 1, in an order in which the two have
    nothing to do with each other.
    """
    ends = special.ndtri(np.linspace(0.0, 1.0, count + 1))
    means = -np.diff(np.exp(-0.5 * np.square(ends)))
    places = means / np.sqrt(np.square(means).mean())
    return np.column_stack([places, places[(step * np.arange(count) + first) % count]])


LOOP = (
    "conflict",
    "liability",
    "habit",
    "goodwill",
    "closeness",
    "felt_security",
    "representation",
    "perceived_control",
    "stress",
    "self_regulation",
    "self_global",
    "norms",
)
"""States of a child and a dyad that a disturbance of the relationship runs through; aggression follows from three."""
CHANGING = (*LOOP, "self_academic", "self_social")
"""States that contacts and play change in an expected day."""
LOWEST = {field.name: float(field.low) for field in CHILD}
LOWEST_OF_CHANGING = tuple(LOWEST[name] for name in CHANGING)

# How a contact or a bout can go, turn by turn: 0 a hostile act, 1 another. Only what is hostile goes on.
WAYS = np.array(
    [(1.0, 1.0, 1.0, 1.0)]
    + [(a, b, c, d) for a in (0.0, 1.0) for b in (0.0, 1.0) for c in (0.0, 1.0) for d in (0.0, 1.0) if a * b == 0.0]
)
NODES = luck_of_two(13, 8, 10)
"""Luck in two tones, places that are equally likely; many, since a tone begins to be warm at some of them."""
# Two-point rule for the moods of two people: exact up to the third power.
MOODS = np.array([(a, b) for a in (-1.0, 1.0) for b in (-1.0, 1.0)])
NONE = 1e-9
"""What is divided by instead of nothing."""
MOOD_OF_BIDS = 0.68
"""Share of such a mood that tells in how many bids there are: these follow moods that are bounded, and vary less."""
PARTS = 4
"""Parts of an expected day: what contacts have changed tells in the next part."""
STEP = 1e-6
VICIOUS = 0.5
APART = 0.05
MONTH = 4
"""Weeks after which it is asked whether a dyad still moves."""
STILL = 1e-4
"""What moves less in a month is at rest."""
LONGEST = 400
"""Weeks after which nobody waits any more until a dyad is at rest."""


@outer
def attention_share(children: Records, teacher: Records, p: Records) -> float:
    """Share of bids that are answered when bids and restored attention are in balance."""
    bids = 0.0
    for i in range(children.shape[0]):
        seek, approach, misbehave = d.bid_rates(children[i], teacher[0], p[0])
        bids += seek + approach + misbehave * d.let_through(children[i].goodwill, p[0])
    restored = p[0].attention_recovery * teacher[0].pace * (1.0 - p[0].attention_strain * teacher[0].strain)
    used = bids * p[0].attention_cost
    if used <= 0.0:
        return 1.0
    return (-restored + math.sqrt(restored * restored + 4.0 * used * restored)) / (2.0 * used)


@outer
def add_contacts(
    children: Records,
    teacher: Records,
    i: int,
    setting: int,
    share_public: float,
    number: float,
    p: Records,
    before: Records,
    change: Records,
) -> None:
    """Add to `change` what `number` contacts of a setting do on average; leaves the records as `before`.

    Every way that a contact can go counts by its chance; luck in tones is averaged where nothing is hostile. Without
    levers tones do not depend on who watches, and what is learned depends on it in a straight line, by way of how much
    room there is for closeness. Who began matters to dependency alone, which stays as it is.
    """
    stress, hard = teacher[0].stress, luck_of_hostility(p[0])
    open_to_all = d.intimacy(children[i], setting, True, p[0])
    between_two = d.intimacy(children[i], setting, False, p[0])
    room = share_public * open_to_all + (1.0 - share_public) * between_two
    for way in range(WAYS.shape[0]):
        nodes = 1 if way > 0 else NODES.shape[0]
        for node in range(nodes):
            luck = (hard, hard) if way > 0 else (NODES[node, 0], NODES[node, 1])
            turns = (WAYS[way, 0], WAYS[way, 1], WAYS[way, 2], WAYS[way, 3])
            whole, hostile = contact_of(children[i], teacher[0], setting, luck, turns, p[0])
            acted, seen, shown, taken = whole
            d.dyad_learns(children[i], d.TEACHER, room, seen, shown, taken, p[0])
            d.teacher_learns(children[i], teacher[0], seen, p[0])
            d.child_learns(children[i], setting, acted, taken, p[0])
            add_change(children, i, number * chance_of(turns, hostile) / nodes, before, change)
            teacher[0].stress = stress


@compiled
def contact_of(
    child: Record,
    teacher: Record,
    setting: int,
    luck: tuple[float, float],
    turns: tuple[float, float, float, float],
    p: Record,
) -> tuple[tuple[float, float, float, float], tuple[float, float, float, float]]:
    """Tones of one of `WAYS` as a whole (acted, perceived, shown, felt), and the chances that turns are hostile."""
    met, push, first = contacts.first_turns(child, teacher, setting, False, luck, (turns[0], turns[1]), p)
    if not d.goes_on(met[0], met[2]):
        return met, (first[0], first[1], 0.0, 0.0)
    again, second = contacts.second_turns(child, teacher, setting, False, luck, (turns[2], turns[3]), met, push, p)
    whole = (
        d.as_a_whole(met[0], again[0], True),
        d.as_a_whole(met[1], again[1], True),
        d.as_a_whole(met[2], again[2], True),
        d.as_a_whole(met[3], again[3], True),
    )
    return whole, (first[0], first[1], second[0], second[1])


@compiled
def luck_of_hostility(p: Record) -> float:
    """The luck with which a hostile tone is as it is on average: harsher luck adds less than milder luck takes away."""
    mean = 0.5 * (d.hostile_tone(-1.0, False, p) + d.hostile_tone(1.0, False, p))
    usual = -mean / math.sqrt(1.0 - mean * mean)  # inverse of `sim.dynamics.bounded`
    return (usual / p.hostile_strength - 1.0) / max(p.hostile_spread, NONE)


@compiled
def chance_in_play(
    way: tuple[float, float, float, float], hostile: tuple[float, float, float, float], p: Record
) -> float:
    """Chance of one of `WAYS` in play over days that are good or bad for either child.

    `hostile` are the chances that each turn is hostile on an even day.
    """
    push, total = (push_of(hostile[0]), push_of(hostile[1]), push_of(hostile[2]), push_of(hostile[3])), 0.0
    for day in range(MOODS.shape[0]):
        own, other = p.act_mood * MOODS[day, 0], p.act_mood * MOODS[day, 1]
        chances = d.chance(push[0] - own), d.chance(push[1] - other), d.chance(push[2] - own), d.chance(push[3] - other)
        total += chance_of(way, chances)
    return total / MOODS.shape[0]


@compiled
def push_of(chance: float) -> float:
    """The push that a chance comes from: inverse of `sim.dynamics.chance`."""
    return (chance - 0.5) / math.sqrt(chance * (1.0 - chance))


@compiled
def chance_of(way: tuple[float, float, float, float], hostile: tuple[float, float, float, float]) -> float:
    """Chance of one of `WAYS`, given the chances that each turn is hostile; second turns count where it goes on."""
    first = of_turn(way[0], hostile[0]) * of_turn(way[1], hostile[1])
    if way[0] * way[1] > 0.0:
        return first
    return first * of_turn(way[2], hostile[2]) * of_turn(way[3], hostile[3])


@compiled
def of_turn(how: float, hostile: float) -> float:
    """Chance that a turn is hostile (0), or another (1)."""
    return hostile if how < 1.0 else 1.0 - hostile


@outer
def add_change(children: Records, i: int, weight: float, before: Records, change: Records) -> None:
    """Add `weight` times how child `i` differs from `before` to `change`, and take the child back to `before`."""
    now, then, total = children[i], before[0], change[0]
    for name in literal_unroll(CHANGING):
        total[name] += weight * (now[name] - then[name])
    children[i] = before[0]


@outer
def apply_change(children: Records, i: int, change: Records, p: Records) -> None:
    """Add a summed `change` to child `i`, as many small steps would: never past a bound."""
    now, total = children[i], change[0]
    place = 0
    for name in literal_unroll(CHANGING):
        now[name] = move(now[name], total[name], LOWEST_OF_CHANGING[place])
        place += 1  # noqa: SIM113 - numba takes a loop over names apart, but none that counts them
    d.show(now, p[0])


@outer
def move(state: float, change: float, low: float) -> float:
    """`state` in [low, 1] after the sum of many small steps, each a share of what is left to the bound."""
    room = 1.0 - state if change > 0.0 else state - low
    if room <= 0.0:
        return state
    return state + room * (1.0 - exponential(-abs(change) / room)) * (1.0 if change > 0.0 else -1.0)


@outer
def expected_day(
    children: Records, teacher: Records, liking: Records, i: int, nights: int, answered: float, p: Records
) -> None:
    """One school day of child `i` as it is on average; only the states of `LOOP` and what follows them change.

    It is the mean of good and bad days of the child and of the teacher: moods last all day, and what many warm contacts
    of one day can still add is less than what they add on many days.
    """
    mood, dependency = teacher[0].mood, children[i].dependency
    children[i].mood, teacher[0].mood = 0.0, 0.0
    for _ in range(nights):
        d.child_rests(children[i], p[0])
    before, change = children[i : i + 1].copy(), np.zeros_like(children[i : i + 1])
    for day in range(MOODS.shape[0]):
        children[i].mood, teacher[0].mood = MOODS[day]
        for _ in range(PARTS):
            ignore(children[i], teacher[0], (1.0 - answered) / PARTS, p[0])
            expected_part(children, teacher, i, answered / PARTS, p)
        add_change(children, i, 1.0 / MOODS.shape[0], before, change)
    teacher[0].mood = 0.0
    for name in literal_unroll(CHANGING):
        children[i][name] += change[0][name]
    d.show(children[i], p[0])
    before, change = children[i : i + 1].copy(), np.zeros_like(children[i : i + 1])
    add_play(children, liking, i, p, before, change)
    apply_change(children, i, change, p)
    d.child_studies(children[i], d.acceptance(liking, i), p[0])
    d.child_settles(children[i], teacher[0], p[0])
    children[i].dependency, teacher[0].mood = dependency, mood


@compiled
def rates_of_day(child: Record, teacher: Record, p: Record) -> tuple[float, float, float]:
    """Bids on a good or a bad day of the child and of the teacher."""
    mood, of_teacher = child.mood, teacher.mood
    child.mood, teacher.mood = MOOD_OF_BIDS * mood, MOOD_OF_BIDS * of_teacher
    rates = d.bid_rates(child, teacher, p)
    child.mood, teacher.mood = mood, of_teacher
    return rates


@compiled
def ignore(child: Record, teacher: Record, share: float, p: Record) -> None:
    """What it costs that a share of today's bids is not answered: the mean over their number, a Poisson number."""
    seek, approach, _ = rates_of_day(child, teacher, p)
    child.goodwill *= exponential(-share * (seek + approach) * p.goodwill_ignored)
    d.show(child, p)


@outer
def expected_part(children: Records, teacher: Records, i: int, answered: float, p: Records) -> None:
    """Contacts of a part of a day: `answered` is the share of bids that are answered, times that part."""
    before, change = children[i : i + 1].copy(), np.zeros_like(children[i : i + 1])
    seek, approach, misbehave = rates_of_day(children[i], teacher[0], p[0])
    asked, social = answered * (seek + approach), p[0].social_share
    forced = misbehave * d.let_through(children[i].goodwill, p[0]) / PARTS
    for setting, public, number in (
        (d.TASK, p[0].public_task, asked * (1.0 - social)),
        (d.SOCIAL, p[0].public_social, asked * social),
        (d.DISCIPLINE, p[0].public_discipline, forced),
    ):
        add_contacts(children, teacher, i, setting, public, number, p, before, change)
    apply_change(children, i, change, p)


@outer
def add_play(children: Records, liking: Records, i: int, p: Records, before: Records, change: Records) -> None:
    """Add to `change` what a day's play does on average, begun by child `i` and by its classmates."""
    n, bouts = children.shape[0], int(p[0].play_bouts)
    own = math.sqrt(1.0 + (p[0].play_mood / p[0].play_luck) ** 2)
    weights = np.empty((n, n))
    d.playmate_weights(children, liking, p[0], weights)
    for j in range(n):
        if j == i:
            continue
        for begun in (True, False):
            who, other = (i, j) if begun else (j, i)
            total = weights[who, n - 1]
            if total <= 0.0:
                continue
            chance = (weights[who, other] - (weights[who, other - 1] if other > 0 else 0.0)) / total
            for way in range(WAYS.shape[0]):
                nodes = 1 if way > 0 else NODES.shape[0]
                for node in range(nodes):
                    luck = (0.0, 0.0) if way > 0 else (own * NODES[node, 0], own * NODES[node, 1])
                    turns = (WAYS[way, 0], WAYS[way, 1], WAYS[way, 2], WAYS[way, 3])
                    tones, hostile = play.bout(
                        children[who], children[other], liking[who, other], liking[other, who], luck, turns, p[0]
                    )
                    on = d.goes_on(tones[0], tones[1])
                    whole, answer = d.as_a_whole(tones[0], tones[2], on), d.as_a_whole(tones[1], tones[3], on)
                    mine, met = (whole, answer) if begun else (answer, whole)
                    d.play_learns(children[i], liking[i, j], mine, met, p[0])
                    weight = chance_in_play(turns, hostile, p[0]) / nodes
                    add_change(children, i, bouts * chance * weight, before, change)


@outer
def expected_weeks(
    children: Records, teacher: Records, liking: Records, i: int, days: int, weeks: int, answered: float, p: Records
) -> None:
    """`weeks` expected school weeks of child `i`, each of `days` days."""
    for _ in range(weeks):
        for day in range(days):
            expected_day(children, teacher, liking, i, 8 - days if day == 0 else 1, answered, p)


@compiled
def hold(child: Record, conflict: float, aggression: float, p: Record) -> None:
    """Set conflict and aggression; the latter by the child's liability, and by habit where that is not enough.

    Goodwill stays, so that the highest levels may be out of reach.
    """
    child.conflict = conflict
    shown = min(1.0, aggression / max(1.0 - p.goodwill_restraint * child.goodwill, 1e-9))
    learned = min(p.habit_weight * child.habit, shown)
    child.habit = learned / max(p.habit_weight, 1e-9)
    child.liability = min(1.0, (shown - learned) / max(1.0 - learned, 1e-9))
    d.show(child, p)


@outer
def field(
    children: Records,
    teacher: Records,
    liking: Records,
    i: int,
    days: int,
    answered: float,
    p: Records,
    levels: Records,
    rows: Records,
    settling: int,
) -> tuple[Records, Records]:
    """Change a week of conflict and of aggression, shape (rows, levels): `levels` of conflict, `rows` of aggression.

    At each place the rest of the dyad first gets `settling` weeks to follow, with the two held.
    """
    shape = rows.shape[0], levels.shape[0]
    conflict, aggression = np.empty(shape), np.empty(shape)
    start = children[i : i + 1].copy()
    for row in range(shape[0]):
        for column in range(shape[1]):
            children[i] = start[0]
            for _ in range(settling):
                hold(children[i], levels[column], rows[row], p[0])
                expected_weeks(children, teacher, liking, i, days, 1, answered, p)
            hold(children[i], levels[column], rows[row], p[0])
            held = children[i].aggression
            expected_weeks(children, teacher, liking, i, days, 1, answered, p)
            conflict[row, column] = children[i].conflict - levels[column]
            aggression[row, column] = children[i].aggression - held
    children[i] = start[0]
    return conflict, aggression


class Expected:
    """The expected weeks of one child in a class that stays as it is."""

    def __init__(self, state: ClassState, child: int) -> None:
        self.state, self.child = state.copy(), child
        self.state.children["mood"] = 0.0
        self.p = state.parameters.record()
        self.equations = in_force(state.mechanism)
        self.equations.clear_levers(self.state.children, self.state.teacher)
        self.days = state.calendar.days_per_week
        share = self.equations.compiled(attention_share)
        self.answered = float(share(self.state.children, self.state.teacher, self.p))

    @property
    def arrays(self) -> tuple[Records, Records, Records, int]:
        """What the compiled functions work on."""
        return self.state.children, self.state.teacher, self.state.liking, self.child

    def get(self) -> Records:
        """The states of `LOOP`, shape (len(LOOP),)."""
        record = self.state.children[self.child]
        return np.array([record[name] for name in LOOP])

    def put(self, values: Records) -> None:
        """Set the states of `LOOP`."""
        for name, value in zip(LOOP, values, strict=True):
            self.state.children[name][self.child] = value
        self.equations.show(self.state.children, self.child, self.p)

    def after(self, values: Records, weeks: int = 1) -> Records:
        """The states of `LOOP` that `values` lead to in `weeks` weeks."""
        start = self.state.children[self.child].copy()
        self.put(values)
        self.equations.compiled(expected_weeks)(*self.arrays, self.days, weeks, self.answered, self.p)
        result = self.get()
        self.state.children[self.child] = start
        return result

    def rest(self, start: Records, still: float = STILL) -> tuple[Records, int]:
        """Where a dyad rests that begins at `start`, and the weeks until then: `LONGEST` where it still moves."""
        here, weeks = start, 0
        while weeks < LONGEST:
            before, here = here, self.after(here, MONTH)
            weeks += MONTH
            if np.abs(here - before).max() < still:
                break
        return here, weeks


def at_once(work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
    """Results of the same work for each of the jobs, on all cores: expected weeks run without Python's lock."""
    with ThreadPoolExecutor(min(cores(), len(jobs))) as threads:
        return list(threads.map(work, jobs))


@dataclass(frozen=True)
class LoopGain:
    """Growth of a small disturbance of a dyad.

    Attributes
    ----------
    factor
        Growth factor a week of the disturbance that lasts longest (or grows fastest): above 1 it grows.
    direction
        That disturbance: share of each state of `LOOP`, the largest scaled to 1.
    jacobian
        Of one expected week, shape (s, s) for the s states of `LOOP`.
    """

    factor: float
    direction: dict[str, float]
    jacobian: Records

    @property
    def weeks(self) -> float:
        """Weeks in which the disturbance halves (factor below 1) or doubles (above 1)."""
        rate = abs(float(np.log2(self.factor))) if self.factor > 0 else float("inf")
        return 1.0 / rate if rate > 0 else float("inf")


def loop_gain(state: ClassState, child: int) -> LoopGain:
    """Loop gain of the dyad of `child` where it is now: the largest eigenvalue of the linearized week."""
    expected = Expected(state, child)
    here = expected.get()
    low = np.array([LOWEST[name] for name in LOOP])
    columns = []
    for entry in range(len(LOOP)):
        up, down = here.copy(), here.copy()
        up[entry] = min(1.0, here[entry] + STEP)
        down[entry] = max(low[entry], here[entry] - STEP)
        columns.append((expected.after(up) - expected.after(down)) / (up[entry] - down[entry]))
    jacobian = np.column_stack(columns)
    values, vectors = np.linalg.eig(jacobian)
    largest = int(np.argmax(np.abs(values)))
    vector = np.real(vectors[:, largest])
    vector = vector / vector[np.argmax(np.abs(vector))]
    return LoopGain(
        float(np.abs(values[largest])), {name: float(x) for name, x in zip(LOOP, vector, strict=True)}, jacobian
    )


@dataclass(frozen=True)
class Basin:
    """Where a dyad comes to rest if the class stays as it is and no luck intervenes.

    `attractor` has the states of `LOOP`, and aggression, there. `vicious` says whether conflict ends above the middle
    of the scale. `alone` says that good and bad starts end in the same place: there is only one basin.
    """

    attractor: dict[str, float]
    vicious: bool
    alone: bool


def basin(state: ClassState, child: int) -> Basin:
    """The basin in which the dyad of `child` is now."""
    expected = Expected(state, child)
    good = dict.fromkeys(LOOP, 0.0) | dict.fromkeys(
        (
            "closeness",
            "felt_security",
            "representation",
            "perceived_control",
            "self_regulation",
            "self_global",
            "norms",
            "goodwill",
        ),
        0.95,
    )
    bad = {name: (0.0 if value else 0.95) for name, value in good.items()}
    bad |= {"felt_security": -0.9, "representation": -0.9}
    best, worst = (np.array([start[name] for name in LOOP]) for start in (good, bad))
    # Where the dyad itself ends is told in figures; of the others only whether they end in the same place.
    starts = [(expected.get(), STILL / 10.0), (best, STILL), (worst, STILL)]
    here, best, worst = at_once(lambda start: Expected(state, child).rest(*start)[0], starts)
    expected.put(here)
    attractor = {name: float(expected.state.children[name][child]) for name in (*LOOP, "aggression")}
    conflict = LOOP.index("conflict")
    return Basin(
        attractor=attractor,
        vicious=attractor["conflict"] > VICIOUS,
        alone=bool(abs(best[conflict] - worst[conflict]) < APART),
    )


@dataclass(frozen=True)
class Portrait:
    """Phase portrait of conflict × aggression.

    `levels` has shape (k,); `conflict` and `aggression`, shape (k, k) with aggression as rows, are changes a
    week; where they are zero run the nullclines.
    """

    levels: Records
    conflict: Records
    aggression: Records


def portrait(state: ClassState, child: int, *, points: int = 13, settling: int = 6) -> Portrait:
    """Vector field of conflict and aggression for the dyad of `child`; the rest of the dyad follows.

    Parameters
    ----------
    state, child
        The class as it is, and the child.
    points
        Levels of each axis.
    settling
        Weeks that the rest of the dyad gets to follow at each place.
    """
    levels = np.linspace(0.02, 0.98, points)

    def part(rows: Records) -> tuple[Records, Records]:
        expected = Expected(state, child)
        change = expected.equations.compiled(field)
        return change(*expected.arrays, expected.days, expected.answered, expected.p, levels, rows, settling)

    conflict, aggression = zip(*at_once(part, np.split(levels, points)), strict=True)
    return Portrait(levels, np.concatenate(conflict), np.concatenate(aggression))


@dataclass(frozen=True)
class StateSpaceGrid:
    """The grid of child tone × teacher tone that observers of dyads use: of each contact, act and first answer.

    `counts` has shape (cells, cells): rows the teacher's tone, columns the child's, from most negative to most
    positive. `dispersion` is 0 when all contacts fall in one cell and 1 when they are spread evenly over all;
    `mutual_negative` and `mutual_positive` are shares of all contacts.
    """

    counts: Records
    dispersion: float
    mutual_negative: float
    mutual_positive: float


def state_space_grid(contacts: Records, cells: int = 5) -> StateSpaceGrid:
    """Grid of the contacts of one dyad; `contacts` are records of `CONTACT_DTYPE`."""
    counts, _, _ = np.histogram2d(contacts["response"], contacts["tone"], bins=cells, range=[[-1, 1], [-1, 1]])
    total = counts.sum()
    shares = counts / total if total else counts
    dispersion = (1.0 - float(np.square(shares).sum())) * cells**2 / (cells**2 - 1) if total else 0.0
    negative = (contacts["tone"] < 0) & (contacts["response"] < 0)
    positive = (contacts["tone"] > 0) & (contacts["response"] > 0)
    return StateSpaceGrid(
        counts.astype(int),
        dispersion,
        float(negative.mean()) if total else 0.0,
        float(positive.mean()) if total else 0.0,
    )
