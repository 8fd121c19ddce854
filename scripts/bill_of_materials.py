"""Write a software bill of materials: what is installed here with Spiraal, by whose wish, under which licence.

::

    python scripts/bill_of_materials.py bom.json        # all that is not only for tests
    python scripts/bill_of_materials.py bom.json --tests

The file is CycloneDX (JSON), as programs read it that look for known weaknesses and licences. Everything in it comes
from what the installed packages say of themselves.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "spiraal"
TESTS = "test"
LONGEST = 40
"""Letters of what is the name of a licence, and not its text."""
UNKNOWN = "not said"


def installed(name: str) -> Distribution | None:
    """A package that is installed here; None where it is not."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def requirements(name: str, extras: Iterable[str] = ()) -> Iterator[tuple[str, frozenset[str]]]:
    """What a package with some extras wants on this computer, of what is installed: names, and their own extras."""
    package = installed(name)
    for line in (package and package.requires) or ():
        wanted = Requirement(line)
        asked = wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras))
        if asked and installed(wanted.name):
            yield canonicalize_name(wanted.name), frozenset(wanted.extras)


def brought_along(extras: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Everything that Spiraal with some extras needs, itself included: names, and what each of them wants in turn."""
    found: dict[str, set[str]] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(ROOT, frozenset(extras))]
    while waiting:
        name, asked = waiting.pop()
        if (name, asked) in seen:
            continue
        seen.add((name, asked))
        wanted = list(requirements(name, asked))
        found.setdefault(name, set()).update(other for other, _extras in wanted)
        waiting += wanted
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def extras_of(package: Distribution) -> set[str]:
    """The extras that a package offers."""
    return set(package.metadata.get_all("Provides-Extra") or ())


def licence(package: Distribution) -> str:
    """The licence that a package names; some put its whole text where the name belongs."""

    def said(field: str) -> list[str]:
        return [str(entry).strip() for entry in package.metadata.get_all(field) or ()]

    if expression := "".join(said("License-Expression")):
        return expression
    text = "".join(said("License"))
    if text and text != "UNKNOWN" and len(text) <= LONGEST and "\n" not in text:
        return text
    classes = [line.rpartition(" :: ")[2] for line in said("Classifier") if line.startswith("License")]
    first = re.match(r"(?:The )?(MIT|BSD [23]-Clause) Licen[cs]e", text)
    return ", ".join(classes) or (first[1] if first else UNKNOWN)


def component(name: str) -> dict[str, Any]:
    """A package as CycloneDX has it."""
    package = distribution(name)
    return {
        "type": "application" if name == ROOT else "library",
        "bom-ref": name,
        "name": name,
        "version": package.version,
        "purl": f"pkg:pypi/{name}@{package.version}",
        "licenses": [{"license": {"name": licence(package)}}],
    }


def bill(found: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The whole bill."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(ROOT)},
        "components": [component(name) for name in found if name != ROOT],
        "dependencies": [{"ref": name, "dependsOn": list(wanted)} for name, wanted in found.items()],
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, help="the file to write")
    parser.add_argument("--tests", action="store_true", help="with what only tests need")
    arguments = parser.parse_args()
    extras = extras_of(distribution(ROOT)) - (set() if arguments.tests else {TESTS})
    found = brought_along(extras)
    arguments.file.write_text(json.dumps(bill(found), indent=2) + "\n", encoding="utf-8")
    print(f"{arguments.file}: {len(found)} packages")


if __name__ == "__main__":
    main()
