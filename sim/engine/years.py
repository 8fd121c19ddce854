"""The compiled runner: the same school day as `sim.model`, for many classes at once.

It takes every equation from `sim.dynamics` and gives, bit for bit, the numbers of the agent-by-agent model. Classes
run in groups of `sim.engine.lanes.WIDTH`, side by side: at each step of the day every class of the group takes its own
next contact (of whichever child), so that the processor works on all of them with the same instructions. Children are
copied from their records into lanes and back; nothing of one class ever reaches another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import parent_process
from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import typeof, types
from numba._dispatcher import compute_fingerprint
from numba.core.extending import intrinsic

from sim import beside
from sim import dynamics as d
from sim.compiled import check_equations, entry_point, is_to_be_kept, kernel, outer
from sim.engine.classes import Classes, Evenings, Log, gather, with_interventions
from sim.engine.contacts import contacts, hold_sessions
from sim.engine.evenings import learn, record
from sim.engine.group import LOGGED_CONTACTS, LOGGED_PLAY, Group, Plain, Workspace, workspace
from sim.engine.lanes import WIDTH
from sim.engine.layout import WHO, load_parameters
from sim.engine.mornings import arrive, intervene
from sim.engine.play import play
from sim.school_day import SCHOOL_DAY
from sim.state import CHILD_DTYPE, CONTACT_DTYPE, COUNTED, PLAY_DTYPE, TEACHER_DTYPE, Records

if TYPE_CHECKING:  # it speaks to users, of which compiled code knows nothing
    from sim.engine.equations import Equations

__all__ = ["Classes", "Evenings", "Log", "gather", "run", "with_interventions", "years"]

STEPS: dict[str, Callable[[Group, int], None]] = {
    "arrive": arrive,
    "intervene": intervene,
    "contacts": contacts,
    "play": play,
    "learn": learn,
    "hold_sessions": hold_sessions,
    "record": record,
}
"""What does each step of `sim.school_day.SCHOOL_DAY` for a group of classes."""

MEETING = contacts, hold_sessions
"""Steps in which teacher and children meet; they share their code, which takes as long to compile as all else."""

_made: dict[tuple[tuple[Any, ...], bytes], list[Any]] = {}
"""Compiled steps of a day, by the functions and the types that they are of."""


def addresses(group: Group, equations: Equations | None = None) -> Records:
    """Addresses of the steps of a day, in their order, with these equations in them.

    Each step is compiled on its own, and the runner knows it by its address: so nothing is made of all of the day,
    which takes long to compile, and where an equation is replaced, only the steps that need it are made once more.
    """
    ordinary = [STEPS[step.name] for step in SCHOOL_DAY]
    steps = tuple(step if equations is None else equations.compiled(step) for step in ordinary)
    known = steps, compute_fingerprint(group)  # of its types, which take long to be told in full
    if known not in _made:
        _made[known] = entries(steps, types.void(typeof(group), types.int64))  # type: ignore[no-untyped-call]
    return np.array([one.address for one in _made[known]])


def entries(steps: Sequence[Any], form: Any) -> list[Any]:
    """Steps as compiled functions of the given form; where they are compiled for the first time, in two processes."""
    made, helper = {step: entry(step, form) for step in steps}, None
    if any(step in made and is_to_be_kept(made[step]) for step in MEETING) and parent_process() is None:
        with suppress(OSError):
            helper = beside.begin(compile_meeting, form)
    ours = [one for step, one in made.items() if step not in MEETING]
    for one in ours:
        one.compile()
    if helper is not None:
        compile_years(form)
        helper.wait()  # after which the others are loaded
    for one in made.values():
        if one not in ours:
            one.compile()
    return [*made.values()]


def compile_meeting(form: Any) -> None:
    """Compile `MEETING`, for the disk."""
    for step in MEETING:
        entry(step, form).compile()


def compile_years(form: Any) -> None:
    """Compile what does the steps of every day, by the form of a step."""
    *parts, _first, _width = form.args[0]
    years.compile((*parts, types.int64[::1], types.int64))  # type: ignore[attr-defined]


def entry(step: Any, form: Any) -> Any:
    """A step as a function of the given form, to be compiled."""
    return entry_point(step.py_func, form, step.py_func)


def build_call(_typing: Any, address: Any, group: Any, _day: Any) -> Any:
    """How to do the step at `address`."""
    signature = types.void(address, group, types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        form = ir.FunctionType(ir.VoidType(), [context.get_value_type(kind) for kind in signature.args[1:]])
        builder.call(builder.inttoptr(arguments[0], form.as_pointer()), arguments[1:])
        return context.get_dummy_value()

    return signature, generate


do_step: Any = intrinsic(build_call)
"""For compiled code: ``do_step(address, group, day)``."""


@kernel
def begin(group: Group) -> None:
    """Before the first day: parameters come into lanes, and nothing has been counted yet."""
    load_parameters(group.space.lanes, group.plain.parameters, group.first)
    group.space.turns[WHO, :] = -1
    group.space.totals[:] = 0
    group.space.met[:] = 0
    group.space.counts[:] = 0.0


@outer
def years(
    classes: Classes, plain: Plain, kept: Evenings, log: Log, space: Workspace, steps: Records, evening: int
) -> None:
    """Run classes for a school year, group after group; everything is changed in place.

    Parameters
    ----------
    classes, plain
        The classes, and the same records as plain numbers.
    kept
        Filled with what is kept.
    log
        Filled with contacts and play, if there is one class only; empty arrays: nothing is logged.
    space
        Arrays to work in.
    steps
        Addresses of the steps of a day, shape (steps,).
    evening
        Address of the step that keeps an evening, also before the first day.
    """
    c = classes.children.shape[0]
    for first in range(0, c, WIDTH):
        group = Group(classes, plain, kept, log, space, first, min(WIDTH, c - first))
        begin(group)
        do_step(evening, group, 0)
        for day in range(1, classes.nights.shape[0]):
            for step in steps:
                do_step(step, group, day)


def run(
    classes: Classes,
    days: Sequence[int],
    *,
    liking: bool = False,
    log: bool = False,
    equations: Equations | None = None,
) -> tuple[Evenings, Log]:
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
    equations
        The equations in force (`sim.engine.equations.in_force`), where they are not all those of `sim.dynamics`.

    Raises
    ------
    ValueError
        When the log of several classes is asked for.
    ReplacedError
        When an equation was replaced after others had been compiled.
    MechanismError
        When equations of somebody's own lead to what is no state of a class.
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
    plain = Plain(*(plain_numbers(records) for records in (classes.children, classes.teachers, classes.parameters)))
    bouts = int(classes.parameters["play_bouts"].max(initial=0))
    written = empty_log(n, bouts, len(classes.nights) if log else 0)
    space = workspace(n, n * max(d.MOST_BIDS, bouts))
    steps = addresses(Group(classes, plain, kept, written, space, 0, 0), equations)
    years(classes, plain, kept, written, space, steps, steps[-1])
    if equations is not None:
        equations.check(classes.children, classes.teachers, classes.liked)
    contacts_, play_ = written.contacts[: space.logged[LOGGED_CONTACTS]], written.play[: space.logged[LOGGED_PLAY]]
    return kept, Log(contacts_.copy(), play_.copy())


def plain_numbers(records: Records) -> Records:
    """A view of records as numbers, with a last axis for their fields."""
    return records.view(np.float64).reshape(*records.shape, -1)


def empty_log(n: int, bouts: int, days: int) -> Log:
    """Room for all contacts and play that there can be; memory is taken only as it is written to."""
    most_contacts = days * n * (d.MOST_BIDS + d.MOST_EXCHANGES)
    return Log(np.zeros(most_contacts, CONTACT_DTYPE), np.zeros(days * n * bouts, PLAY_DTYPE))
