"""The compiled runner: the same school day as `sim.model`, as loops over records.

It takes every equation from `sim.dynamics` and gives, bit for bit, the numbers of the agent-by-agent model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim import dynamics as d
from sim.compiled import compiled
from sim.luck import Stream, address, key, normal, uniform
from sim.school_day import SCHOOL_DAY
from sim.state import CONTACT_DTYPE, PLAY_DTYPE, ClassState, Records

if TYPE_CHECKING:
    from sim.interventions import Intervention
    from sim.record import Recorder

__all__ = ["run"]

MOODS, CONTACTS, TONES = int(Stream.MOODS), int(Stream.CONTACTS), int(Stream.TONES)
PLAY, INTERVENTIONS = int(Stream.PLAY), int(Stream.INTERVENTIONS)


@compiled
def arrive(children: Records, teacher: Records, nights: int, seed: int, number: int, day: int, p: Records) -> None:
    """Step `arrive`: moods, recovery of stress."""
    n = children.shape[0]
    moods = key(seed, number, MOODS, day)
    for i in range(n):
        d.child_arrives(children, i, nights, normal(moods, address(i, 0)), p)
    d.teacher_arrives(teacher, nights, normal(moods, address(n, 0)), p)


@compiled
def exchange(
    children: Records,
    teacher: Records,
    i: int,
    initiator: int,
    setting: int,
    public: bool,
    child_luck: float,
    teacher_luck: float,
    p: Records,
) -> tuple[float, float, float, float]:
    """One contact as teacher and child live it, in the order of `sim.school_day.CONTACT`.

    Returns tone, perceived, response, felt.
    """
    tone = d.child_tone(children, i, setting, child_luck, p)
    perceived = d.teacher_perceives(children, teacher, i, tone, p)
    response = d.teacher_tone(children, teacher, i, perceived, setting, public, teacher_luck, p)
    felt = d.child_perceives(children, i, response, p)
    d.dyad_learns(children, i, initiator, d.intimacy(setting, public, p), perceived, response, felt, p)
    d.teacher_learns(children, teacher, i, perceived, p)
    d.child_learns(children, i, setting, tone, felt, p)
    return tone, perceived, response, felt


@compiled
def contacts(
    children: Records,
    teacher: Records,
    liking: Records,
    seed: int,
    number: int,
    day: int,
    p: Records,
    log: Records,
) -> int:
    """Step `contacts`: the day's contacts in the order of their times; fills `log`, returns how many."""
    n = children.shape[0]
    stream, tones = key(seed, number, CONTACTS, day), key(seed, number, TONES, day)
    times = np.empty((n, d.MOST_BIDS))
    counts = np.empty(n, dtype=np.int64)
    for i in range(n):
        counts[i] = d.bids_of_child(children, teacher, i, stream, p, times[i])
    when = np.empty(counts.sum())
    whose = np.empty(when.shape[0], dtype=np.int64)
    which = np.empty(when.shape[0], dtype=np.int64)
    entry = 0
    for i in range(n):
        for bid in range(counts[i]):
            when[entry], whose[entry], which[entry] = times[i, bid], i, bid
            entry += 1
    before, count = 0.0, 0
    for entry in np.argsort(when, kind="mergesort"):
        time, i, first = when[entry], whose[entry], which[entry] * d.DRAWS_PER_BID
        initiator, setting = d.occasion(children, teacher, i, uniform(stream, address(i, first + d.OCCASION)), p)
        answered = d.attend(teacher, time - before, setting, uniform(stream, address(i, first + d.ANSWERED)), p)
        before = time
        if not answered:
            continue
        public = d.is_public(children, i, setting, uniform(stream, address(i, first + d.PLACE)), p)
        child_luck = normal(tones, address(i, first + d.CHILD_TONE))
        teacher_luck = normal(tones, address(i, first + d.TEACHER_TONE))
        tone, perceived, response, felt = exchange(
            children, teacher, i, initiator, setting, public, child_luck, teacher_luck, p
        )
        if public:
            d.reference(liking, children, i, response, p)
        enter(log, count, day, time, i, initiator, setting, public, tone, perceived, response, felt)
        count += 1
    return count


@compiled
def enter(
    log: Records,
    row: int,
    day: int,
    time: float,
    i: int,
    initiator: int,
    setting: int,
    public: bool,
    tone: float,
    perceived: float,
    response: float,
    felt: float,
) -> None:
    """Write one contact into row `row` of the log."""
    entry = log[row]
    entry.day, entry.time, entry.child = day, time, i
    entry.initiator, entry.setting, entry.public = initiator, setting, public
    entry.tone, entry.perceived, entry.response, entry.felt = tone, perceived, response, felt


@compiled
def play(
    children: Records, teacher: Records, liking: Records, seed: int, number: int, day: int, p: Records, log: Records
) -> int:
    """Step `play`: bouts of play in the order of their times; fills `log`, returns how many."""
    n, bouts = children.shape[0], int(p[0].play_bouts)
    stream = key(seed, number, PLAY, day)
    weights = np.empty((n, n))
    times = np.empty(n * bouts)
    for i in range(n):
        d.playmate_weights(children, liking, i, p, weights[i])
        for bout in range(bouts):
            times[i * bouts + bout] = uniform(stream, address(i, bout * d.DRAWS_PER_BOUT + d.BOUT_TIME))
    total, count = 0.0, 0
    for entry in np.argsort(times, kind="mergesort"):
        i, first = entry // bouts, entry % bouts * d.DRAWS_PER_BOUT
        j = d.choose(weights[i], uniform(stream, address(i, first + d.BOUT_PARTNER)))
        if j < 0:
            continue
        tone = d.play_tone(children, liking, i, j, 0.0, normal(stream, address(i, first + d.BOUT_TONE)), p)
        answer = d.play_tone(children, liking, j, i, tone, normal(stream, address(i, first + d.BOUT_ANSWER)), p)
        d.play_learns(children, liking, teacher, i, j, tone, answer, p)
        d.play_learns(children, liking, teacher, j, i, answer, tone, p)
        total += tone + answer
        bout_row = log[count]
        bout_row.day, bout_row.time, bout_row.child, bout_row.partner = day, times[entry], i, j
        bout_row.tone, bout_row.partner_tone = tone, answer
        count += 1
    if count > 0:
        teacher[0].play_climate = total / (2 * count)
    return count


@compiled
def learn(children: Records, teacher: Records, liking: Records, affinity: Records, p: Records) -> None:
    """Step `learn`: engagement, achievement, and the slow return of every memory."""
    for i in range(children.shape[0]):
        d.child_studies(children, i, d.acceptance(liking, i), p)
        d.child_settles(children, teacher, i, p)
    d.liking_settles(liking, affinity, p)


@compiled
def sessions(
    children: Records,
    teacher: Records,
    seed: int,
    number: int,
    day: int,
    p: Records,
    log: Records,
    count: int,
) -> int:
    """Step `intervene`: one-to-one sessions that are due, after class; adds to `log`, returns how many are in it."""
    stream = key(seed, number, INTERVENTIONS, day)
    for i in range(children.shape[0]):
        for entry in range(d.exchanges(children, i, p)):
            first = entry * d.DRAWS_PER_BID
            child_luck = normal(stream, address(i, first + d.CHILD_TONE))
            teacher_luck = normal(stream, address(i, first + d.TEACHER_TONE))
            tone, perceived, response, felt = exchange(
                children, teacher, i, d.TEACHER, d.SESSION, False, child_luck, teacher_luck, p
            )
            enter(log, count, day, 1.0, i, d.TEACHER, d.SESSION, False, tone, perceived, response, felt)
            count += 1
    return count


class CompiledDay:
    """One class on the compiled runner; its methods are the steps of `sim.school_day.SCHOOL_DAY`."""

    def __init__(self, state: ClassState, interventions: Sequence[Intervention], recorder: Recorder) -> None:
        self.state, self.interventions, self.recorder = state, interventions, recorder
        self.p = state.parameters.record()
        n = len(state.names)
        self.contact_log = np.zeros(n * (d.MOST_BIDS + d.MOST_EXCHANGES), dtype=CONTACT_DTYPE)
        self.play_log = np.zeros(max(1, n * int(self.p[0]["play_bouts"])), dtype=PLAY_DTYPE)
        self.day, self.count, self.bouts = 0, 0, 0

    def step(self) -> None:
        """One school day."""
        self.day += 1
        for step in SCHOOL_DAY:
            getattr(self, step.name)()

    @property
    def luck(self) -> tuple[int, int, int]:
        """Address of the luck of today: seed, class, day."""
        return self.state.seed, self.state.number, self.day

    def arrive(self) -> None:
        """Step: moods of the day, recovery of stress."""
        state = self.state
        arrive(state.children, state.teacher, state.calendar.nights[self.day], *self.luck, self.p)

    def prepare(self) -> None:
        """Step: interventions say what is in force today."""
        d.clear_levers(self.state.children, self.state.teacher)
        for intervention in self.interventions:
            intervention.apply(self.state, self.day)

    def contacts(self) -> None:
        """Step: the day's contacts."""
        state = self.state
        self.count = contacts(state.children, state.teacher, state.liking, *self.luck, self.p, self.contact_log)

    def play(self) -> None:
        """Step: the day's play."""
        state = self.state
        self.bouts = play(state.children, state.teacher, state.liking, *self.luck, self.p, self.play_log)

    def learn(self) -> None:
        """Step: learning, and the slow return of every memory."""
        state = self.state
        learn(state.children, state.teacher, state.liking, state.affinity, self.p)

    def intervene(self) -> None:
        """Step: one-to-one sessions that are due."""
        state = self.state
        self.count = sessions(state.children, state.teacher, *self.luck, self.p, self.contact_log, self.count)

    def record(self) -> None:
        """Step: the state of the evening is kept."""
        self.recorder.evening(self.state, self.day, self.contact_log[: self.count], self.play_log[: self.bouts])


def run(state: ClassState, interventions: Sequence[Intervention], recorder: Recorder) -> None:
    """Run a school year; `state` is changed in place.

    Parameters
    ----------
    state
        The class on the evening before the first day.
    interventions
        What is switched on, in the order in which it acts.
    recorder
        Told of the start and of each evening.
    """
    for intervention in interventions:
        intervention.initialize(state)
    recorder.start(state)
    runner = CompiledDay(state, interventions, recorder)
    for _ in range(state.calendar.days):
        runner.step()
    for intervention in interventions:
        intervention.finalize(state)
