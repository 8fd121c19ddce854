"""Dutch for everyone who reads Dutch: the catalogue is complete, and numbers are written as people write them."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import pytest

from sim.files import language
from sim.files.language import N_, _, current, detect, ngettext, number, use

ROOT = Path(__file__).resolve().parents[1]


def script() -> ModuleType:
    """The script that keeps the catalogue, which knows how to find the texts in the code."""
    spec = importlib.util.spec_from_file_location("update_catalogue", ROOT / "scripts" / "update_catalogue.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


update_catalogue = script()
IN_CODE = {message.id: message for message in update_catalogue.extract() if message.id}
IN_DUTCH = {message.id: message for message in update_catalogue.load() if message.id}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins and ends in English."""
    with use("en"):
        yield


def fields(text: str) -> set[str | None]:
    """The named fields of a text, with how they are formatted."""
    return {name and f"{name}!{conversion}:{spec}" for _text, name, spec, conversion in Formatter().parse(text)} - {
        None
    }


# -- The catalogue


def test_every_text_in_the_code_has_a_dutch_one() -> None:
    assert IN_CODE
    assert sorted(map(str, IN_CODE.keys() - IN_DUTCH.keys())) == []


def test_the_catalogue_has_no_text_that_the_code_has_not() -> None:
    assert sorted(map(str, IN_DUTCH.keys() - IN_CODE.keys())) == []
    assert list(update_catalogue.load().obsolete) == []


def test_nothing_is_left_to_translate() -> None:
    assert [message.id for message in update_catalogue.untranslated(update_catalogue.load())] == []


def test_translations_fill_in_the_same_fields() -> None:
    different = [
        (english, dutch)
        for message in IN_DUTCH.values()
        for english, dutch in zip(
            update_catalogue.texts(message.id), update_catalogue.texts(message.string), strict=True
        )
        if fields(english) != fields(dutch)
    ]
    assert different == []


def test_fields_have_names() -> None:
    assert [
        i
        for i in IN_CODE
        for text in update_catalogue.texts(i)
        if {"", *"0123456789"} & {str(name).split("!")[0] for name in fields(text)}
    ] == []


def test_translations_keep_the_space_around_a_text() -> None:
    for message in IN_DUTCH.values():
        for english, dutch in zip(
            update_catalogue.texts(message.id), update_catalogue.texts(message.string), strict=True
        ):
            assert (english[0].isspace(), english[-1].isspace()) == (
                dutch[0].isspace(),
                dutch[-1].isspace(),
            ), english


def test_updating_a_complete_catalogue_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "spiraal.po"
    copy.write_bytes(update_catalogue.CATALOGUE.read_bytes())
    monkeypatch.setattr(update_catalogue, "CATALOGUE", copy)
    monkeypatch.setattr(update_catalogue, "load", lambda load=update_catalogue.load: load(copy))
    assert update_catalogue.main() == 0
    assert "0 to translate" in capsys.readouterr().out
    assert copy.read_bytes() == language.catalogue("nl").read_bytes()


def test_a_new_text_is_extracted_with_its_plural(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text('_("Week {week}")\nngettext("{n} day", "{n} days", n)\nN_("Play")\n')
    ids = {message.id for message in update_catalogue.extract(tmp_path) if message.id}
    assert ids == {"Week {week}", ("{n} day", "{n} days"), "Play"}


# -- Speaking


def test_texts_and_plurals_follow_the_language() -> None:
    def say() -> list[str]:
        counts = [ngettext("{count} child", "{count} children", n).format(count=n) for n in (0, 1, 2)]
        return [_("row {row}").format(row=3), *counts]

    assert say() == ["row 3", "0 children", "1 child", "2 children"]
    with use("nl"):
        assert say() == ["rij 3", "0 kinderen", "1 kind", "2 kinderen"]
    assert say()[0] == "row 3"


def test_an_unknown_text_stays_as_it_is_and_an_empty_one_stays_empty() -> None:
    use("nl")
    assert _("never seen before") == "never seen before"
    assert _("") == ""
    assert N_("row {row}") == "row {row}"


def test_use_may_stand_alone_and_refuses_other_languages() -> None:
    unknown: Any = "fr"
    use("nl")
    assert current() == "nl"
    with pytest.raises(ValueError, match="'fr' is not known; allowed: en, nl"):
        use(unknown)
    assert current() == "nl"


def test_one_thread_does_not_change_the_language_of_another() -> None:
    heard: list[str] = []
    with use("nl"):
        thread = threading.Thread(target=lambda: heard.append(current()))
        thread.start()
        thread.join()
    assert heard == ["en"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "nl_BE.UTF-8"}, "nl"),
        ({"LANG": "nl"}, "nl"),
        ({"LANG": "NL-nl"}, "nl"),
        ({"LANG": "nl.UTF-8"}, "nl"),
        ({"LANG": "nds_NL"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "nl_NL", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LANG": "en_GB", "LC_MESSAGES": "en_GB", "LC_ALL": "nl_NL@euro"}, "nl"),
        ({"LANG": "nl_NL", "LC_ALL": ""}, "nl"),
    ],
)
def test_detect(environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert detect(environment) == expected


@pytest.mark.parametrize(
    ("code", "expected"), [(0x0413, "nl"), (0x0813, "nl"), (0x0409, "en"), (0x0436, "en"), (0x9999, "en")]
)
def test_detect_on_windows(code: int, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = types.SimpleNamespace(GetUserDefaultUILanguage=lambda: code)
    monkeypatch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert detect({}) == expected
    assert detect({"LANG": "nl_BE"}) == "nl"
    assert detect({"LC_ALL": "en_GB"}) == "en"


@pytest.mark.skipif(os.name == "nt", reason="no shell")
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('test "$*" = "read -g AppleLocale" && echo nl_BE', "nl"),
        ("echo nl-NL@calendar=gregorian", "nl"),
        ("echo en_BE", "en"),
        ("echo nl_BE; exit 1", "en"),
        ("printf '\\377\\376'", "en"),
        ("sleep 5; echo nl_BE", "en"),
    ],
)
def test_detect_on_macos(answer: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "defaults"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o700)
    monkeypatch.setattr(language, "DEFAULTS", str(program))
    monkeypatch.setattr(language, "SOON", 1.0)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert detect({}) == expected
    assert detect({"LANG": "nl_BE.UTF-8"}) == "nl"


def test_detect_where_macos_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "DEFAULTS", str(tmp_path / "none"))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert detect({}) == "en"


@pytest.mark.parametrize(
    ("x", "digits", "english", "dutch"),
    [
        (3.14159, 2, "3.14", "3,14"),
        (3, 2, "3.00", "3,00"),
        (1234.5, 1, "1,234.5", "1.234,5"),
        (-0.001, 2, "0.00", "0,00"),
        (-1.5, 1, "-1.5", "-1,5"),
        (12.6, 0, "13", "13"),
        (float("nan"), 2, "–", "–"),
        (float("inf"), 2, "∞", "∞"),
    ],
)
def test_number(x: float, digits: int, english: str, dutch: str) -> None:
    assert number(x, digits) == english
    with use("nl"):
        assert number(x, digits) == dutch


def test_numbers_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    assert [number(numpy.float32(0.5)), number(numpy.int64(2), 0)] == ["0.50", "2"]


def test_importing_is_cheap() -> None:
    large = ("babel", "gettext", "numpy", "pathlib")
    seen = f"import sys, sim.files.language; print([m for m in {large} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-S", "-c", seen], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"
