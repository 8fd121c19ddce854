"""Simulate the trials of `docs/power.md` anew, and keep what comes of them in `docs/power.json`.

Run by hand after the model, an instrument or the analysis has changed; takes ten minutes of two cores::

    python scripts/measure_power.py
    python scripts/write_docs.py
    python scripts/write_pictures.py

`tests/test_power.py` asks whether the model of today still gives the first of them.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.studies.analysis import ancova
from sim.studies.power import Power, power
from sim.studies.trial import POST, PRE, PROGRAMME, Trial, numbers_of_classes

FACTS = Path(__file__).resolve().parents[1] / "docs" / "power.json"
WORLDS = 50
DIGITS = 4
EXAMPLE = Trial(programme="samen-spel", classes=numbers_of_classes("20:120"), per_class=2)
COMPARED = 80
"""Classes of the trials that are compared with each other."""
PLANS: Mapping[str, dict[str, Any]] = {
    "as above": {},
    "`--per-class 1`": {"per_class": 1},
    "`--per-class 4`": {"per_class": 4},
    "`--attrition 0.2`": {"attrition": 0.2},
    "`--classes-lost 0.2`": {"classes_lost": 0.2},
    "`--fidelity 0.5`": {"fidelity": 0.5},
    "`--screened-by none`": {"screened_by": "none"},
    "`--screened-by aggression`": {"screened_by": "aggression"},
    "`--post 13`": {"post": 13},
    "`--measure observed_conflict`": {"measure": "observed_conflict"},
    "`--measure closeness`": {"measure": "closeness"},
    "`--measure conduct`": {"measure": "conduct"},
    "`--measure aggression`": {"measure": "aggression"},
}
"""Options that differ from the example, and what they change."""
WITHOUT_EFFECT = (6, 10, 20, 40)
"""Classes of the trials in which there is nothing to find."""
STUDIES, STUDIES_BY_LIBRARY = 10_000, 2000


def rounded(value: Any) -> Any:
    """Numbers with the digits that count; None for what is not one."""
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, DIGITS)
    return value


def rows(table: Any) -> list[dict[str, Any]]:
    """Rows of a table as plain data."""
    return [{str(key): rounded(value) for key, value in row.items()} for row in table.to_dict("records")]


def told(found: Power) -> dict[str, Any]:
    """What the page tells of a trial."""
    return {
        "table": rows(found.table),
        "in_worlds": rows(found.in_worlds),
        "needed": list(found.needed),
        "effect": rounded(found.effect),
        "intraclass": rounded(found.intraclass),
        "correlation": rounded(found.correlation),
    }


def plans() -> dict[str, Any]:
    """Other plans, with as many classes each."""
    found = {}
    for name, changes in PLANS.items():
        done = power(Trial(**{**EXAMPLE.model_dump(), "classes": (COMPARED,), **changes}))
        found[name] = {**rows(done.table)[0], "intraclass": rounded(done.intraclass)}
        print(name, found[name])
    return found


def without_effect() -> list[dict[str, Any]]:
    """How often something is found where nothing is there: by the analysis of this page, and with errors by class."""
    plan = {**EXAMPLE.model_dump(), "fidelity": 0.0}
    ours = power(Trial(**{**plan, "classes": WITHOUT_EFFECT, "replications": STUDIES})).table
    found = []
    for classes, row in zip(WITHOUT_EFFECT, ours.to_dict("records"), strict=True):
        study = Trial(**{**plan, "classes": (classes,)}).study
        source, significant = study.cohort(1000), 0
        for number in range(STUDIES_BY_LIBRARY):
            table = study.draw(source, np.random.default_rng([1, number])).wide
            by_class = ancova(table, f"conflict_{POST}", f"conflict_{PRE}", PROGRAMME, groups="classroom")
            significant += by_class.p < EXAMPLE.alpha
        found.append(
            {"classes": classes, "by means": rounded(row["power"]), "by class": significant / STUDIES_BY_LIBRARY}
        )
        print(found[-1])
    return found


def main() -> int:
    """Simulate all of them, and write down what comes out."""
    warnings.simplefilter("ignore")
    facts = {
        "example": told(power(EXAMPLE, WORLDS)),
        "plans": plans(),
        "without effect": without_effect(),
        "studies": [STUDIES, STUDIES_BY_LIBRARY],
    }
    FACTS.write_text(json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
