"""Run the sweeps of `docs/questions.md` anew, and keep what they tell in `docs/questions.json`.

Run by hand after the model has changed; takes a quarter of an hour of two cores::

    python scripts/measure_questions.py [FOLDER]
    python scripts/write_docs.py
    python scripts/write_pictures.py

With FOLDER, results of a plan that are there already, in a folder with its name, are taken. `tests/test_questions.py`
asks whether the model of today still gives some of these numbers.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from sim.run import cores, simulate
from sim.scenario import load
from sim.state import to_item_mean
from sim.sweeps.discovery import Cells, Discovery, cells_of, condition, look
from sim.sweeps.effects import analyse
from sim.sweeps.plan import load_plan
from sim.sweeps.results import Results, open_results
from sim.sweeps.sweep import Sweep, on_threads, prepare, run
from sim.year.protagonist import protagonist
from sim.year.tipping import Tipping, tipping

FACTS = Path(__file__).resolve().parents[1] / "docs" / "questions.json"
PLAN, LASTING = "what-tips", "what-lasts"
WHERE = "conflict_share_above_0.5_end > conflict_share_above_0.5_start"
LASTING_OF = ("conflict", "aggression")
PAIRS = 400
"""Classes of each cell of what lasts that are run for the page: the first of those of its plan."""
FIDELITY, NEXT_TEACHER = "interventions.0.fidelity", "years.teacher"
LEVER, LOW, HIGH, STEPS = "teacher.emotional_support", 0.5, 1.0, 21


def main() -> None:
    """Run the plans, and keep of each cell of the first its factors and the share of its classes that tip."""
    with TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
        for name, sweep in ((PLAN, prepare(PLAN)), (LASTING, few())):
            run(sweep, folder / name, partial(on_threads, workers=cores()))
        results = open_results(folder / PLAN)
        cells = cells_of(results, [condition(WHERE, results.outcomes)])
        kept = {
            "classes": cells.classes,
            "share": cells.share.round(4).tolist(),
            "unit": cells.unit.tolist(),
            "columns": {key: [float(f"{value:.4g}") for value in column] for key, column in cells.columns.items()},
            "lasts": lasts(open_results(folder / LASTING)),
        }
    FACTS.write_text(json.dumps(kept) + "\n", encoding="utf-8")


def few() -> Sweep:
    """The plan of what lasts, with the first classes of each cell alone."""
    sweep = prepare(LASTING)
    return replace(sweep, plan=sweep.plan.model_copy(update={"replications": PAIRS}))


def lasts(results: Results) -> list[dict[str, Any]]:
    """What the programme has changed in each year, by who teaches next, in the unit of the outcomes."""
    outcomes = [f"{measure}_chosen_end_year_{year}" for measure in LASTING_OF for year in (1, 2, 3)]
    table = analyse(results, outcomes=outcomes, levers=[FIDELITY], by=NEXT_TEACHER).table
    by_teacher = table.loc[table["by"] == NEXT_TEACHER, ["outcome", "group", "estimate", "low", "high", "pairs"]]
    return [{str(key): value for key, value in row.items()} for row in by_teacher.round(5).to_dict("records")]


def lasted() -> pd.DataFrame:
    """What was kept of that, on a scale of 1 to 5: columns `measure`, `year`, `teacher`, `estimate`, `low`, `high`."""
    table = pd.DataFrame(json.loads(FACTS.read_text(encoding="utf-8"))["lasts"])
    ends = ["estimate", "low", "high"]
    table[ends] = to_item_mean(table[ends].to_numpy()) - to_item_mean(0.0)
    table[["measure", "year"]] = table["outcome"].str.extract(r"(\w+)_chosen_end_year_(\d)")
    return table.astype({"year": int}).rename(columns={"group": "teacher"})


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
