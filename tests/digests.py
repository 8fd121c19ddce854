"""Print what years come to, as hashes: ``python tests/digests.py FIRST LAST`` for the classes FIRST to LAST."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator

import sim
from sim.files.packaged import packaged
from sim.run import simulate
from sim.scenario import Scenario
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


def years(first: int, last: int) -> Iterator[tuple[str, str]]:
    """Every year, by name, with its hash: all states and contacts; then classes that go on for three years."""
    for name, scenario in scenarios().items():
        for number in range(first, last + 1):
            year = simulate(scenario, number=number)
            states = (year.children, year.teacher, year.final.liking, year.contacts, year.play)
            yield f"{name}, class {number}", digest(states)
    waves = {"third": Wave(week=20, year=3)}
    later = cohort(sim.load("ordinary-class"), range(first, last + 1), waves, remixed=0.3).scenes[""]["third"]
    for entry, number in enumerate(range(first, last + 1)):
        states = (later.children[entry], later.teachers[entry], later.liking[entry])
        yield f"third year, class {number}", digest(states)


if __name__ == "__main__":
    print(json.dumps(dict(years(int(sys.argv[1]), int(sys.argv[2])))))
