"""Bring the Dutch catalogue up to date with the texts in the code.

Run by hand after a text was added or changed::

    python scripts/update_catalogue.py

Texts that the code no longer has disappear; new ones are added without a translation, or with a guess
marked *fuzzy*, which nobody gets to see until a translator has checked it and removed the mark.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from sim.files import language
from sim.files.packaged import PACKAGE
from sim.parameters import PARAMETERS

CODE = PACKAGE
CATALOGUE = language.catalogue("nl")
HEADER = rb"""msgid ""
msgstr ""
"Project-Id-Version: Spiraal\n"
"Language: nl\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
"""No dates and no versions, so that the file changes only where a text does."""


def extract(folder: Path = CODE) -> Catalog:
    """Every text for users in the Python files of a folder; parameters of the model are data and stand in a table."""
    template = Catalog(project="Spiraal", domain=language.DOMAIN)
    found = extract_from_dir(folder, [("**.py", "python")], comment_tags=["Translators:"])
    for file, line, text, comments, context in found:
        location = (f"{folder.name}/{Path(file).as_posix()}", line)
        template.add(text, None, [location], auto_comments=comments, context=context)
    if folder == CODE:
        for number, text in enumerate(of_parameters()):
            template.add(text, None, [(f"{folder.name}/parameters.py", number)])
    return template


def of_parameters() -> Iterator[str]:
    """What parameters are called, how they are grouped and what they are measured in, as their table has it."""
    for parameter in PARAMETERS.values():
        yield from (parameter.group, parameter.meaning, parameter.unit)


def load(path: Path = CATALOGUE) -> Catalog:
    """The Dutch catalogue as it stands."""
    with path.open("rb") as file:
        return read_po(file, locale="nl", domain=language.DOMAIN)


def texts(side: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """One side of a message: a single text, or singular and plural."""
    return (side or "",) if isinstance(side, str | None) else tuple(side)


def untranslated(catalogue: Catalog) -> list[Message]:
    """The messages that a reader would still see in English."""
    messages = (message for message in catalogue if message.id)
    return [message for message in messages if message.fuzzy or not all(texts(message.string))]


def main() -> int:
    """Update the catalogue and say what is left to translate."""
    catalogue = load()
    catalogue.update(extract())
    with CATALOGUE.open("wb") as file:
        file.write(HEADER)
        write_po(
            file,
            catalogue,
            width=100,
            omit_header=True,
            sort_by_file=True,
            ignore_obsolete=True,
            include_previous=True,
            include_lineno=False,
        )
    left = untranslated(catalogue)
    for message in left:
        print(f"to translate: {message.id!r}")
    print(f"{len(catalogue)} messages, {len(left)} to translate")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
