"""Same class, same luck: two runs differ by consequences alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from strategies import chosen_for, difference, differences, run, simulate, small

from sim.engine import arrays
from sim.interventions import REGISTRY
from sim.model import Classroom
from sim.population import draw_class
from sim.record import Record
from sim.run import twins
from sim.scenario import Scenario
from sim.state import CONTACT_DTYPE, PLAY_DTYPE, ClassState, Records

CHANGED = 3
"""The child that is made different."""
CLOSE = 0.75
"""Closeness of that child before."""
NEVER = (10**6, 0, 0.0)


class Watched(NamedTuple):
    """A run, and the first moment (day, 0 contacts or 1 play, time) at which the changed child could matter.

    What it sees as a witness matters where its closeness is what was changed (W3).
    """

    record: Record
    reached: tuple[int, int, float]


class Watching(Classroom):
    """A class with something changed before the first day; notes when the changed child first comes into view.

    It comes into view whether the teacher answers or not.
    """

    def __init__(self, scenario: Scenario, *changes: Callable[[ClassState], None]) -> None:
        super().__init__(scenario)
        for change in changes:
            change(self.state)
        self.recorder.start(self.state)
        self.reached = NEVER
        self.seen = NEVER  # the first derogation of another child that the changed child is witness of

    def contacts(self) -> None:
        bids = self.children[CHANGED].bids()
        if bids:
            self.reached = min(self.reached, (self.day, 0, min(bid.time for bid in bids)))
        super().contacts()
        log = np.array(self.contacts_of_day, dtype=CONTACT_DTYPE)
        shown = np.where(log["turns"] == 4, 0.5 * (log["response"] + log["second_response"]), log["response"])
        derogatory = shown < -self.p[0]["derogation_threshold"]
        own = log["time"][derogatory & (log["public"] == 1) & (log["child"] != CHANGED)]
        if len(own):
            self.seen = min(self.seen, (self.day, 0, float(own[0])))

    def play(self) -> None:
        super().play()
        bouts = np.array(self.play_of_day, dtype=PLAY_DTYPE)
        own = bouts["time"][(bouts["child"] == CHANGED) | (bouts["partner"] == CHANGED)]
        if len(own):
            self.reached = min(self.reached, (self.day, 1, float(own[0])))


def watch(scenario: Scenario, *changes: Callable[[ClassState], None]) -> Watched:
    """Run a class, changed before the first day, in both runners; they must agree."""
    watching = Watching(scenario, *changes)
    state = draw_class(scenario)
    for change in changes:
        change(state)
    record = run(scenario, state)
    watching.run_model()
    assert differences(record, watching.result()) == {}
    moment = watching.reached
    if state.children["closeness"][CHANGED] != CLOSE:
        moment = min(moment, watching.seen)
    return Watched(record, moment)


def others(record: Records) -> Records:
    """The same without the changed child, along the last axis."""
    kept: Records = np.ascontiguousarray(np.delete(record, CHANGED, axis=-1))
    return kept


def log_before(log: Records, phase: int, moment: tuple[int, int, float], columns: tuple[str, ...]) -> Records:
    """Entries before `moment` in which the changed child has no part."""
    before = np.array([(int(entry["day"]), phase, float(entry["time"])) < moment for entry in log], dtype=bool)
    for column in columns:
        before &= log[column] != CHANGED
    kept: Records = log[before]
    return kept


def more_aggressive(state: ClassState) -> None:
    """The child is readier to act with hostility, wherever it is."""
    state.children["liability"][CHANGED] = 0.5 * (1.0 + state.children["liability"][CHANGED])
    arrays.show(state.children, CHANGED, state.parameters.record())


def of_bad_habits(state: ClassState) -> None:
    """The child has learned with this teacher to act with hostility."""
    state.children["habit"][CHANGED] = 0.5 * (1.0 + state.children["habit"][CHANGED])
    arrays.show(state.children, CHANGED, state.parameters.record())


def unwilling(state: ClassState) -> None:
    """The child has been without approval for days."""
    state.children["goodwill"][CHANGED] = 0.0
    arrays.show(state.children, CHANGED, state.parameters.record())


def less_trusted(state: ClassState) -> None:
    """The teacher expects worse of the child."""
    state.children["representation"][CHANGED] -= 0.5


def less_close(state: ClassState) -> None:
    """The child is less close to the teacher."""
    state.children["closeness"][CHANGED] *= 0.5


def in_a_worse_mood(state: ClassState) -> None:
    """The child slept badly."""
    state.children["mood"][CHANGED] -= 2.0


CHANGES = (more_aggressive, of_bad_habits, unwilling, less_trusted, less_close, in_a_worse_mood)


def rarely_seen(visibility: float) -> Callable[[ClassState], None]:
    """The child that is to be changed comes into view so often."""

    def seen(state: ClassState) -> None:
        state.children["visibility"][CHANGED], state.children["closeness"][CHANGED] = visibility, CLOSE

    return seen


def with_play(play_bouts: float, seed: int = 5, **parameters: float) -> Scenario:
    """A class that plays so often."""
    return small(size=8, weeks=8, seed=seed, parameters={"play_bouts": play_bouts, **parameters})


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("visibility", "play_bouts"),
    [(1.0, 3.0), (1.0, 0.0), (0.01, 0.0), (0.03, 0.0), (0.0, 1.0)],
    ids=["ordinary", "seen often", "seen rarely", "seen at times", "met in play only"],
)
@pytest.mark.parametrize("seed", [5, 6])
def test_nothing_moves_before_the_change_could_reach_it(
    change: Callable[[ClassState], None], visibility: float, play_bouts: float, seed: int
) -> None:
    scenario, seen = with_play(play_bouts, seed), rarely_seen(visibility)
    one, other = watch(scenario, seen), watch(scenario, seen, change)
    moment = min(one.reached, other.reached)
    assert moment < NEVER
    day = moment[0]
    a, b = one.record, other.record
    assert difference(others(a.children[:day]), others(b.children[:day])) == ""
    assert difference(a.teacher[:day], b.teacher[:day]) == ""
    assert difference(a.liking[:day], b.liking[:day]) == ""
    assert difference(a.acceptance[:day], b.acceptance[:day]) == ""
    for name, phase, columns in (("contacts", 0, ("child",)), ("play", 1, ("child", "partner"))):
        before = [log_before(getattr(record, name), phase, moment, columns) for record in (a, b)]
        assert difference(*before) == "", name
    assert difference(a.children, b.children) != ""


@pytest.mark.parametrize("change", CHANGES)
def test_a_child_that_nobody_meets_changes_nobody(change: Callable[[ClassState], None]) -> None:
    scenario, seen = with_play(0.0, reference_own_closeness=0.0), rarely_seen(0.0)
    one, other = watch(scenario, seen), watch(scenario, seen, change)
    assert difference(others(one.record.children), others(other.record.children)) == ""
    assert {*differences(one.record, other.record)} == {"children"}


def test_weekends_bring_the_same_luck_to_all_pairs_whatever_else_happens() -> None:
    """Likings of children whom nobody sees and who do not play: they drift as before, the changed one's too."""
    quiet = {"public_task": 0.0, "public_social": 0.0, "public_discipline": 0.0, "liking_luck": 0.1}
    scenario, seen = with_play(0.0, **quiet), rarely_seen(1.0)
    one, other = watch(scenario, seen).record, watch(scenario, seen, more_aggressive).record
    assert difference(one.liking, other.liking) == ""
    assert difference(one.contacts, other.contacts) != ""
    assert np.abs(one.liking[-1] - one.liking[0]).max() > 0.05


def test_the_change_does_reach_the_class_in_the_end() -> None:
    """Otherwise the tests above would show nothing."""
    scenario, seen = with_play(3.0), rarely_seen(1.0)
    one, other = watch(scenario, seen).record, watch(scenario, seen, more_aggressive).record
    assert {*differences(one, other)} == {"children", "teacher", "liking", "acceptance", "contacts", "play"}
    assert difference(others(one.children[-1]), others(other.children[-1])) != ""


def test_liking_of_one_pair_reaches_teacher_contacts_only_by_way_of_play() -> None:
    def disliked(state: ClassState) -> None:
        state.liking[CHANGED, 0] = state.affinity[CHANGED, 0] = -0.9

    scenario, seen = with_play(0.0), rarely_seen(1.0)
    one, other = watch(scenario, seen).record, watch(scenario, seen, disliked).record
    reached = {"lead"}  # by way of acceptance and engagement, and no further
    untouched = [name for name in one.contacts.dtype.names or () if name not in reached]
    for name in untouched:
        assert difference(one.contacts[name], other.contacts[name]) == "", name
    assert difference(np.delete(one.liking, CHANGED, 1), np.delete(other.liking, CHANGED, 1)) == ""
    acquainted = [name for name in (one.children.dtype.names or ()) if name not in ("self_social", "engagement")]
    by_engagement = ("achievement", "self_academic", "autonomy", "structure")
    unreached = [name for name in acquainted if name not in by_engagement]
    for name in unreached:
        assert difference(one.children[name], other.children[name]) == "", name


# --- Interventions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_all_days_before_the_start_are_bit_identical(name: str) -> None:
    both = twins(small(weeks=6, interventions=[chosen_for(name, start_week=4)]))
    without, with_ = both.without, both.with_
    last = without.calendar.last_day(3)
    for part in ("children", "teacher", "liking", "acceptance"):
        assert difference(getattr(without, part)[: last + 1], getattr(with_, part)[: last + 1]) == "", part
    for part in ("contacts", "play"):
        early = [getattr(record, part)[getattr(record, part)["day"] <= last] for record in (without, with_)]
        assert difference(*early) == "", part
    assert difference(without.children[last + 1 :], with_.children[last + 1 :]) != ""


def test_what_is_switched_off_was_never_heard_of() -> None:
    plain = simulate(small())
    switched_off = simulate(small(interventions=[chosen_for(name) for name in REGISTRY]), interventions=False)
    assert differences(plain, switched_off) == {}


# --- Classes -----------------------------------------------------------------------------------------


def test_any_class_can_be_made_again_alone() -> None:
    scenario = small(weeks=2)
    in_order = {number: simulate(scenario, number=number) for number in range(4)}
    for number in (2, 0, 3, 1):
        again = simulate(scenario, number=number)
        assert differences(in_order[number], again) == {}
        assert again.names == in_order[number].names


def test_a_scenario_may_name_its_class() -> None:
    plain, named = small(weeks=2), small(weeks=2, number=7)
    seventh = simulate(plain, number=7)
    assert differences(simulate(named), seventh) == {}
    assert differences(simulate(named, number=0), simulate(plain)) == {}
    assert simulate(named).final.number == seventh.final.number == 7
    classroom = Classroom(named)
    classroom.run_model()
    assert differences(classroom.result(), seventh) == {}
    assert differences(twins(named).without, seventh) == {}
    assert differences(seventh, simulate(plain))


def test_a_run_leaves_nothing_behind_that_the_next_could_see() -> None:
    scenario = small(weeks=2)
    first = simulate(scenario)
    simulate(small(size=30, weeks=3, seed=9, interventions=[chosen_for("llinc")]))
    assert differences(first, simulate(scenario)) == {}
    state = draw_class(scenario)
    run(scenario, state)
    assert differences(first, run(scenario, state)) == {}


def test_other_seeds_and_numbers_are_other_classes() -> None:
    runs = [simulate(small(weeks=1, seed=seed), number=number) for seed in (1, 2) for number in (0, 1)]
    for i, one in enumerate(runs):
        for other in runs[:i]:
            assert not (one.children["conflict"] == other.children["conflict"]).any()


def test_the_same_children_have_other_luck_under_another_number() -> None:
    state = draw_class(small(weeks=1))
    here = run(small(weeks=1), state)
    for address in ({"seed": 77}, {"number": 77}):
        there = run(small(weeks=1), replace(state, **address))  # type: ignore[arg-type]
        assert difference(here.children[0], there.children[0]) == ""
        assert not (here.children["mood"][1:] == there.children["mood"][1:]).any()


def begun(record: Record, days: int) -> dict[str, Records]:
    """What a run had left on the evening of day `days`."""
    evenings = {part: getattr(record, part)[: days + 1] for part in ("children", "teacher", "liking", "acceptance")}
    logs = {part: getattr(record, part)[getattr(record, part)["day"] <= days] for part in ("contacts", "play")}
    return evenings | logs


@pytest.mark.parametrize("days_per_week", [1, 2, 5])
def test_a_longer_year_begins_like_a_shorter_one(days_per_week: int) -> None:
    """Stopped after any week, also in the midst of a programme: what comes later reaches nothing that was before."""
    choices = [chosen_for("samen-spel", start_week=2), chosen_for("llinc", count=1)]
    long = simulate(small(weeks=9, days_per_week=days_per_week, interventions=choices))
    for weeks in range(2, 9):
        short = simulate(small(weeks=weeks, days_per_week=days_per_week, interventions=choices))
        days = short.calendar.days
        assert days == weeks * days_per_week
        assert short.chosen == long.chosen
        whole, part = begun(short, days), begun(long, days)
        for name in whole:
            assert difference(whole[name], getattr(short, name)) == "", name
            assert difference(whole[name], part[name]) == "", name
