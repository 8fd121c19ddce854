"""Plain data as TOML, so that a scenario that was put together by a program is a file like any other."""

from __future__ import annotations

from typing import Any

import tomli_w

__all__ = ["as_toml"]


def as_toml(data: dict[str, Any]) -> str:
    """Plain data (tables, lists, texts, numbers, truth values) as TOML; what is None is left out."""
    return tomli_w.dumps(known(data))


def known(value: Any) -> Any:
    """The same data without what is None in its tables."""
    if isinstance(value, dict):
        return {key: known(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, (list, tuple)):
        return [known(entry) for entry in value]
    return value
