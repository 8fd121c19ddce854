"""Plain data as TOML, so that a scenario that was put together by a program is a file like any other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

__all__ = ["as_toml"]

BARE = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(data: Mapping[str, object]) -> str:
    """Plain data (tables, lists, texts, numbers, truth values) as TOML; what is None is left out."""
    return "\n".join(lines(data, ())) + "\n"


def lines(table: Mapping[str, object], place: tuple[str, ...]) -> Iterator[str]:
    """Lines of a table that stands at `place`: values first, then tables and lists of tables."""
    known = {key: value for key, value in table.items() if value is not None}
    inner = {key: value for key, value in known.items() if isinstance(value, Mapping) or of_tables(value)}
    for key, value in known.items():
        if key not in inner:
            yield f"{name(key)} = {inline(value)}"
    for key, value in inner.items():
        path = (*place, name(key))
        if isinstance(value, Mapping):
            yield from ("", f"[{'.'.join(path)}]", *lines(value, path))
        elif isinstance(value, (list, tuple)):
            for entry in value:
                yield from ("", f"[[{'.'.join(path)}]]", *lines(entry, path))


def of_tables(value: object) -> bool:
    """Whether a value is a list of tables."""
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def name(key: str) -> str:
    """A key, in quotes where it needs them."""
    return key if BARE.fullmatch(key) else text(key)


def text(value: str) -> str:
    """A text in quotes; JSON escapes what TOML does, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def inline(value: object) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name(key)} = {inline(entry)}' for key, entry in value.items())}}}"
    return repr(value)
