"""Which mechanism makes which pattern: the studies done with one mechanism after the other switched off.

A mechanism is switched off through parameters. In some plausible worlds, the values in use among them, every study is
done once with all mechanisms and once without each, with all children of its classes, which have the same luck. Run by
hand::

    python experiments/mechanisms.py
    python experiments/mechanisms.py --worlds 3

It takes about half an hour of two cores, and goes on where it ended. The result, ``mechanisms.json``, becomes a table
of the validation (``spiraal study report``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from across_worlds import Asked, Found, ask, options

from sim.cli.terminal import stoppable
from sim.files.writing import write_whole
from sim.studies import Claim, load_study, studies
from sim.studies.report import MECHANISMS as RESULT
from sim.studies.verdict import LEVEL
from sim.worlds import plausible
from sim.year.in_worlds import evenly

WORLDS = 6
WEAKER, LOST = 0.75, 0.25
"""Shares of the effect below which a pattern is weaker, or lost; stronger beyond what weaker is the inverse of."""
MECHANISMS: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "referencing": ("social referencing", {"reference_warmth": 0.0, "reference_derogation": 0.0}),
    "bias": ("bias of working models", {"teacher_bias": 0.0, "child_bias": 0.0}),
    "control": ("perceived control", {"harsh_helplessness": 0.0, "control_loss": 0.0, "control_gain": 0.0}),
    "esteem": ("the path over self-esteem", {"aggression_esteem": 0.0}),
    "strain": ("the teacher's strain", {"harsh_stress": 0.0, "response_stress": 0.0, "attention_strain": 0.0}),
    "coercion": ("coercive learning of the child", {"coercion_habit": 0.0, "coercion_teacher": 0.0}),
    "habit": ("a habit with this teacher", {"habit_weight": 0.0}),
    "goodwill": ("goodwill", {"goodwill_restraint": 0.0}),
    "turns": (
        "escalation and repair in second turns",
        dict.fromkeys(("persistence", "provocation", "soothing", "suppression", "escalation"), 0.0),
    ),
    "demand": (
        "differences in demand",
        dict.fromkeys(("demand_social", "demand_lead", "demand_discipline"), 1.0),
    ),
    "drift": ("drift of likings", {"liking_luck": 0.0}),
    "peers": ("what peers teach each other", {"contagion": 0.0, "coercion_peers": 0.0}),
    "rejection": ("what rejection does", {"aggression_rejection": 0.0}),
    "guidance": ("room within structure", {"engage_guidance": 0.0}),
}
"""Title, and the parameters that switch it off: without demand all contacts ask as much as those about work."""


def patterns(name: str) -> tuple[Claim, ...]:
    """Claims of a study that have a direction."""
    return tuple(claim for claim in load_study(name).claims if claim.direction)


def there(claim: Claim, estimate: Sequence[float | None]) -> bool:
    """Whether a pattern is there: its sign and, where it is tested, p < .05."""
    value, p = estimate
    tested = claim.significant and p is not None
    return value is not None and bool(np.sign(value) == claim.direction) and not (tested and p >= LEVEL)  # type: ignore[operator]


def effect(claim: Claim, on: Sequence[float | None], off: Sequence[float | None]) -> str:
    """What switching a mechanism off did to a pattern in one world; see `sim.studies.report.EFFECTS`."""
    if not there(claim, on) or on[0] is None:
        return "absent"
    left = -1.0 if off[0] is None else off[0] / on[0]
    if left < LOST or not there(claim, off):
        return "lost"
    if left < WEAKER:
        return "weaker"
    return "stronger" if left > 1.0 / WEAKER else "kept"


def compare(name: str, whole: Sequence[Found], without: Mapping[str, Sequence[Found]]) -> list[dict[str, Any]]:
    """All patterns of one study: in how many worlds each is there, and what is left without each mechanism."""
    rows, nothing = [], (None, None)
    study = load_study(name)
    for claim in patterns(name):
        on = [world[name].get(claim.name, nothing) for world in whole]
        told = {}
        for key, worlds in without.items():
            off = [world[name].get(claim.name, nothing) for world in worlds]
            effects = [effect(claim, *pair) for pair in zip(on, off, strict=True)]
            told[key] = {one: effects.count(one) for one in dict.fromkeys(effects)}
        rows.append(
            {
                "study": name,
                "id": study.id,
                "claim": claim.name,
                "says": claim.says,
                "built_in": claim.built_in,
                "in_use": on[0][0],
                "there": sum(there(claim, one) for one in on),
                "without": told,
            }
        )
    return rows


def run(worlds: Sequence[int], classes: int, keep: Path) -> dict[str, Any]:
    """All mechanisms in all these worlds."""
    settings = {"": ("all mechanisms", {}), **MECHANISMS}
    questions = [Asked(world, off, key) for key, (_, off) in settings.items() for world in worlds]
    found = iter(ask(questions, classes, keep))
    by = {key: [next(found) for _ in worlds] for key in settings}
    whole = by.pop("")
    return {
        "worlds": plausible().fingerprint,
        "numbers": list(worlds),
        "classes": classes,
        "mechanisms": {key: {"title": title, "parameters": off} for key, (title, off) in MECHANISMS.items()},
        "patterns": [row for name in studies() if patterns(name) for row in compare(name, whole, by)],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    chosen = options(__doc__ or "", WORLDS, RESULT, arguments)
    with stoppable():
        result = run(evenly(chosen.worlds), chosen.classes, chosen.keep)
    write_whole(chosen.out, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(f"{chosen.out}: written")


if __name__ == "__main__":
    main()
