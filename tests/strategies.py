"""What the tests have in common: hand-made classes, drawn parameters, and comparison bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from sim.calendar import Calendar
from sim.interventions import Intervention
from sim.parameters import PARAMETERS, Parameters
from sim.record import Record
from sim.run import compiled_year, simulate
from sim.scenario import Scenario
from sim.state import CHILD, CHILD_DTYPE, TEACHER, TEACHER_DTYPE, ClassState, Records, fields

RECORDED = ("children", "teacher", "liking", "acceptance", "contacts", "play")
"""What a run leaves behind."""

settings.register_profile(
    "spiraal", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("spiraal")


# --- Drawn values ------------------------------------------------------------------------------------


def within(low: float, high: float) -> st.SearchStrategy[float]:
    """Any number of a range; the ends, where things go wrong, come up often."""
    return st.sampled_from([low, high]) | st.floats(low, high, allow_subnormal=False)


def parameter_values() -> st.SearchStrategy[dict[str, float]]:
    """A value within its range for every parameter: an end of it or any between."""
    return st.builds(_parameter_values, st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 1.0]))


def _parameter_values(seed: int, ends: float) -> dict[str, float]:
    # Drawn by NumPy: Hypothesis would spend its time on shrinking more than a hundred numbers.
    luck = np.random.default_rng(seed)
    return {
        name: luck.choice([p.low, p.high]) if luck.random() < ends else luck.uniform(p.low, p.high)
        for name, p in PARAMETERS.items()
    }


# --- Hand-made classes -------------------------------------------------------------------------------


def child_records(n: int = 1, /, **values: float) -> Records:
    """Children of middling traits and states, all alike."""
    children = np.zeros(n, dtype=CHILD_DTYPE)
    for field in CHILD:
        if field.kind != "lever" and (field.low, field.high) == (0, 1):
            children[field.name] = 0.5
    children["sex"] = np.arange(n) % 2
    children["age"], children["visibility"] = 7.5, 1.0
    for name, value in values.items():
        children[name] = value
    return children


def teacher_records(**values: float) -> Records:
    """A middling teacher."""
    teacher = np.zeros(1, dtype=TEACHER_DTYPE)
    for name in (*fields(TEACHER, "trait"), "stress"):
        teacher[name] = 0.5
    teacher["attention"] = teacher["pace"] = 1.0
    for name, value in values.items():
        teacher[name] = value
    return teacher


def parameter_record(**changes: float) -> Records:
    """The parameters as the equations want them, with some changed."""
    return Parameters(changes).record()


MIDDLING = {name: 0.5 * (parameter.low + parameter.high) for name, parameter in PARAMETERS.items()}
"""Every parameter in the middle of its range: what has a sign for these does not owe it to calibration."""


STRONG = {
    **MIDDLING,
    "act_baseline": -4.5, "act_misbehaviour": 4.5, "act_conflict": 3.0,
    "harsh_baseline": -3.5, "harsh_hostility": 4.0, "harsh_helplessness": 3.0, "harsh_conflict": 3.0,
    "harsh_support": 1.2, "harsh_stress": 1.0, "teacher_bias": 0.8,
    "conflict_gain": 0.3, "conflict_half_life": 200.0, "conflict_rest": 0.05,
    "coercion_habit": 0.3, "habit_weight": 0.6, "aggression_liability": 0.8,
}  # fmt: skip
"""Parameters of dyads that feed back strongly, whatever is calibrated: who starts badly ends badly, others do not."""


def middling_record(**changes: float) -> Records:
    """Parameters in the middle of their ranges as the equations want them, with some changed."""
    return parameter_record(**{**MIDDLING, **changes})


def class_state(children: Records, teacher: Records, *, weeks: Any = 4, seed: Any = 1, **changes: float) -> ClassState:
    """A hand-made class in which nobody likes or dislikes anybody."""
    n = len(children)
    return ClassState(
        names=tuple(f"{i + 1:02d}" for i in range(n)),
        children=children,
        teacher=teacher,
        liking=np.zeros((n, n), order="F"),
        affinity=np.zeros((n, n), order="F"),
        parameters=Parameters(changes),
        calendar=Calendar(weeks),
        seed=seed,
    )


# --- Runs --------------------------------------------------------------------------------------------


def small(size: Any = 6, weeks: Any = 4, **changes: object) -> Scenario:
    """A scenario that runs in no time."""
    return Scenario.model_validate({"class": {"size": size}, "weeks": weeks, "holidays": (), **changes})


def run(scenario: Scenario, state: ClassState, *interventions: Intervention) -> Record:
    """Run a class that is given, not drawn; `state` stays as it is."""
    assert all(intervention.is_compiled() for intervention in interventions)
    return compiled_year(scenario, state, interventions)


def chosen_for(name: str, **values: object) -> dict[str, object]:
    """A choice of the intervention `name`, for the two children with the highest conflict unless said."""
    return {"name": name, "target": "highest conflict", "count": 2, **values}


# --- Comparison bit for bit --------------------------------------------------------------------------


def difference(one: Records, other: Records) -> str:
    """Where two arrays first differ in any bit; empty when they do not."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return f"{one.dtype} {one.shape} is not {other.dtype} {other.shape}"
    if one.tobytes() == other.tobytes():
        return ""
    for name in one.dtype.names or (None,):
        a, b = (one, other) if name is None else (one[name], other[name])
        a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
        bits = np.dtype(f"u{a.itemsize}")
        places = np.argwhere(a.view(bits) != b.view(bits))
        if len(places):
            first = tuple(int(place) for place in places[0])
            return f"{name or 'values'}{list(first)}: {a[first]!r} is not {b[first]!r} ({len(places)} differ)"
    return ""


def differences(one: Record, other: Record) -> dict[str, str]:
    """For each part of two records in which they differ, where."""
    found = {part: difference(getattr(one, part), getattr(other, part)) for part in RECORDED}
    return {part: where for part, where in found.items() if where}


def out_of_bounds(record: Record) -> list[str]:
    """Every field that leaves its declared bounds, or is no number, at any moment of a run."""
    problems = []
    for who, records, table in (("child", record.children, CHILD), ("teacher", record.teacher, TEACHER)):
        for field in table:
            values = records[field.name]
            if not (np.isfinite(values) & (values >= field.low) & (values <= field.high)).all():
                problems.append(f"{who}.{field.name}: {values.min()!r} to {values.max()!r}")
    if not (np.abs(record.final.liking) <= 1).all() or not (np.abs(record.liking) <= 1).all():
        problems.append(f"liking: {record.final.liking.min()!r} to {record.final.liking.max()!r}")
    if np.einsum("dii->di", record.liking).any():
        problems.append("liking: the diagonal is not 0")
    if not ((record.acceptance >= 0) & (record.acceptance <= 1)).all():
        problems.append(f"acceptance: {record.acceptance.min()!r} to {record.acceptance.max()!r}")
    tones = {
        "contacts": ("tone", "perceived", "response", "felt", "second_tone", "second_response"),
        "play": ("tone", "partner_tone", "second_tone", "second_partner_tone"),
    }
    for part, names in tones.items():
        log = getattr(record, part)
        problems.extend(f"{part}.{name}" for name in names if not (np.abs(log[name]) <= 1).all())
    return problems


__all__ = [
    "MIDDLING",
    "RECORDED",
    "STRONG",
    "child_records",
    "chosen_for",
    "class_state",
    "difference",
    "differences",
    "middling_record",
    "out_of_bounds",
    "parameter_record",
    "parameter_values",
    "run",
    "simulate",
    "small",
    "teacher_records",
    "within",
]
