"""Simulate the mechanisms of `docs/mechanisms.md` in the shipped example, and keep what follows in a file beside it.

Run by hand after the model, the example or the mechanisms have changed; takes some minutes::

    python scripts/measure_mechanisms.py
    python scripts/write_docs.py

`tests/test_mechanisms.py` runs the mechanisms of the page, and asks whether what is kept is what they are.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from pathlib import Path

from sim.files.writing import write_whole
from sim.interventions import load_plugin
from sim.run import Keep, side_by_side
from sim.scenario import DEFAULT, load
from sim.state import Records, to_item_mean
from sim.year.pairs import mean_interval

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, FACTS = DOCS / "mechanisms.md", DOCS / "mechanisms.json"
EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```", re.DOTALL)
PAIRS = 200
WEEK = 17
"""At whose end the programme of the example is told; the year at its end."""
MEASURES = ("conflict", "aggression", "acceptance")


def examples() -> list[str]:
    """The files of the page."""
    return [found["code"] for found in EXAMPLE.finditer(PAGE.read_text(encoding="utf-8"))]


def written(text: str) -> str:
    """A hash of the examples, by which it is seen that they have changed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def told(values: Records) -> list[float]:
    """Mean over pairs, and the ends of its 95 % interval."""
    return [round(float(one), 4) for one in (values.mean(), *mean_interval(values))]


def measured() -> dict[str, object]:
    """What each mechanism of the page leads to for the child that the example follows."""
    names: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(examples()):
            path = Path(folder) / f"example_{number}.py"
            path.write_text(text, encoding="utf-8")
            names += load_plugin(path)
    scenario = load(DEFAULT)
    days = (scenario.calendar().last_day(WEEK), scenario.calendar().days)
    child = [row.name for row in scenario.classroom.rows()].index(str(scenario.follow))
    jobs = [
        (scenario.changed(mechanism=name, interventions=arm), range(PAIRS))
        for name in (None, *names)
        for arm in ((), scenario.interventions)
    ]
    found = [one.children[:, :, :, child] for one in side_by_side(jobs, Keep(MEASURES, days))]
    for one in found:
        one[:, :, :2] = to_item_mean(one[:, :, :2])
    rows, usual = {}, found[0]
    for place, name in enumerate(("none", *names)):
        without, with_ = found[2 * place : 2 * place + 2]
        rows[name] = {
            "level": {what: told(without[:, 1, k]) for k, what in enumerate(MEASURES)},
            "change": {what: told(without[:, 1, k] - usual[:, 1, k]) for k, what in enumerate(MEASURES)},
            "programme": {what: told(with_[:, 0, k] - without[:, 0, k]) for k, what in enumerate(MEASURES[:2])},
        }
    texts = written("".join(examples()))
    return {"examples": texts, "child": scenario.follow, "pairs": PAIRS, "week": WEEK, "mechanisms": rows}


if __name__ == "__main__":
    write_whole(FACTS, json.dumps(measured(), indent=1) + "\n")
