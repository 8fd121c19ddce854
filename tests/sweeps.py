"""Small sweeps for tests, sweeps that compute a known function, and `spiraal` as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.files.toml import as_toml
from sim.sweeps.chunk import DATA
from sim.sweeps.results import Results, open_results
from sim.sweeps.sweep import Computed, Sweep, prepare, run

ROOT = Path(__file__).resolve().parents[1]

PLAN: dict[str, Any] = {
    "title": "A small sweep",
    "scenario": "school.toml",
    "replications": 3,
    "seed": 5,
    "design": {"kind": "grid"},
    "uncertainties": {"class.size": {"values": [4, 5]}, "parameters.negativity": {"values": [1.0, 1.4]}},
    "levers": {"interventions.0.fidelity": {"values": [0.0, 1.0]}},
    "outcomes": [
        {"variables": ["conflict", "acceptance"], "days": ["start", "end", 3], "of": ["mean", "max", "chosen", "each"]},
        {"variables": ["teacher_stress"]},
    ],
}
SCHOOL: dict[str, Any] = {
    "title": "Two weeks",
    "weeks": 2,
    "holidays": [],
    "interventions": [{"name": "banking-time", "target": "highest conflict", "count": 2}],
}
PLUGIN = """
from sim.interventions import Intervention, register


@register
class Fragile(Intervention):
    name = "fragile"
    title = "An intervention that fails in classes of five"

    def act(self, state, child, course_day):
        if len(state.names) == 5:
            raise RuntimeError("five is too many")
        state.children[child]["calm"] = self.raised(state.children[child]["calm"], 0.5)
"""
"""Without a compiled form."""
HOOK = """
from sim.compiled import kernel
from sim.interventions import Hook, Intervention, raised, register


@kernel
def greet(children, teacher, child, plan, p):
    record = children[child]
    record.attunement = raised(record.attunement, 0.3, plan)


@register
class MorningGreeting(Intervention):
    name = "morning-greeting"
    title = "Morning greeting"
    hook = Hook(greet)
"""
"""With one."""


def write_plan(folder: Path, name: str = "plan.toml", school: dict[str, Any] | None = None, **changes: Any) -> Path:
    """A plan with some keys changed, and the scenario that it names, as files in a folder; None takes a key away."""
    (folder / "school.toml").write_text(as_toml({**SCHOOL, **(school or {})}), encoding="utf-8")
    path = folder / name
    path.write_text(as_toml({**PLAN, **changes}), encoding="utf-8")
    return path


def command(*arguments: object) -> list[str]:
    """The command line that starts the program of this checkout."""
    return [sys.executable, "-m", "sim.cli", *map(str, arguments)]


def surroundings() -> dict[str, str]:
    """An environment that speaks English on a wide terminal, whatever the user's own is like."""
    spoken = {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"}
    inherited = {name: value for name, value in os.environ.items() if name not in spoken}
    ours = {
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "200",
        "NO_COLOR": "1",
    }
    return inherited | ours


def spiraal(folder: Path, *arguments: object, code: int = 0, **settings: Any) -> str:
    """Run the program in a folder; returns all that it said. Nothing that it does shows a traceback."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=surroundings(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        **settings,
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert done.returncode == code, said
    return said


def content(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, hidden ones too, with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- Known functions -----------------------------------------------------------------------------------

OUTCOME = "conflict_mean_end"
FACTORS = {
    "parameters.negativity": {"low": 1.0, "high": 3.0},
    "parameters.teacher_bias": {"low": 0.0, "high": 0.9},
    "class.problem_behaviour": {"low": -2.0, "high": 2.0},
}
LEVER = "interventions.0.fidelity"

Function = Callable[[np.ndarray, float], float]
"""Of the places of the factors in their ranges, and of the lever."""


def ishigami(x: np.ndarray, _lever: float) -> float:
    """The function of Ishigami and Homma (1990)."""
    a, b, c = np.pi * (2.0 * x - 1.0)
    return float(np.sin(a) + 7.0 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a))


def computed(
    sweep: Sweep, parts: Iterable[int], function: Function, noise: float, failing: Collection[int]
) -> Computed:
    """Compute a function, with luck, where a sweep would run classes; without uncertainties, of the keys themselves."""
    factors = sweep.plan.uncertainties
    placed = [factor.place(sweep.design[key].to_numpy()) for key, factor in factors.items()]
    places = np.column_stack(placed) if placed else sweep.design.drop(columns=["cell", "point"]).to_numpy()
    levers = sweep.design.get(LEVER, pd.Series(1.0, sweep.design.index))
    for part in parts:
        rows = []
        for batch in sweep.chunk(part).batches:
            value = function(places[batch.cell], levers[batch.cell])
            for place, number in enumerate(batch.numbers):
                luck = noise * np.random.default_rng(number).normal()
                failed = batch.cell in failing
                rows.append(
                    {
                        "cell": batch.cell,
                        "replication": batch.replication + place,
                        "number": number,
                        "error": "RuntimeError: no" if failed else None,
                        OUTCOME: None if failed else value + luck,
                    }
                )
        yield part, {DATA: pa.Table.from_pandas(pd.DataFrame(rows), preserve_index=False)}


def swept(
    folder: Path,
    design: dict[str, Any],
    function: Function = ishigami,
    noise: float = 0.0,
    replications: int = 2,
    failing: Collection[int] = (),
    done: float = 1.0,
    **changes: Any,
) -> Results:
    """Results of a sweep over a known function; `done` is the share of the parts that are finished."""
    changes = {"uncertainties": FACTORS, "levers": {}, **changes}
    outcomes = [{"variables": ["conflict"], "of": ["mean"]}]
    path = write_plan(folder, design=design, replications=replications, outcomes=outcomes, **changes)
    sweep = prepare(path)
    wanted = range(int(done * sweep.parts))
    run(
        sweep,
        folder / "results",
        lambda sweep, _missing: computed(sweep, wanted, function, noise, failing),
    )
    return open_results(folder / "results")
