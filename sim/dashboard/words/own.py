"""Texts around the visitor's own class, the columns of its table, and a class to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sim.files.cells import ENCODINGS
from sim.files.classlist import CHILD_COLUMNS, LARGEST_CLASS, LARGEST_FILE, SOURCE_COLUMNS
from sim.files.language import _, current, ngettext, number

if TYPE_CHECKING:
    from sim.files.classlist import Column

__all__ = ["texts"]

ALWAYS_SHOWN: Final = ("name", "sex", "age", "closeness", "conflict", "aggression")
"""Columns that most classes will do with."""

EXAMPLE: Final = (
    ("Adam", "boy", "7", "", "", ""),
    ("Amira", "girl", "7", "4.5", "1", "1"),
    ("Bram", "boy", "8", "", "", ""),
    ("Ella", "girl", "7", "", "", ""),
    ("Finn", "boy", "7", "2.5", "3.5", "4"),
    ("Hanne", "girl", "8", "", "", ""),
    ("Ilyas", "boy", "7", "", "", ""),
    ("Jade", "girl", "7", "", "", ""),
    ("Kobe", "boy", "8", "3", "2.5", "3"),
    ("Lina", "girl", "7", "", "", ""),
    ("Mats", "boy", "7", "", "", ""),
    ("Nora", "girl", "8", "", "", ""),
    ("Otis", "boy", "7", "", "", ""),
    ("Pia", "girl", "7", "4", "1.5", "1.5"),
    ("Rayan", "boy", "8", "", "", ""),
    ("Sofia", "girl", "7", "", "", ""),
    ("Tibo", "boy", "7", "", "", ""),
    ("Vic", "boy", "8", "", "", ""),
    ("Yara", "girl", "7", "", "", ""),
    ("Zoë", "girl", "8", "", "", ""),
)
"""Made-up children, in the columns that are always shown."""


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    comma = current() == "nl"
    example = [[cell.replace(".", ",") if comma else cell for cell in cells] for cells in EXAMPLE]
    return {
        "largest_file": LARGEST_FILE,
        "largest_class": LARGEST_CLASS,
        "columns": [column_words(column) for column in CHILD_COLUMNS],
        "sexes": {"boy": _("boy"), "girl": _("girl")},
        "example_rows": [dict(zip(ALWAYS_SHOWN, cells, strict=True)) for cells in example],
        **notices(),
        **table_words(),
        **file_words(),
        "list_columns": list_words(),
    }


def list_words() -> dict[str, Any]:
    """Word what is read as what in a file, and what can be said of it."""
    titles = {column.field: column.heading for column in (*CHILD_COLUMNS, *SOURCE_COLUMNS)}
    ranges = {column.field: column_words(column)["allowed"] for column in CHILD_COLUMNS}

    def options(title: str, fields: dict[str, str]) -> dict[str, Any]:
        return {"title": title, "options": [{"field": field, "title": words} for field, words in fields.items()]}

    children = {
        column.field: f"{column.heading} ({ranges[column.field]})" if ranges[column.field] else column.heading
        for column in CHILD_COLUMNS
    }
    strs, short, sdq = _("STRS, item {number}"), _("STRS short form, item {number}"), _("SDQ, item {number}")
    return {
        "head": _("What is read as what"),
        "hint": _(
            "A row for each column of the file. Whatever you change is read again at once, and the table of children "
            "filled anew."
        ),
        "heading": _("Heading"),
        "first": _("First cells"),
        "read_as": _("Read as"),
        "to_mend": _("What has to change"),
        "column": _("“{heading}” is read as"),
        "no_heading": _("column {letter}, without a heading"),
        "leave_out": _("leave out"),
        "choose": _("choose …"),
        "is": _("{what}: {now}."),
        "quoted": _("“{cell}”"),
        "fields": [
            options(_("Of the child"), children),
            options(_("What name, age and class are made of"), {c.field: titles[c.field] for c in SOURCE_COLUMNS}),
            options(_("STRS, items"), {f"strs_{i}": strs.format(number=i) for i in range(1, 29)}),
            options(_("STRS short form, items"), {f"strs_sf_{i}": short.format(number=i) for i in range(1, 16)}),
            options(_("SDQ, items"), {f"sdq_{i}": sdq.format(number=i) for i in range(1, 26)}),
        ],
        "group": _("Class"),
        "encoding": _("The text is from"),
        "encodings": [{"name": name, "title": _(title)} for name, title in ENCODINGS.items()],
        "sexes": {"boy": _("boy"), "girl": _("girl"), "": _("not known")},
        "dates": _("In dates comes first"),
        "orders": {"day first": _("the day"), "month first": _("the month")},
        "school_year": _("School year"),
        "on": _("On to the children"),
        "save": _("Save this mapping"),
        "file_name": _("my-mapping.toml"),
        "load": _("Use a saved mapping"),
        "leave": _("Leave this file"),
    }


def column_words(column: Column) -> dict[str, Any]:
    """Name a column, with what may stand in it and whether it is shown at first."""
    allowed = _("{low} to {high}").format(low=number(column.low, 0), high=number(column.high, 0))
    return {
        "field": column.field,
        "title": column.heading,
        "allowed": allowed.replace("-", "−") if column.is_number else "",
        "headings": [heading.lower() for heading in (column.field, *column.headings)],
        "more": column.field not in ALWAYS_SHOWN,
    }


def notices() -> dict[str, str]:
    """Say what the visitor's own class is, and what becomes of what is entered."""
    return {
        "illustration": _(
            "An illustration, not a prediction: it shows how a class like this could develop, and says nothing "
            "about how a real child will."
        ),
        "privacy": _(
            "Please do not enter real names; made-up names or codes will do. The list stays in the memory of this "
            "session, is not written down anywhere, and is forgotten when you close or reload the page."
        ),
        "how": _(
            "A row for each child. Only a name or code is needed; what you leave empty is drawn by the simulation. "
            "Closeness, conflict and aggression are the teacher's ratings, from 1 (hardly) to 5 (very much)."
        ),
        "gone": _(
            "This is the link of somebody's own class, which is in no link: it stayed on the page where it was "
            "entered, and was forgotten when that was closed or reloaded."
        ),
    }


def table_words() -> dict[str, Any]:
    """Name what is in and around the table."""
    return {
        "use": _("Use this class"),
        "table": _("the table"),
        "caption": _("The children of the class; the names are made up until you change them"),
        "row": _("Row"),
        "cell": _("{column}, row {row}"),
        "more_columns": _("More columns"),
        "add": _("Add a row"),
        "delete": _("Delete row {row}"),
        "clear": _("Clear"),
        "undo": _("Undo clearing"),
        "save": _("Save this list"),
        "list_name": _("my-class.csv"),
        "children": {
            "one": ngettext("{count} row", "{count} rows", 1),
            "other": ngettext("{count} row", "{count} rows", 2),
        },
        "paste_hint": _(
            "Cells copied from a spreadsheet can be pasted into the table; rows have the numbers that they have there."
        ),
        "no_room": _("The table has room for {limit} rows; not all of what you pasted fitted in."),
        "too_wide": _("The table has no columns for all of what you pasted; the cells on the right were left out."),
    }


def file_words() -> dict[str, Any]:
    """Word how files come and what becomes of them."""
    return {
        "upload": _("Upload a class list (CSV, Excel, OpenDocument)"),
        "drop": _("Or drop the file here."),
        "nominations": _("Add who likes whom (CSV)"),
        "nominations_hint": _("A file of its own with the columns who, whom and kind (like or dislike)."),
        "leave_out": _("Leave out {file}"),
        "example": _("Download an example file"),
        "example_name": _("example-class.csv"),
        "pasted": _("what you pasted"),
        "reading": _("Reading …"),
        "step_children": _("The children"),
        "not_read": _("{file} is not read yet: say what is what in it, or leave it."),
        "too_large": _("{file} takes {size} MB; at most {limit} MB is allowed. It was not sent."),
        "cannot_open": _("{file} cannot be opened."),
        "read": {
            "one": ngettext(
                "{file}: {count} child read. Look the table over, then use this class.",
                "{file}: {count} children read. Look the table over, then use this class.",
                1,
            ),
            "other": ngettext(
                "{file}: {count} child read. Look the table over, then use this class.",
                "{file}: {count} children read. Look the table over, then use this class.",
                2,
            ),
        },
        "named": {
            "one": ngettext("{count} choice read.", "{count} choices read.", 1),
            "other": ngettext("{count} choice read.", "{count} choices read.", 2),
        },
        "wrong": {
            "one": ngettext("{count} thing has to change:", "{count} things have to change:", 1),
            "other": ngettext("{count} thing has to change:", "{count} things have to change:", 2),
        },
        "still_wrong": {
            "one": ngettext("{count} thing has to change.", "{count} things have to change.", 1),
            "other": ngettext("{count} thing has to change.", "{count} things have to change.", 2),
        },
        "more_wrong": _("and {count} more"),
    }
