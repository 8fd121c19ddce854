"""Both runners are put together from the table of the school day."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from strategies import chosen_for, small

from sim.engine import years
from sim.engine.group import Group
from sim.model import Classroom
from sim.population import draw_class
from sim.school_day import SCHOOL_DAY

ORDER = [step.name for step in SCHOOL_DAY]
SCENARIO = small(size=6, weeks=2, interventions=[chosen_for("banking-time")])


def evening(days: int) -> bytes:
    """The children after some days of the compiled runner."""
    classes = years.gather([draw_class(SCENARIO)], [choice.build() for choice in SCENARIO.interventions])
    years.run(classes, [days], log=True)
    return classes.children.tobytes()


def walk(steps: Sequence[str]) -> Callable[[Group, int], None]:
    """A day that does these steps of the compiled runner."""

    def day_of_steps(group: Group, day: int) -> None:
        for step in steps:
            years.STEPS[step](group, day)

    return day_of_steps


def test_both_runners_can_do_every_step() -> None:
    assert sorted(years.STEPS) == sorted(ORDER)
    assert len(set(ORDER)) == len(ORDER)
    for name, step in years.STEPS.items():
        assert step.__name__ == name
        assert (getattr(Classroom, name).__doc__ or "").partition(";")[0].startswith("Step: ")


def test_the_compiled_day_does_the_steps_of_the_table_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Done one by one they give the same bits, done in another order they do not."""
    days = SCENARIO.calendar().days
    compiled = evening(days)
    monkeypatch.setattr(years, "years", years.years.py_func)  # type: ignore[attr-defined]
    monkeypatch.setattr(years, "school_day", walk(ORDER))
    assert evening(days) == compiled
    moved = list(ORDER)
    moved.insert(moved.index("contacts"), moved.pop(moved.index("play")))
    monkeypatch.setattr(years, "school_day", walk(moved))
    assert evening(days) != compiled
    monkeypatch.setattr(years, "school_day", walk([name for name in ORDER if name != "hold_sessions"]))
    assert evening(days) != compiled


def test_the_agents_day_does_the_steps_of_the_table_in_their_order() -> None:
    done: list[str] = []

    class Watched(Classroom):
        def __getattribute__(self, name: str) -> object:
            if name in ORDER:
                done.append(name)
            return super().__getattribute__(name)

    Watched(small(weeks=1)).step()
    assert [name for name in done if name in ORDER] == ORDER
