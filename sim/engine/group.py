"""What every step of the day is given: a group of classes that run side by side, and the arrays it works in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.compiled import compiled
from sim.engine.classes import Classes, Evenings, Log
from sim.engine.lanes import WIDTH
from sim.engine.layout import LANES_SIZE, TURNS
from sim.luck import key
from sim.state import COUNTED, Records

BUCKETS = 512
LOGGED_CONTACTS, LOGGED_PLAY = range(2)


class Plain(NamedTuple):
    """The records of `Classes` as plain numbers: views, with a last axis for the fields."""

    children: Records
    teachers: Records
    parameters: Records


class Workspace(NamedTuple):
    """Arrays that a group of classes needs while it runs; lane k is class ``first + k``.

    An *event* is a bid, an exchange of a session, or a bout of play of today.
    """

    lanes: Records
    """See `sim.engine.layout`."""
    turns: Records
    """Shape (4, `WIDTH`), whole numbers: `WHO`, `WHICH`, and keys of luck."""
    when: Records
    """Times of today's events; shape (`WIDTH`, events), as for all that tells of events."""
    whose: Records
    """Which child an event is of."""
    which: Records
    """Which of the child's events it is."""
    kind: Records
    """Who begins a contact, what it is about, and whether it is public; see `sim.engine.bids.kind_of`."""
    whether: Records
    """The draw that decides whether a bid is answered."""
    order: Records
    """Numbers of events in the order of their times."""
    times: Records
    """Times in that order."""
    totals: Records
    """How many events there are in each class, shape (`WIDTH`,)."""
    past: Records
    """How many of them are over, shape (`WIDTH`,)."""
    met: Records
    """How many bids of a child, or bouts of play, there are in each class, shape (`WIDTH`,)."""
    starts: Records
    """For sorting, shape (`BUCKETS` + 1,)."""
    weights: Records
    """How much children want to play with each other, shape (`WIDTH`, n, n)."""
    partner: Records
    """Who is played with, shape (`WIDTH`,)."""
    tones: Records
    """Sum of today's tones of play, shape (`WIDTH`,)."""
    counts: Records
    """What `sim.state.COUNTED` names, so far; shape (`WIDTH`, counted, n)."""
    logged: Records
    """Rows of the log that are filled: of contacts, of bouts of play."""


class Group(NamedTuple):
    """Some of the classes, side by side: `width` of them, from number `first` on."""

    classes: Classes
    plain: Plain
    kept: Evenings
    log: Log
    space: Workspace
    first: int
    width: int


def workspace(n: int, events: int) -> Workspace:
    """Arrays for classes of `n` children with at most so many events a day."""
    return Workspace(
        lanes=np.zeros(LANES_SIZE),
        turns=np.zeros((TURNS, WIDTH), np.int64),
        when=np.zeros((WIDTH, events)),
        whose=np.zeros((WIDTH, events), np.int64),
        which=np.zeros((WIDTH, events), np.int64),
        kind=np.zeros((WIDTH, events)),
        whether=np.zeros((WIDTH, events)),
        order=np.zeros((WIDTH, events), np.int64),
        times=np.zeros((WIDTH, events)),
        totals=np.zeros(WIDTH, np.int64),
        past=np.zeros(WIDTH, np.int64),
        met=np.zeros(WIDTH, np.int64),
        starts=np.zeros(BUCKETS + 1, np.int64),
        weights=np.zeros((WIDTH, n, n)),
        partner=np.zeros(WIDTH, np.int64),
        tones=np.zeros(WIDTH),
        counts=np.zeros((WIDTH, len(COUNTED), n)),
        logged=np.zeros(2, np.int64),
    )


@compiled
def set_keys(group: Group, keys: Records, stream: np.int64, day: int) -> None:
    """The keys of a stream of luck of today, one a class; `keys` is a row of `Workspace.turns`.

    Streams are numpy's integers here, as numba would compile all this once more for every plain constant.
    """
    seeds, numbers = group.classes.seeds, group.classes.numbers
    for k in range(group.width):
        c = group.first + k
        keys[k] = np.int64(key(seeds[c], numbers[c], stream, day))  # type: ignore[arg-type]


@compiled
def most(totals: Records) -> int:
    """The largest of some whole numbers."""
    largest = 0
    for total in totals:
        largest = max(largest, total)
    return largest


@compiled
def sort_times(when: Records, order: Records, times: Records, starts: Records) -> None:
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
