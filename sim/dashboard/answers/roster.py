"""roster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.dashboard.desk import Question

__all__ = ["answer"]


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Answer."""
    yield {"child": question.child}
