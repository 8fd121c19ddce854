"""Write down the numbers of today: of every shipped scenario, and the default values of the parameters.

Run by hand, and only together with an entry "Results change" in the changelog and another version::

    python scripts/baselines.py

`tests/test_baselines.py` holds the program to ``tests/baselines.json``: years to the last bit, on any computer.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from sim.files.packaged import packaged
from sim.parameters import PARAMETERS
from sim.record import Record
from sim.run import twins
from sim.scenario import load, shipped

ROOT = Path(__file__).resolve().parents[1]
BASELINES = ROOT / "tests" / "baselines.json"
RELEASES = packaged("releases")
STATES = ("closeness", "conflict", "dependency", "aggression", "self_regulation", "engagement", "achievement", "stress")


def numbers(record: Record) -> dict[str, Any]:
    """What is held of a year: means in June, counts, and a hash of all that there is."""
    parts = (record.children, record.teacher, record.liking, record.acceptance, record.contacts, record.play)
    content = hashlib.sha256()
    for part in parts:
        content.update(np.ascontiguousarray(part).tobytes())
    return {
        **{name: float(record.children[name][-1].mean()) for name in STATES},
        "liking": float(record.liking[-1].astype(float).mean()),
        "response": float(record.contacts["response"].mean()),
        "contacts": len(record.contacts),
        "play": len(record.play),
        "bytes": content.hexdigest()[:16],
    }


def baselines() -> dict[str, Any]:
    """The numbers of every shipped scenario, without and with its interventions."""
    found: dict[str, Any] = {"scenarios": {}}
    for name in shipped():
        years = twins(load(name))
        found["scenarios"][name] = {"without": numbers(years.without), "with": numbers(years.with_)}
    return found


def parameters() -> str:
    """Default values, as a file."""
    return "".join(f"{entry.name} = {float(entry.value)!r}\n" for entry in PARAMETERS.values())


def main() -> None:
    """Write both."""
    BASELINES.write_text(json.dumps(baselines(), indent=1) + "\n", encoding="utf-8")
    release = version("spiraal").rpartition(".")[0]
    text = f"# Default parameters of version {release}.\n{parameters()}"
    (RELEASES / f"{release}.toml").write_text(text, encoding="utf-8")
    print(f"{BASELINES.name}, {release}.toml")


if __name__ == "__main__":
    main()
