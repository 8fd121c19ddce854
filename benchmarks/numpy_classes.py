"""Many classes at once in NumPy, as a skilled user would write it who wants speed without a compiler.

The same equations and the same random numbers as `sim.engine`, without interventions. The class is the last axis of
every array, and one step of the day is done in all classes at the same time, each with a child of its own. Equations of
`sim.dynamics` that are arithmetic only work on arrays as they stand; those with choices are written with masks here.
States differ from those of the compiled runner by rounding only::

    python benchmarks/numpy_classes.py
"""

from __future__ import annotations

from types import FunctionType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from yardstick import compiled_years, copied, draw

from sim import dynamics as d
from sim.engine.years import Classes
from sim.luck import DRAWS, GOLDEN, MIX_1, MIX_2, SUM_MEAN, SUM_SCALE, Stream
from sim.scenario import ClassSpec, Scenario
from sim.state import CHILD_DTYPE, TEACHER_DTYPE, Records

NAMES: tuple[str, ...] = CHILD_DTYPE.names or ()
where = np.where


# --- Luck --------------------------------------------------------------------------------------------


def word(number: int) -> np.uint64:
    """A whole number as NumPy wants it beside words of 64 bits."""
    return np.uint64(number)


def mix(value: Records) -> Records:
    """Finalizer of SplitMix64."""
    value = (value ^ (value >> word(30))) * MIX_1
    value = (value ^ (value >> word(27))) * MIX_2
    mixed: Records = value ^ (value >> word(31))
    return mixed


def key(classes: Classes, stream: Stream, day: int) -> Records:
    """Key of one stream on one day, of all classes."""
    hashed = mix(classes.seeds.astype(np.uint64) + GOLDEN)
    for part in (classes.numbers.astype(np.uint64), word(stream), word(day)):
        hashed = mix((hashed ^ part) + GOLDEN)
    return hashed


def bits(stream: Records, child: Records, ordinal: Records | int) -> Records:
    """64 random bits for each."""
    return mix(stream + (child * DRAWS + ordinal + 1).astype(np.uint64) * GOLDEN)


def uniform(stream: Records, child: Records, ordinal: Records | int) -> Records:
    """Numbers in [0, 1)."""
    return (bits(stream, child, ordinal) >> word(11)).astype(float) * 2.0**-53


def normal(stream: Records, child: Records, ordinal: Records | int) -> Records:
    """Numbers of mean 0 and variance 1."""
    drawn = bits(stream, child, ordinal)
    low = word(0xFFFF)
    total = (drawn & low) + ((drawn >> word(16)) & low) + ((drawn >> word(32)) & low) + (drawn >> word(48))
    z: Records = (total.astype(float) - SUM_MEAN) * SUM_SCALE
    return z


def quarters(stream: Records, child: Records, ordinal: Records) -> Records:
    """Four numbers in [0, 1) out of each draw, along a new first axis."""
    drawn = bits(stream, child, ordinal)
    parts = [(drawn >> word(shift)) & word(0xFFFF) for shift in (0, 16, 32, 48)]
    return np.stack(parts).astype(float) * 2.0**-16


# --- The day -----------------------------------------------------------------------------------------


def coloured(tone: Records, model: Records, bias: Records) -> Records:
    """A tone as it looks through a working model."""
    seen: Records = on.approach(tone, where(model < 0.0, np.minimum(model, tone), model), bias)
    return seen


def on_arrays() -> SimpleNamespace:
    """The equations with NumPy's functions in place of Python's."""
    scope: dict[str, Any] = {**vars(d), "max": np.maximum, "min": np.minimum, "math": SimpleNamespace(sqrt=np.sqrt)}
    for name, value in vars(d).items():
        if hasattr(value, "py_func"):
            scope[name] = FunctionType(value.py_func.__code__, scope)
    scope |= {"either": where, "coloured": coloured}
    return SimpleNamespace(**scope)


on = on_arrays()


class Bids(NamedTuple):
    """Bids of all classes, shape (bids, c); there are fewer in some classes than in others."""

    who: Records
    which: Records
    time: Records
    setting: Records
    by_child: Records
    public: Records
    whether: Records
    there: Records

    def taken(self, order: Records) -> Bids:
        """Those bids that `order` names for each class."""
        return Bids(*(np.take_along_axis(values, order, axis=0) for values in self))


Player = tuple[SimpleNamespace, Records, Records]
"""A child of every class, how much it likes its playmate, and its luck."""


class Day:
    """Classes of one scenario, and the steps of their school day; shapes for c classes of n children.

    Attributes
    ----------
    states
        Shape (fields, n, c).
    t
        The teachers: a field is an array of shape (c,).
    liked, affinity
        Shape (n, n, c): who is liked, who likes.
    """

    def __init__(self, classes: Classes) -> None:
        c, self.n = classes.children.shape
        self.classes, self.every = classes, np.arange(c)
        self.states: Records = np.stack([classes.children[name].T for name in NAMES])
        self.t = SimpleNamespace(**{name: classes.teachers[name].copy() for name in TEACHER_DTYPE.names or ()})
        self.liked = np.ascontiguousarray(classes.liked.transpose(1, 2, 0))
        self.affinity = np.ascontiguousarray(classes.affinity.transpose(1, 2, 0))
        record = classes.parameters[0]
        self.p = SimpleNamespace(**{name: float(record[name]) for name in record.dtype.names or ()})

    def of_all(self) -> SimpleNamespace:
        """All children: a field is an array of shape (n, c)."""
        return SimpleNamespace(**dict(zip(NAMES, self.states, strict=True)))

    def of_each(self, who: Records) -> SimpleNamespace:
        """One child of every class: a field is a copy of shape (c,)."""
        return SimpleNamespace(**dict(zip(NAMES, self.states[:, who, self.every], strict=True)))

    def put_back(self, child: SimpleNamespace, who: Records, acts: Records) -> None:
        """Copy the children back, of those classes in which one acts."""
        changed = np.stack([getattr(child, name) for name in NAMES])
        self.states[:, who[acts], self.every[acts]] = changed[:, acts]

    def run(self) -> None:
        """The school year; `classes` are changed in place."""
        nights = self.classes.nights
        for day in range(1, len(nights)):
            self.arrive(day, int(nights[day]))
            self.contacts(day)
            self.play(day)
            self.learn()
        for name, values in zip(NAMES, self.states, strict=True):
            self.classes.children[name] = values.T
        for name, values in vars(self.t).items():
            self.classes.teachers[name] = values
        self.classes.liked[:] = self.liked.transpose(2, 0, 1)

    def arrive(self, day: int, nights: int) -> None:
        """Recovery of stress, moods."""
        a, t, p = self.of_all(), self.t, self.p
        luck = normal(key(self.classes, Stream.MOODS, day), np.arange(self.n + 1)[:, None], 0)
        for _ in range(nights):
            on.child_rests(a, p)
            on.teacher_rests(t, p)
        on.child_arrives(a, luck[:-1], p)
        on.teacher_arrives(t, luck[-1], p)
        t.attention = np.ones_like(t.mood)
        self.states = np.stack([getattr(a, name) for name in NAMES])
        if nights > 1:
            self.weekend(day)

    def weekend(self, day: int) -> None:
        """What happens between children on days without school."""
        stream, everyone = key(self.classes, Stream.WEEKENDS, day), np.arange(self.n)
        whom, who = everyone[:, None, None], everyone[None, :, None]
        shared = normal(stream, np.minimum(who, whom), np.maximum(who, whom))
        own, fame = normal(stream, who, d.PAIR_DRAWS + whom), normal(stream, whom, d.FAME)
        self.liked = on.liking_drifts(self.liked, shared, own, fame, self.p)
        self.liked[everyone, everyone] = 0.0

    def bids(self, day: int) -> Bids:
        """Today's bids in order."""
        a, t, p, stream = self.of_all(), self.t, self.p, key(self.classes, Stream.CONTACTS, day)
        i = np.arange(self.n)[:, None]
        seek, begin, misbehave = on.bid_rates(a, t, p)
        rate = seek + begin + misbehave
        draw_, chance = uniform(stream, i, d.NUMBER_OF_BIDS), np.exp(-rate)
        total, numbers = chance.copy(), np.zeros(rate.shape, np.int64)
        while ((more := draw_ >= total) & (numbers < d.MOST_BIDS)).any():
            numbers += more
            chance *= rate / np.maximum(numbers, 1)
            total += where(more, chance, 0.0)
        which = np.arange(numbers.max(initial=0))[:, None, None]  # bids before children: shape (bids, n, c)
        drawn = bits(stream, i[None], which * d.DRAWS_PER_BID + d.BID_CHANCES)
        what, who_sees, whether = (((drawn >> word(s)) & word(0x1FFFFF)).astype(float) * 2.0**-21 for s in (0, 21, 42))
        rest = what * rate - misbehave
        by_child, discipline = (rest >= 0.0) & (rest < seek), what * rate < misbehave
        sought = on.strengthen(p.social_share, a.outreach)
        social = where(by_child, rest < p.social_share * seek, rest - seek < sought * begin)
        setting = where(discipline, d.DISCIPLINE, where(social, d.SOCIAL, d.TASK))
        public = on.is_public(a.showcase, setting, who_sees, p)
        time = uniform(stream, i[None], which * d.DRAWS_PER_BID + d.BID_TIME)
        there = np.broadcast_to(which < numbers, time.shape)
        values = (i[None], which, time, setting, by_child, public, whether, there)
        bids = Bids(*(np.broadcast_to(value, time.shape).reshape(-1, len(self.every)) for value in values))
        order = where(bids.there, bids.time, 2.0).argsort(axis=0)
        return bids.taken(order[: numbers.sum(axis=0).max(initial=0)])

    def contacts(self, day: int) -> None:
        """Bids in order; those that are answered become contacts."""
        t, p, bids, before = self.t, self.p, self.bids(day), np.zeros(len(self.every))
        restoring = p.attention_recovery * t.pace * (1.0 - p.attention_strain * t.strain)
        stream, first = key(self.classes, Stream.TONES, day), bids.which * d.DRAWS_PER_CONTACT
        luck, teacher_luck = (normal(stream, bids.who, first + tone) for tone in (d.CHILD_TONE, d.TEACHER_TONE))
        draws = quarters(stream, bids.who, first + d.TURNS)
        for step, time in enumerate(bids.time):
            bid = Bids(*(values[step] for values in bids))
            restored = where(bid.there, time - before, 0.0) * restoring
            t.attention, before = on.approach(t.attention, 1.0, restored / (1.0 + restored)), time
            child = self.of_each(bid.who)
            forced = bid.setting == d.DISCIPLINE
            answered = bid.whether < where(forced, on.let_through(child.goodwill, p), t.attention)
            on.is_ignored(child, bid.setting, p)
            self.put_back(child, bid.who, bid.there & ~answered)
            bid.there[:] &= answered
            t.attention = where(bid.there, on.weaken(t.attention, p.attention_cost), t.attention)
            self.contact(bid, luck[step], teacher_luck[step], draws[:, step])

    def contact(self, bid: Bids, luck: Records, teacher_luck: Records, draws: Records) -> None:
        """The next contact of every class in which there is one."""
        c, t, p, setting = self.of_each(bid.who), self.t, self.p, bid.setting
        acted, perceived, response, felt = self.turns(c, bid, (luck, teacher_luck), draws)
        hostility, friendly = on.negative(perceived), on.positive(perceived)
        hurt, comfort = on.negative(felt), on.positive(felt)
        # The dyad.
        warmth, friction = 0.5 * (friendly + comfort), np.sqrt(hostility * on.negative(response))
        found = bid.by_child * comfort
        room = on.intimacy(c, setting, bid.public, p)
        c.closeness = on.strengthen(c.closeness, p.closeness_gain * warmth * room)
        c.closeness = on.weaken(c.closeness, p.closeness_hurt * hurt)
        c.conflict = on.weaken(on.reinforce(c.conflict, friction, p.conflict_gain), p.conflict_repair * warmth * room)
        c.dependency = on.strengthen(c.dependency, p.dependency_gain * found * c.stress)
        grown = p.dependency_growth * found * (1.0 - c.stress) * c.self_regulation
        c.dependency = on.weaken(c.dependency, grown)
        # The teacher.
        rate = p.representation_rate * where(perceived < 0.0, p.negativity, 1.0)
        c.representation = on.approach(c.representation, perceived, rate)
        stress = on.strengthen(t.stress, p.teacher_stress_gain * hostility * (1.0 - c.perceived_control))
        t.stress = where(bid.there, on.weaken(stress, p.teacher_stress_relief * friendly), t.stress)
        c.perceived_control = on.weaken(c.perceived_control, p.control_loss * hostility)
        c.perceived_control = on.strengthen(c.perceived_control, p.control_gain * friendly)
        # The child.
        weight = where(felt < 0.0, p.negativity, 1.0)
        c.felt_security = on.approach(c.felt_security, felt, p.felt_security_rate * weight)
        c.stress = on.weaken(on.strengthen(c.stress, p.child_stress_gain * hurt), p.child_stress_relief * comfort)
        c.goodwill = on.weaken(on.reinforce(c.goodwill, comfort, p.goodwill_gain), p.goodwill_loss * hurt)
        c.habit = on.coercion(c.habit, acted, felt, p.coercion_habit, p.habit_relief)
        c.liability = on.coercion(c.liability, acted, felt, p.coercion_teacher, p.coercion_relief)
        on.show(c, p)
        c.self_regulation = on.strengthen(c.self_regulation, p.regulation_gain * comfort * c.closeness)
        c.self_regulation = on.weaken(c.self_regulation, p.regulation_loss * hurt * c.stress)
        c.self_global = on.approach(c.self_global, 0.5 * (1.0 + felt), p.self_global_rate * weight)
        c.self_academic = on.approach(c.self_academic, 0.5 * (1.0 + felt), p.self_academic_rate * (setting == d.TASK))
        initiator = where(bid.by_child, d.CHILD, d.TEACHER)
        on.child_is_guided(c, on.lead(c, t, initiator, setting, p), felt, p)
        c.norms = on.weaken(on.strengthen(c.norms, p.norms_gain * comfort * c.closeness), p.norms_loss * hurt)
        self.put_back(c, bid.who, bid.there)
        seen = bid.there & bid.public & ((response > 0.0) | (response < -p.derogation_threshold))
        self.be_seen(bid.who, seen, response)

    def turns(
        self, c: SimpleNamespace, bid: Bids, luck: tuple[Records, Records], draws: Records
    ) -> tuple[Records, Records, Records, Records]:
        """Tone, perceived, response and felt over the turns of a contact."""
        t, p, setting = self.t, self.p, bid.setting
        push, kind = on.child_push(c, t, setting, p), on.child_tone(c, setting, luck[0], p)
        tone = on.turn(push, draws[0], kind, luck[0], False, p)
        sight = on.teacher_perceives(c, t, tone, p)
        pressed = on.teacher_push(c, t, sight, setting, p)
        warm = on.teacher_tone(c, t, sight, setting, bid.public, luck[1], p)
        answer = on.turn(pressed, draws[1], warm, luck[1], False, p)
        touch = on.child_perceives(c, answer, p)
        # Second turns, which count only where one of the first was hostile.
        goes_on = on.goes_on(tone, answer)
        second = on.turn(on.pushed_on(push, tone, touch, c.perceived_control, p), draws[2], kind, luck[0], True, p)
        again = on.teacher_perceives(c, t, second, p)
        pressed = on.teacher_push(c, t, again, setting, p)
        pressed = on.pushed_on(pressed, answer, again, t.reflective_functioning, p)
        warm = on.teacher_tone(c, t, again, setting, bid.public, luck[1], p)
        closing = on.turn(pressed, draws[3], warm, luck[1], True, p)
        acted, perceived = on.as_a_whole(tone, second, goes_on), on.as_a_whole(sight, again, goes_on)
        response = on.as_a_whole(answer, closing, goes_on)
        return acted, perceived, response, on.as_a_whole(touch, on.child_perceives(c, closing, p), goes_on)

    def be_seen(self, who: Records, seen: Records, response: Records) -> None:
        """Classmates take the teacher's tone as a reference."""
        p, i, c, response = self.p, who[seen], self.every[seen], response[seen, None]
        liked, closeness = self.liked[i, :, c], self.states[NAMES.index("closeness")][:, c].T
        trust = (1.0 - p.reference_own_closeness) + p.reference_own_closeness * closeness
        warm = p.reference_warmth * response * (1.0 - liked)
        cold = p.reference_derogation * response * trust * (1.0 + liked)
        liked += 0.5 * on.novelty(self.t, p)[c, None] * where(response > 0.0, warm, cold)
        self.liked[i, :, c] = liked
        self.liked[i, i, c] = 0.0

    def play(self, day: int) -> None:
        """Bouts of play in order."""
        a, t, p, every = self.of_all(), self.t, self.p, self.every
        stream, per_child = key(self.classes, Stream.PLAY, day), int(self.p.play_bouts)
        same = where(a.sex[:, None] == a.sex[None], 1.0, p.play_cross_sex)
        wish = 0.5 * (1.0 + self.liked)  # whom, who
        weights = wish * wish * wish.swapaxes(0, 1) * same
        weights[np.arange(self.n), np.arange(self.n)] = 0.0
        weights = weights.cumsum(axis=0)
        who, bout = np.repeat(np.arange(self.n), per_child)[:, None], np.tile(np.arange(per_child), self.n)[:, None]
        order = uniform(stream, who, bout * d.DRAWS_PER_BOUT + d.BOUT_TIME).argsort(axis=0, kind="stable")
        who, first = who[order, 0], bout[order, 0] * d.DRAWS_PER_BOUT
        draws = uniform(stream, who, first + d.BOUT_PARTNER)
        luck, luck_back = normal(stream, who, first + d.BOUT_TONE), normal(stream, who, first + d.BOUT_ANSWER)
        turns = quarters(stream, who, first + d.BOUT_TURNS)
        total, count = np.zeros(len(every)), np.zeros(len(every), np.int64)
        for step, i in enumerate(who):
            mine = weights[:, i, every]
            acts = mine[-1] > 0.0
            j = np.minimum((mine <= draws[step] * mine[-1]).sum(axis=0), self.n - 1)
            x, y, liked, liked_back = self.of_each(i), self.of_each(j), self.liked[j, i, every], self.liked[i, j, every]
            whole, whole_back, tone, answer = self.bout(
                (x, liked, luck[step]), (y, liked_back, luck_back[step]), turns[:, step]
            )
            on.play_learns(x, liked, whole, whole_back, p)
            on.play_learns(y, liked_back, whole_back, whole, p)
            self.put_back(x, i, acts)
            self.put_back(y, j, acts)
            self.liked[j, i, every] = where(acts, on.liking_learns(liked, t, whole_back, p), liked)
            self.liked[i, j, every] = where(acts, on.liking_learns(liked_back, t, whole, p), liked_back)
            total += where(acts, tone + answer, 0.0)
            count += acts
        t.play_climate = where(count > 0, total / np.maximum(2 * count, 1), t.play_climate)

    def bout(self, one: Player, other: Player, draws: Records) -> tuple[Records, Records, Records, Records]:
        """Tones of two children over a bout of play, and those of their first turns."""

        def turn(who: Player, acted: Records | float, met: Records | float, draw: Records, *, again: bool) -> Records:
            child, liked, luck = who
            push = on.pushed_on(on.play_push(child, liked, self.p), acted, met, child.self_regulation, self.p)
            tone: Records = on.turn(push, draw, on.play_tone(child, liked, met, luck, self.p), luck, again, self.p)
            return tone

        tone = turn(one, 0.0, 0.0, draws[0], again=False)
        answer = turn(other, 0.0, tone, draws[1], again=False)
        second = turn(one, tone, answer, draws[2], again=True)
        last = turn(other, answer, second, draws[3], again=True)
        goes_on = on.goes_on(tone, answer)
        return on.as_a_whole(tone, second, goes_on), on.as_a_whole(answer, last, goes_on), tone, answer

    def learn(self) -> None:
        """Engagement, achievement, and the slow return of every memory."""
        a = self.of_all()
        on.child_studies(a, 0.5 * (1.0 + self.liked.sum(axis=1) / (self.n - 1)), self.p)
        on.child_settles(a, self.t, self.p)
        self.states = np.stack([getattr(a, name) for name in NAMES])
        self.liked += self.p.liking_fade * (self.affinity - self.liked)
        on.class_settles(self.t, self.p)


def check(classes: Classes) -> float:
    """Largest difference from the compiled runner; `classes` stay as they are."""
    found, expected = copied(classes), copied(classes)
    Day(found).run()
    compiled_years(expected)
    records = ("children", "teachers", "liked")
    flat = [[getattr(side, name).view(float) for name in records] for side in (found, expected)]
    return max(float(np.abs(a - b).max()) for a, b in zip(*flat, strict=True))


if __name__ == "__main__":
    short = Scenario.model_validate({"weeks": 2, "class": ClassSpec(size=25)})
    print(f"two weeks of 64 classes: the largest difference is {check(draw(short, range(64))):.1e}")
