"""Class lists made from the real classes in the data folder beside the project.

The data are not the project's to give away: they are read where they stand, turned into files in a temporary
folder, and never copied into the project. Where they are absent, a test that asks for them is skipped.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
POLISH_CLASSES = tuple(range(1, 10))
"""Nine school classes with "playmate" nominations (Dolata 2014)."""


class Files(NamedTuple):
    """The two files of one class, and what was written in them."""

    class_list: Path
    nominations: Path
    children: tuple[tuple[str, ...], ...]
    ties: tuple[tuple[str, str], ...]


def data(name: str) -> Path:
    """A file of the data folder; skips the test where there is none."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"real classroom data are not here: {name} is missing from shared/data beside the project")
    return path


def polish_class(number: int, folder: Path) -> Files:
    """One of the nine Polish classes: ids and sex, and who named whom as a playmate."""
    with data("polish_classes_nodes.csv").open(newline="") as file:
        children = [(row["id"], row["sex"]) for row in csv.DictReader(file) if row["class"] == str(number)]
    ids = {child[0] for child in children}
    with data("polish_classes_edges.csv").open(newline="") as file:
        ties = [(row["from"], row["to"]) for row in csv.DictReader(file) if row["from"] in ids]
    return _write(folder, f"polish_{number}", ("id", "sex"), children, ties)


def kindergarten(folder: Path) -> Files:
    """The kindergarten group: ids only, and who calls whom a friend (each tie once)."""
    lines = data("kindergarten_elisa_edges.txt").read_text().splitlines()
    ties = list(dict.fromkeys((who, whom) for who, whom in map(str.split, filter(None, lines))))
    ids = sorted({child for tie in ties for child in tie}, key=int)
    return _write(folder, "kindergarten", ("id",), [(child,) for child in ids], ties)


def real_classes(folder: Path) -> dict[str, Files]:
    """All ten real classes."""
    classes = {f"polish_{number}": polish_class(number, folder) for number in POLISH_CLASSES}
    return classes | {"kindergarten": kindergarten(folder)}


def _write(
    folder: Path,
    name: str,
    headings: Sequence[str],
    children: Sequence[tuple[str, ...]],
    ties: Sequence[tuple[str, str]],
) -> Files:
    class_list, nominations = folder / f"{name}.csv", folder / f"{name}_nominations.csv"
    _write_csv(class_list, headings, children)
    _write_csv(nominations, ("who", "whom"), ties)
    return Files(class_list, nominations, tuple(children), tuple(ties))


def _write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([headings, *rows])
