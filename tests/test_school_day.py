"""Both runners are put together from the table of the school day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType

from strategies import chosen_for, small

from sim.engine import years
from sim.engine.group import Group
from sim.model import Classroom
from sim.population import draw_class
from sim.school_day import SCHOOL_DAY

ORDER = [step.name for step in SCHOOL_DAY]
SCENARIO = small(size=6, weeks=2, interventions=[chosen_for("banking-time")])


def evening(days: int, run: Callable[..., object] = years.run) -> bytes:
    """The children after some days of the compiled runner."""
    classes = years.gather([draw_class(SCENARIO)], [choice.build() for choice in SCENARIO.interventions])
    run(classes, [days], log=True)
    return classes.children.tobytes()


def one_by_one(steps: Sequence[str]) -> Callable[..., object]:
    """The runner from Python, with these steps in the place of the day's."""
    here = {number: years.STEPS[name] for number, name in enumerate(steps)}

    def do_step(address: int, group: Group, day: int) -> None:
        here[address](group, day)

    def with_others(function: FunctionType, **others: object) -> FunctionType:
        made = FunctionType(function.__code__, {**vars(years), **others})
        made.__kwdefaults__ = function.__kwdefaults__
        return made

    lived = with_others(years.years.py_func, do_step=do_step)  # type: ignore[attr-defined]
    return with_others(years.run, years=lived, addresses=lambda *_: list(here))  # type: ignore[arg-type]


def test_both_runners_can_do_every_step() -> None:
    assert sorted(years.STEPS) == sorted(ORDER)
    assert len(set(ORDER)) == len(ORDER)
    for name, step in years.STEPS.items():
        assert step.__name__ == name
        assert (getattr(Classroom, name).__doc__ or "").partition(";")[0].startswith("Step: ")


def test_the_compiled_day_does_the_steps_of_the_table_in_their_order() -> None:
    """Done one by one they give the same bits, done in another order they do not."""
    days = SCENARIO.calendar().days
    compiled = evening(days)
    assert evening(days, one_by_one(ORDER)) == compiled
    moved = list(ORDER)
    moved.insert(moved.index("contacts"), moved.pop(moved.index("play")))
    assert evening(days, one_by_one(moved)) != compiled
    assert evening(days, one_by_one([name for name in ORDER if name != "hold_sessions"])) != compiled


def test_the_agents_day_does_the_steps_of_the_table_in_their_order() -> None:
    done: list[str] = []

    class Watched(Classroom):
        def __getattribute__(self, name: str) -> object:
            if name in ORDER:
                done.append(name)
            return super().__getattribute__(name)

    Watched(small(weeks=1)).step()
    assert [name for name in done if name in ORDER] == ORDER
