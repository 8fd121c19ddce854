"""The language of what users read: English in the code, Dutch from a catalogue.

A text for users is written in English where it is needed, as ``_("Week {week}").format(week=3)``. The
Dutch stands in ``shipped/locale/nl/LC_MESSAGES/spiraal.po``, which is read as it is: there are no compiled
catalogues to forget. ``scripts/update_catalogue.py`` brings it up to date with the code.

The language belongs to the context (one user, one thread), not to the process: a new thread speaks
English until it calls :func:`use`. Importing this module costs next to nothing; what is large is imported
where it is first needed.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from gettext import NullTranslations
    from pathlib import Path

__all__ = [
    "DOMAIN",
    "LANGUAGES",
    "N_",
    "Language",
    "_",
    "catalogue",
    "current",
    "detect",
    "ngettext",
    "number",
    "signed",
    "use",
]

Language = Literal["en", "nl"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DOMAIN: Final = "spiraal"

N_: Final[Callable[[str], str]] = str
"""Marks a text for the catalogue where it is data; ``_`` translates it where it is shown."""

_language: ContextVar[Language] = ContextVar("language", default="en")


def use(language: Language) -> ExitStack:
    """Speak a language from here on, or for the length of a ``with`` block.

    Parameters
    ----------
    language
        ``"en"`` or ``"nl"``.

    Returns
    -------
    ExitStack
        A context manager that goes back to the language before; it may be ignored.

    Raises
    ------
    ValueError
        For any other language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not known; allowed: {', '.join(LANGUAGES)}")
    before = _language.set(language)
    back = ExitStack()
    back.callback(_language.reset, before)
    return back


def current() -> Language:
    """The language that is spoken here and now."""
    return _language.get()


def detect(environment: Mapping[str, str] = os.environ) -> Language:
    """The language that the user asks for: Dutch or, for whatever else, English.

    ``LC_ALL`` goes before ``LC_MESSAGES`` and that before ``LANG``, as POSIX has it; where none of them says anything,
    as on Windows and in programs that macOS has started, it is the language of the system.
    """
    names = (environment.get(key) for key in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "") or of_system()
    spoken = locale.replace("-", "_").split("_")[0].split(".")[0].lower()
    return "nl" if spoken == "nl" else "en"


DEFAULTS: Final = "/usr/bin/defaults"
"""What tells the settings of macOS."""
SOON: Final = 5.0
"""Seconds after which it is given up."""


def of_system() -> str:
    """The language that Windows or macOS speaks with the user, such as ``nl_BE``; blank where it does not say."""
    if sys.platform == "win32":
        import ctypes
        from locale import windows_locale

        return windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    if sys.platform == "darwin":
        import subprocess

        asked = [DEFAULTS, "read", "-g", "AppleLocale"]
        try:
            return subprocess.run(asked, capture_output=True, text=True, timeout=SOON, check=True).stdout.strip()  # noqa: S603
        except (OSError, ValueError, subprocess.SubprocessError):
            return ""
    return ""


def catalogue(language: Language) -> Path:
    """Where the translations into a language stand."""
    from sim.files.packaged import packaged

    return packaged("locale") / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def _translations(language: Language) -> NullTranslations:
    """The translations into a language, read once; English is what the code says already."""
    from gettext import NullTranslations

    if language == "en":
        return NullTranslations()
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    compiled = BytesIO()
    with catalogue(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, domain=DOMAIN))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def _(text: str) -> str:
    """The text in the current language; a text without a translation stays English."""
    return _translations(current()).gettext(text) if text else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The text for one or for many, in the current language."""
    return _translations(current()).ngettext(singular, plural, count)


def number(x: float, digits: int = 2) -> str:
    """A number as readers of the current language write it.

    Parameters
    ----------
    x
        The number; an infinite one becomes ``∞``, one that is not a number a dash.
    digits
        How many decimals, trailing zeros included.

    Returns
    -------
    str
        ``1,234.50`` in English, ``1.234,50`` in Dutch; a zero has no sign.
    """
    from babel.numbers import format_decimal

    if math.isnan(x):
        return "–"
    rounded = round(float(x), digits) + 0.0  # adding zero takes the sign from a negative zero
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return format_decimal(rounded, format=pattern, locale=current())


def signed(x: float, digits: int = 2) -> str:
    """A difference with its sign, as readers of the current language write it; what rounds to nothing has none."""
    text = number(abs(x), digits)
    return text if round(abs(x), digits) == 0.0 else ("+" if x > 0.0 else "−") + text
