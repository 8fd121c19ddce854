"""Plausible worlds: values of the parameters that fit the published facts, of which those in use are one set.

The facts leave many parameters open. So a statement about what a programme does is worth as much as the share of the
plausible worlds in which it holds. They were found by ``experiments/ensemble.py``; the first of them has the values in
use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from sim.files.packaged import packaged
from sim.parameters import PARAMETERS
from sim.state import Records

__all__ = ["WORLDS_FILE", "Worlds", "WorldsError", "packed", "plausible", "read_worlds"]

WORLDS_FILE = packaged("worlds.parquet")
PROVENANCE = b"spiraal"
"""Key of the file's metadata under which it says where it comes from."""


class WorldsError(Exception):
    """A file of worlds that cannot be used; the message names it, and says why."""


@dataclass(frozen=True)
class Worlds:
    """Sets of values of the same parameters.

    Attributes
    ----------
    names
        The parameters.
    points
        Shape (worlds, parameters); the first row has the values in use.
    fingerprint
        Hash of names and values, by which an ensemble is found again.
    provenance
        How they were found.
    """

    names: tuple[str, ...]
    points: Records
    fingerprint: str
    provenance: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.points)

    def values(self, number: int) -> dict[str, float]:
        """Values of the parameters in one of them."""
        return dict(zip(self.names, self.points[number].tolist(), strict=True))


def fingerprint_of(names: Sequence[str], values: Records) -> str:
    """Hash of parameters and their values."""
    text = json.dumps([list(names), np.asarray(values).tolist()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def packed(names: Sequence[str], values: Records, provenance: Mapping[str, Any]) -> bytes:
    """An ensemble as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(zip(names, np.asarray(values).T, strict=True)))
    file = BytesIO()
    told = {PROVENANCE: json.dumps(dict(provenance)).encode()}
    pq.write_table(table.replace_schema_metadata(told), file, compression="zstd")
    return file.getvalue()


def read_worlds(file: Path) -> Worlds:
    """Read an ensemble.

    Raises
    ------
    WorldsError
        For a file that cannot be read, names other parameters, or has values that are not allowed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowException) as error:
        raise WorldsError(f"{file.name}: not a readable Parquet file: {error}") from None
    names = tuple(table.column_names)
    if unknown := [name for name in names if name not in PARAMETERS]:
        raise WorldsError(f"{file.name}: no such parameter: {', '.join(unknown)}")
    values = np.column_stack([table[name].to_numpy() for name in names])
    for name, column in zip(names, values.T, strict=True):
        low, high = PARAMETERS[name].low, PARAMETERS[name].high
        if outside := [value for value in column.tolist() if not low <= value <= high]:
            raise WorldsError(f"{file.name}: {name}: found {outside[0]:g}; allowed is {low:g} to {high:g}")
    provenance = json.loads((table.schema.metadata or {}).get(PROVENANCE, b"{}"))
    return Worlds(names, values, fingerprint_of(names, values), provenance)


@cache
def plausible() -> Worlds:
    """The ensemble that comes with the program."""
    return read_worlds(WORLDS_FILE)
