"""Measure how well `spiraal fit` finds again what is known, and keep it beside the page that says so.

Run by hand after the model, its worlds or the method have changed; takes some minutes::

    python scripts/measure_fit.py
    python scripts/write_docs.py

`tests/test_own_ratings.py` tests the same on small classes, and asks whether what is kept is of the worlds of today.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from sim.files.writing import write_whole
from sim.scenario import load
from sim.state import Records
from sim.studies.fit import Ensemble, Sample, draw_ensemble, fit, informed, samples_of_worlds, statistics
from sim.worlds import plausible

FACTS = Path(__file__).resolve().parents[1] / "docs" / "fit.json"
SIZE, WEEKS, RATED = 20, (2, 18, 34), ("closeness", "conflict", "aggression")
CLASSES = 24
"""Classes, and worlds, that play the real ones in turn."""
TOGETHER = (1, 4, 20)
"""Classes of one world that are rated together."""


def drawn(seed: int, per_world: int) -> Ensemble:
    """Rated classes of all worlds."""
    scenario = load("ordinary-class").changed(**{"class.size": SIZE, "seed": seed})
    return draw_ensemble(scenario, WEEKS, RATED, per_world)


def rated(real: Ensemble, number: int) -> Sample:
    """A simulated class as its teacher rates it."""
    names, groups = tuple(map(str, range(SIZE))), ("",) * SIZE
    return Sample(names, groups, real.boys[number].astype(float), WEEKS, RATED, real.scores[number].astype(float))


def inside(truth: Records, quantiles: Records) -> float:
    """Share of true values that lie between the ends of their intervals."""
    return float(((quantiles[0] <= truth) & (truth <= quantiles[-1])).mean())


def of_children(ensemble: Ensemble, real: Ensemble) -> dict[str, Any]:
    """How many of the true courses of children, and of the means of their classes, the intervals hold."""
    chosen = np.random.default_rng(1).choice(len(real.scores), CLASSES, replace=False)
    found = [(number, fit(rated(real, number), ensemble)) for number in chosen]
    children = [inside(real.courses[number], one.courses.swapaxes(0, 1)) for number, one in found]
    means = [inside(real.courses[number].mean(axis=0), one.means) for number, one in found]
    return {"children": SIZE * CLASSES, "states": float(np.mean(children)), "means": float(np.mean(means))}


def of_parameters(ensemble: Ensemble, together: int) -> dict[str, Any]:
    """How many parameters of worlds that are left out the intervals hold, and how many are told."""
    classes = [statistics(ensemble.scores.astype(float))] * together
    seen, _means = samples_of_worlds(ensemble, classes, ensemble.teachers)
    values, names = plausible().points, plausible().names
    held, told, gone = [], [], []
    for world in np.random.default_rng(1).permutation(len(values))[:CLASSES]:
        rest = np.delete(np.arange(len(values)), world)
        one = informed(names, values[rest], seen[:, rest], seen[0, world], 1)
        held.append(inside(values[world], one.after))
        told.append(int((one.contraction > one.by_chance).sum()))
        gone.append(one.contraction)
    best = int(np.argmax(np.mean(gone, axis=0)))
    return {
        "inside": float(np.mean(held)),
        "told": float(np.mean(told)),
        "best": names[best],
        "gone": float(np.mean(gone, axis=0)[best]),
    }


def main() -> None:
    """Measure, and keep it."""
    ensemble, real = drawn(1, 32), drawn(2, 2)
    facts = {
        "worlds": plausible().fingerprint,
        "parameters": len(plausible().names),
        "left_out": CLASSES,
        **of_children(ensemble, real),
        "together": {str(count): of_parameters(ensemble, count) for count in TOGETHER},
    }
    write_whole(FACTS, (json.dumps(facts, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
