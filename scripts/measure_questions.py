"""Run the sweep of `docs/questions.md` anew, and keep its cells in `docs/questions.json`.

Run by hand after the model has changed; takes a few minutes of two cores::

    python scripts/measure_questions.py [FOLDER]
    python scripts/write_docs.py
    python scripts/write_pictures.py

With FOLDER, results of the plan that are there already are taken. `tests/test_questions.py` asks whether the model of
today still gives some of these cells.
"""

from __future__ import annotations

import json
import sys
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sim.run import cores, simulate
from sim.scenario import load
from sim.sweeps.discovery import Cells, Discovery, cells_of, condition, look
from sim.sweeps.plan import load_plan
from sim.sweeps.results import open_results
from sim.sweeps.sweep import on_threads, prepare, run
from sim.year.protagonist import protagonist
from sim.year.tipping import Tipping, tipping

FACTS = Path(__file__).resolve().parents[1] / "docs" / "questions.json"
PLAN = "what-tips"
WHERE = "conflict_share_above_0.5_end > conflict_share_above_0.5_start"
LEVER, LOW, HIGH, STEPS = "teacher.emotional_support", 0.5, 1.0, 21


def main() -> None:
    """Run the plan, and keep of each cell its factors and the share of its classes that tip."""
    with TemporaryDirectory() as folder:
        out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder)
        run(prepare(PLAN), out, partial(on_threads, workers=cores()))
        results = open_results(out)
        cells = cells_of(results, [condition(WHERE, results.outcomes)])
    kept = {
        "classes": cells.classes,
        "share": cells.share.round(4).tolist(),
        "unit": cells.unit.tolist(),
        "columns": {key: [float(f"{value:.4g}") for value in column] for key, column in cells.columns.items()},
    }
    FACTS.write_text(json.dumps(kept) + "\n", encoding="utf-8")


def cells() -> Cells:
    """The cells that were kept."""
    told = json.loads(FACTS.read_text(encoding="utf-8"))
    columns = {key: np.array(column) for key, column in told["columns"].items()}
    return Cells(columns, np.array(told["share"]), np.array(told["unit"]), told["classes"], 0)


@cache
def discovered() -> Discovery:
    """What tells the cells that tip from the others."""
    plan, _folder = load_plan(PLAN)
    return look(cells(), plan.title, WHERE, seed=plan.seed)


@cache
def there_and_back() -> tuple[str, Tipping]:
    """The child of the shipped example, and its way there and back."""
    record = simulate(load())
    child = protagonist(record)
    return record.names[child], tipping(record.state(0), child, LEVER, LOW, HIGH, STEPS)


if __name__ == "__main__":
    main()
