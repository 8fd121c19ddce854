"""Whole numbers that change little from one to the next, written so that they can be compressed well; none is lost."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["from_planes", "in_planes"]

Array = np.ndarray[Any, Any]


def in_planes(values: Array, order: int = 1) -> Array:
    """Write numbers by their differences, and these byte by byte: the lowest byte of all first.

    Parameters
    ----------
    values
        Unsigned, of shape (…, numbers); differences are along the last axis.
    order
        Of the differences: those of first order, of these again, and so on.

    Returns
    -------
    numpy.ndarray
        Bytes, of shape (bytes of a number, …, numbers).
    """
    kind = values.dtype.newbyteorder("<")
    for _ in range(order):
        values = np.diff(values, axis=-1, prepend=np.zeros_like(values[..., :1]))  # modulo 2**bits, as are their sums
    planes = np.ascontiguousarray(values, kind)[..., None].view("u1")
    return np.ascontiguousarray(np.moveaxis(planes, -1, 0))


def from_planes(planes: Array, order: int = 1) -> Array:
    """Give back what `in_planes` wrote."""
    kind = np.dtype(f"<u{len(planes)}")
    values = np.ascontiguousarray(np.moveaxis(planes, 0, -1)).view(kind)[..., 0]
    for _ in range(order):
        values = np.cumsum(values, axis=-1, dtype=kind)
    return values
