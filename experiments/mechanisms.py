"""Which mechanism makes which pattern: the studies repeated with one mechanism after the other switched off.

A mechanism is switched off through parameters. Each study that has patterns is repeated with all mechanisms and without
each, on the same classes with the same luck. Run by hand::

    python experiments/mechanisms.py
    python experiments/mechanisms.py doumen_2008 --studies 20

It takes about two hours of two cores, and goes on where it ended. The result, ``mechanisms.json``, becomes a table of
the validation (``spiraal study report``); it is only written when all studies are done.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.cli.study import progress_of
from sim.cli.sweep import stoppable
from sim.cli.terminal import console
from sim.studies import Claim, load_study, studies
from sim.studies.report import MECHANISMS as RESULT
from sim.studies.validation import KEEP, Job, Outcome, validate
from sim.studies.verdict import LEVEL, Verdict, judge

STUDIES = 40
FEWEST, MOST = 400, 800
"""Classes that are simulated; a larger study has as many as it needs."""
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
}
"""Title, and the parameters that switch it off: without demand all contacts ask as much as those about work."""


def patterns(name: str) -> tuple[Claim, ...]:
    """Claims of a study that have a direction."""
    return tuple(claim for claim in load_study(name).claims if claim.direction)


def plan(names: Sequence[str], number: int) -> dict[str, dict[str, Job]]:
    """What is computed, by study and mechanism; ``""`` is with all mechanisms."""
    settings = {"": ("all mechanisms", {}), **MECHANISMS}
    todo: dict[str, dict[str, Job]] = {}
    for name in names:
        most = load_study(name).design.classes
        classes = max(most, min(max(FEWEST, 10 * most), MOST))
        todo[name] = {
            key: Job(name, number, classes, off, f"{name} ({'without ' if key else ''}{title})")
            for key, (title, off) in settings.items()
        }
    return todo


def side(verdict: Verdict) -> dict[str, Any]:
    """What is kept of one verdict."""
    told = verdict.to_json()
    return {"expected": told["expected"], "p": told["expected_p"], "share": told["share"]}


def effect(on: Verdict, off: Verdict) -> str:
    """What switching a mechanism off did to a pattern; see `sim.studies.report.EFFECTS`."""
    if not there(on):
        return "absent"
    left = off.expected / on.expected
    if not there(off) or left < LOST:
        return "lost"
    if left < WEAKER:
        return "weaker"
    return "stronger" if left > 1.0 / WEAKER else "kept"


def there(verdict: Verdict) -> bool:
    """Whether the large sample shows a pattern: its sign and, where it is tested, p < .05."""
    return bool(verdict.right) and not (verdict.claim.significant and verdict.expected_p >= LEVEL)


def compare(name: str, found: Mapping[str, Outcome]) -> list[dict[str, Any]]:
    """All patterns of one study, with all mechanisms and without each; none where the study itself fails."""
    whole = found[""].findings
    if whole is None:
        return []
    rows = []
    for claim in patterns(name):
        on = judge(claim, whole)
        without = {}
        for key in MECHANISMS:
            part = found[key].findings
            if part is not None and claim.name in part.names:
                off = judge(claim, part)
                without[key] = {**side(off), "effect": effect(on, off)}
        study = load_study(name)
        rows.append(
            {
                "study": name,
                "id": study.id,
                "claim": claim.name,
                "says": claim.says,
                "built_in": claim.built_in,
                "with": side(on),
                "without": without,
            }
        )
    return rows


def run(names: Sequence[str], number: int, keep: Path) -> tuple[dict[str, Any], list[Outcome]]:
    """Repeat the studies; the result, and what could not be run."""
    todo = plan(names, number)
    every = [job for jobs in todo.values() for job in jobs.values()]
    with progress_of(console()) as progress:
        task = progress.add_task("", total=len(every))

        def tell(done: Outcome | None, running: Sequence[Job]) -> None:
            progress.update(task, advance=0 if done is None else 1, description=", ".join(map(str, running)))

        outcomes = validate(every, keep, progress=tell)
    of = iter(outcomes)
    found = {name: {key: next(of) for key in jobs} for name, jobs in todo.items()}
    result = {
        "repeated": number,
        "mechanisms": {key: {"title": title, "parameters": off} for key, (title, off) in MECHANISMS.items()},
        "patterns": [row for name, parts in found.items() for row in compare(name, parts)],
    }
    return result, [outcome for outcome in outcomes if outcome.error]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="studies; all that have patterns by default")
    parser.add_argument("--studies", type=int, default=STUDIES, help="how often each is repeated in its published size")
    parser.add_argument("--keep", type=Path, default=KEEP, help="folder for what is computed")
    parser.add_argument("--out", type=Path, default=RESULT, help="the file to write")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in studies()]
    if unknown:
        parser.error(f"found {unknown[0]!r}; allowed are {', '.join(studies())}")
    with stoppable():
        result, failed = run(asked.names or [name for name in studies() if patterns(name)], asked.studies, asked.keep)
    for outcome in failed:
        print(f"{outcome.job}: {outcome.error}", file=sys.stderr)
    asked.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{asked.out}: written")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
