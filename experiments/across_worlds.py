"""Asks all studies in many plausible worlds: which findings hold in all of them, and which hang on what is not known.

    python experiments/across_worlds.py                # about half an hour of two cores; interrupted, it goes on
    python experiments/across_worlds.py --worlds 20

In each world every study is done once, with all children of its classes; the classes have the same luck in all worlds.
The result, ``across_worlds.json``, becomes a column of the validation, tables of ``docs/worlds.md``, and
``docs/predictions.md``. It tells of every claim and prediction what the worlds show; and of the sizes of programmes,
which statistic goes with them over the worlds, so that to know it would narrow them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import predictions
from predictions import PREDICTIONS
from threadpoolctl import threadpool_limits

from sim.cli.terminal import stoppable
from sim.files.fingerprint import fingerprint
from sim.files.writing import write_whole
from sim.processes import processes
from sim.state import Records
from sim.studies import Study, load_study, studies
from sim.studies.in_worlds import QUANTILES, ClaimInWorlds, estimates
from sim.studies.report import ACROSS_WORLDS, short
from sim.worlds import plausible
from sim.year.in_worlds import evenly

WORLDS, CLASSES, TRIALS = 60, 80, 3
"""Worlds, classes of a study, and how many times as many for trials, in which only few children take part."""
KEEP = Path(".validation") / "worlds"
CHANCE, SHUFFLES = 0.95, 200
TWICE = ("bounds: ", "size: ")
"""What names of estimates begin with that an analysis gives once more under another name."""
MOST = 3
"""So many statistics are told for each effect."""
EFFECTS: Mapping[str, Sequence[str]] = {
    "vancraeyveldt_2015": ("conflict mid", "conduct mid", "closeness mid", "conflict post", "closeness post"),
    "spilt_2012": ("conflict later", "closeness later", "sensitivity later"),
    "williford_2017": ("closeness", "conduct"),
    "leflot_2010": ("on task", "oppositional"),
    "incredible_years": ("conduct", "conflict"),
}
"""Effects of programmes that open values may change: estimates of their studies."""


Found = Mapping[str, Mapping[str, Sequence[float | None]]]
"""Estimates by study and name: value and p (None where it was not tested)."""


@dataclass(frozen=True)
class Asked:
    """One world, some of its parameters changed, perhaps."""

    world: int
    changed: Mapping[str, float] = field(default_factory=dict)
    name: str = ""

    def __str__(self) -> str:
        return f"{self.world} {self.name}".strip()


def asked_studies() -> dict[str, Study]:
    """Published studies and predictions, by name."""
    return {**{name: load_study(name) for name in studies()}, **PREDICTIONS}


def found_in(asked: Asked, classes: int) -> Found:
    """Estimates of all studies in one world, by study; what cannot be estimated is not there."""
    values, told = {**plausible().values(asked.world), **asked.changed}, {}
    with threadpool_limits(1):
        for name, study in asked_studies().items():
            found = estimates(study, values, classes * (TRIALS if name in EFFECTS else 1))
            told[name] = {key: [short(one.value), short(one.p)] for key, one in found.items()}
    return told


def key(questions: Sequence[Asked], classes: int) -> str:
    """Depends on all that the estimates follow from, but for the number of a world."""
    files = (*studies().values(), Path(predictions.__file__))
    programs = [fingerprint(path, estimates.__module__).digest for path in files]
    changed = sorted({one.name: sorted(one.changed.items()) for one in questions}.items())
    content = json.dumps([programs, plausible().fingerprint, classes, changed])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def ask(questions: Sequence[Asked], classes: int, keep: Path) -> list[Found]:
    """The same of many worlds; what is kept by the same program is not computed again."""
    folder = keep / key(questions, classes)
    folder.mkdir(parents=True, exist_ok=True)
    files = {one: folder / f"{one}.json" for one in map(str, questions)}
    waiting = [one for one in questions if not files[str(one)].exists()]
    with processes() as pool:
        for one, found in zip(waiting, pool.map(partial(found_in, classes=classes), waiting), strict=True):
            write_whole(files[str(one)], json.dumps(found))
            print(f"world {one}", flush=True)
    return [json.loads(files[str(one)].read_text(encoding="utf-8")) for one in questions]


def claims(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Of every claim what the worlds show; the first of them has the values in use."""
    rows = []
    for name in studies():
        for claim in load_study(name).claims:
            one = ClaimInWorlds(claim, np.array([value_of(world, name, claim.name) for world in found]))
            if not one.known.size:
                continue
            row = {
                "study": name,
                "claim": claim.name,
                "worlds": len(one.known),
                "in_use": short(one.found[0]),
                "quantiles": [short(x) for x in one.quantiles],
            }
            if one.right is not None:
                row["right"] = one.right
            rows.append(row)
    return rows


def predicted(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Of every estimate of the predictions what the worlds show."""
    rows = []
    for name in PREDICTIONS:
        for estimate in found[0][name]:
            values = np.array([value_of(world, name, estimate) for world in found])
            known = values[np.isfinite(values)]
            rows.append(
                {
                    "study": name,
                    "estimate": estimate,
                    "worlds": len(known),
                    "in_use": short(values[0]),
                    "quantiles": [short(x) for x in np.quantile(known, QUANTILES)],
                    "positive": int((known > 0.0).sum()),
                }
            )
    return rows


def value_of(world: Found, study: str, name: str) -> float:
    """An estimate; nan where there is none."""
    value, _ = world.get(study, {}).get(name, (None, None))
    return np.nan if value is None else value


def narrowing(found: Sequence[Found]) -> list[dict[str, Any]]:
    """For each effect of a programme the statistics that go with it over the worlds.

    Statistics are the estimates of all other studies. Told is the share of the effect's variance over the worlds that
    is gone where one of them is known, and which share the best of as many would have by chance.
    """
    every = sorted({(study, key) for world in found for study, told in world.items() for key in told})
    names = [(study, key) for study, key in every if not key.startswith(TWICE)]
    table = np.array([[value_of(world, study, key) for study, key in names] for world in found])
    usable = np.isfinite(table).all(axis=0) & (table.std(axis=0) > 0.0)
    rows = []
    for study, effects in EFFECTS.items():
        for effect in effects:
            size = table[:, names.index((study, effect))]
            other = usable & np.array([one != study for one, _ in names])
            share = shared(size, table[:, other])
            luck = np.random.default_rng(1)
            shuffled = [shared(luck.permutation(size), table[:, other]).max() for _ in range(SHUFFLES)]
            order = np.argsort(-share)[:MOST]
            known = [names[place] for place in np.flatnonzero(other)]
            rows.append(
                {
                    "study": study,
                    "effect": effect,
                    "in_use": short(float(size[0])),
                    "quantiles": [short(x) for x in np.quantile(size, QUANTILES)],
                    "by_chance": short(float(np.quantile(shuffled, CHANCE))),
                    "narrowed_by": [[*known[place], short(share[place])] for place in order.tolist()],
                }
            )
    return rows


def shared(size: Records, table: Records) -> Records:
    """Share of variance that an effect has in common with each statistic, by ranks; shape (statistics,)."""
    ranks = table.argsort(axis=0).argsort(axis=0).astype(float)
    of_size = size.argsort().argsort().astype(float)
    ranks, of_size = ranks - ranks.mean(axis=0), of_size - of_size.mean()
    return np.asarray(np.square(of_size @ ranks) / (np.square(of_size).sum() * np.square(ranks).sum(axis=0)))


def options(about: str, worlds: int, out: Path, arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked on the command line, of which `worlds` and `out` are what is usual."""
    parser, most = argparse.ArgumentParser(description=about.splitlines()[0]), len(plausible())
    parser.add_argument("--worlds", type=int, default=worlds, help="how many, evenly spread over the ensemble")
    parser.add_argument("--classes", type=int, default=CLASSES, help="classes of each study")
    parser.add_argument("--keep", type=Path, default=KEEP, help="folder for what is computed")
    parser.add_argument("--out", type=Path, default=out, help="the file to write")
    chosen = parser.parse_args(arguments)
    if not 1 <= chosen.worlds <= most:
        parser.error(f"--worlds: found {chosen.worlds}; allowed is 1 to {most}")
    return chosen


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    chosen = options(__doc__ or "", WORLDS, ACROSS_WORLDS, arguments)
    numbers = evenly(chosen.worlds)
    with stoppable():
        found = ask([Asked(number) for number in numbers], chosen.classes, chosen.keep)
    told = {
        "worlds": plausible().fingerprint,
        "numbers": numbers,
        "classes": chosen.classes,
        "claims": claims(found),
        "predictions": predicted(found),
        "narrowing": narrowing(found),
    }
    write_whole(chosen.out, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    print(f"{chosen.out}: written")


if __name__ == "__main__":
    main()
