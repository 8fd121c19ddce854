"""Print what years come to, as hashes: ``python tests/digests.py CLASSES THREADS``."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import sim
from sim.files.packaged import packaged
from sim.run import simulate
from sim.scenario import Later, Scenario
from sim.state import Records
from sim.studies.cohort import Wave, cohort

LIST = packaged("examples") / "groep4.csv"
NOMINATIONS = packaged("examples") / "groep4-nominations.csv"


def scenarios() -> dict[str, Scenario]:
    """Classes of all kinds, by what they are for."""
    listed = {"list": str(LIST), "nominations": str(NOMINATIONS)}
    return {
        "drawn": sim.load("ordinary-class"),
        "from a list": Scenario.model_validate({"class": listed, "seed": 7}),
        "with programmes": sim.load("combined"),
    }


def digest(parts: Iterable[Records]) -> str:
    """Hash of some arrays."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.tobytes())
    return found.hexdigest()


def year_of(scenario: Scenario, number: int) -> str:
    """Hash of all states and contacts of one class."""
    year = simulate(scenario, number=number)
    return digest((year.children, year.teacher, year.liking, year.final.liking, year.contacts, year.play))


def years(classes: int, threads: int) -> Iterator[tuple[str, str]]:
    """Every year, by name, with its hash; the last ones are those of classes that go on for three years."""
    with ThreadPoolExecutor(threads) as pool:
        for name, scenario in scenarios().items():
            for number, found in enumerate(pool.map(partial(year_of, scenario), range(classes))):
                yield f"{name}, class {number}", found
    waves = {"third": Wave(week=20, year=3)}
    later = cohort(sim.load("ordinary-class"), range(classes), waves, later=Later(remixed=0.3)).scenes[""]["third"]
    for number in range(classes):
        yield (
            f"third year, class {number}",
            digest((later.children[number], later.teachers[number], later.liking[number])),
        )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dict(years(int(sys.argv[1]), int(sys.argv[2])))))
