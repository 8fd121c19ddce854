"""Small sweeps for tests, and `spiraal` as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sim.files.toml import as_toml

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
