"""The visitor's own class: whatever is sent is read or refused in words that help, and nothing of it stays behind."""

from __future__ import annotations

import base64
import gc
import io
import secrets
import threading
import time
import weakref
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard.answers import ANSWERS, scene
from sim.dashboard.answers.roster import LISTED, answer
from sim.dashboard.choices import OWN, Choices, pair_of
from sim.dashboard.desk import Desk, Question, Refused
from sim.dashboard.picture import Shelf
from sim.files.classlist import CHILD_COLUMNS, LARGEST_FILE, ChildRow, ClassList, Nomination
from sim.files.language import use

MARKUP = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://example.org";"Jan")'


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use("en"):
        yield


def file(content: str | bytes, name: str = "class.csv") -> dict[str, str]:
    """Send a file as the browser does."""
    encoded = content if isinstance(content, bytes) else content.encode()
    return {"name": name, "content": base64.b64encode(encoded).decode("ascii")}


def asked(details: Mapping[str, Any]) -> tuple[dict[str, Any], list[ClassList]]:
    """Ask, and give the answer and what was kept."""
    kept: list[ClassList] = []
    choices = Choices()
    question = Question(pair_of(choices), choices, 0, Shelf(), details, kept.append)
    (item,) = answer(question)
    return dict(item), kept


def read(content: str | bytes, nominations: str | None = None) -> dict[str, Any]:
    """Give the answer on a class list that is not to be used yet."""
    chosen = None if nominations is None else file(nominations, "choices.csv")
    item, kept = asked({"children": file(content), "nominations": chosen})
    assert kept == []
    assert item["used"] is False
    return item


def test_a_class_is_kept_only_where_that_is_asked() -> None:
    content = "naam;geslacht;leeftijd\r\nZoë;v;7,5\r\nBram;m;\r\n"
    item = read(content)
    assert (item["count"], item["problems"], item["more"]) == (2, [], 0)
    assert item["rows"] == [
        {"number": 2, "cells": {"name": "Zoë", "sex": "girl", "age": "7,5"}},
        {"number": 3, "cells": {"name": "Bram", "sex": "boy", "age": ""}},
    ]
    item, kept = asked({"children": file(content), "nominations": None, "use": True})
    assert kept == [ClassList((ChildRow("Zoë", "girl", 7.5), ChildRow("Bram", "boy")))]
    assert item["used"] is True


def test_a_list_of_an_administration_is_shown_as_it_was_understood() -> None:
    content = "Klassenlijst\nAchternaam;Voorvoegsel;Roepnaam;Geslacht;Nabijheid\nVries;de;Zoë;2;99\nAa;;Bo;1;4,50\n"
    item = read(content.encode("cp1252"))
    assert item["rows"] == [
        {"number": 3, "cells": {"name": "Zoë de Vries", "sex": "girl", "closeness": ""}},
        {"number": 4, "cells": {"name": "Bo Aa", "sex": "boy", "closeness": "4,50"}},
    ]
    assert "“99” in “Nabijheid” was read as not known (1×)" in item["notes"]


def test_a_date_of_birth_is_shown_as_an_age() -> None:
    (first, second) = read("naam;geboortedatum\nZoë;13-03-2018\nBo;04-05-2018\n")["rows"]
    assert first["cells"]["age"] > second["cells"]["age"] > "3"


def test_a_wrong_cell_of_a_name_in_parts_is_pointed_at() -> None:
    item = read("voornaam;achternaam;geboortedatum\nZoë;A;13-03-1918\nZoë;B;13-03-2018\nZoë;B;\n")
    assert [(problem["row"], problem["field"]) for problem in item["problems"]] == [(2, "age"), (4, "name")]


def test_what_is_right_in_a_row_is_shown_also_where_something_else_is_wrong() -> None:
    items = "STRS SF 1;STRS SF 3;STRS SF 4;STRS SF 5"
    (first, second) = read(f"naam;leeftijd;geslacht;{items}\nA;twaalf;1;5;5;1;5\nB;7;2;9;5;1;5\n")["rows"]
    assert first["cells"] == {"name": "A", "sex": "boy", "age": "twaalf", "closeness": "5"}
    assert second["cells"] == {"name": "B", "sex": "2", "age": "7"}, "a score of which an answer is wrong is none"
    assert read("naam;geboortedatum\nA;03/04/2019\nB;05/06/2019\n")["rows"][1]["cells"]["age"] == "05/06/2019"


def test_what_is_said_of_a_list_goes_before_what_it_says() -> None:
    content = "Kode;G;jaren\nA;0;7\nB;1;\n"
    seen = read(content)["list"]
    assert [(column["called"], column["field"]) for column in seen["columns"]] == [
        ("Kode", None),
        ("G", None),
        ("jaren", None),
    ]
    assert (seen["mapping"], seen["group"], seen["encoding"], seen["dates"]) == ({}, "", None, None)
    said = {"columns": {"name": "Kode", "sex": "G", "age": "jaren"}, "sex": {"0": "girl"}}
    item, kept = asked({"children": file(content), "mapping": said})
    assert kept == []
    assert item["list"]["mapping"] == said
    assert item["list"]["sexes"] == [("0", "girl"), ("1", None)]
    (problem,) = item["problems"]
    assert (problem["column"], problem["row"], problem["field"]) == (1, 3, "sex")
    assert problem["what"].startswith("row 3: found “1”; allowed: boy or girl")
    toml = file(item["list"]["toml"] + '1 = "boy"\n', "own.toml")
    item, kept = asked({"children": file(content), "mapping_file": toml, "use": True})
    assert kept == [ClassList((ChildRow("A", "girl", 7.0), ChildRow("B", "boy")))]


@pytest.mark.parametrize(
    "mapping", [7, "x", [], {"columns": 3}, {"columns": {"x": "y"}}, {"dates": {}}, {"sex": {"1": 2}}]
)
def test_a_mapping_that_no_browser_sends_is_refused(mapping: object) -> None:
    details = {"children": file("name\nA\nB\n"), "mapping": mapping, "use": True}
    if isinstance(mapping, dict):
        item, kept = asked(details)
        assert item["problems"][0]["text"].startswith("what is read as what")
        assert kept == []
    else:
        with pytest.raises(Refused):
            asked(details)


def test_nominations_come_along() -> None:
    children, nominations = file("name\nJan\nEmma\n"), file("who,whom,kind\nJan,Emma,dislike\n", "class.csv")
    item, kept = asked({"children": children, "nominations": nominations, "use": True})
    assert item["nominations"] == 1
    assert kept[0].nominations == (Nomination("Jan", "Emma", "dislike"),)


def test_a_problem_of_the_nominations_points_at_no_cell_of_the_class() -> None:
    for name in ("class.csv", "choices.csv"):
        nominations = file("name,whom\nJan,Emma\nPiet,Emma\n", name)
        item, kept = asked({"children": file("name\nJan\nEmma\n"), "nominations": nominations, "use": True})
        assert kept == []
        (problem,) = item["problems"]
        assert "row 3, column “name”: found “Piet”" in problem["text"]
        assert "row" not in problem
        assert "field" not in problem


def test_every_wrong_cell_is_pointed_at() -> None:
    item = read("opmerking;Naam;LLRV nabijheid;Leeftijd;agressie\n\n;Jan;6;twaalf;\n;;;;2\n;jan;1;7;0,5\nx;Emma;5;8;\n")
    assert {(problem["row"], problem["field"]) for problem in item["problems"]} == {
        (3, "age"),
        (3, "closeness"),
        (4, "name"),
        (5, "name"),
        (5, "aggression"),
    }
    assert [row["number"] for row in item["rows"]] == [3, 4, 5, 6]
    assert item["rows"][0]["cells"] == {"name": "Jan", "closeness": "6", "age": "twaalf", "aggression": ""}
    assert (
        "class.csv, row 3, column “Leeftijd”: found “twaalf”; allowed: a number from 3 to 13, or blank if not known"
        in [problem["text"] for problem in item["problems"]]
    )


def test_problems_are_told_in_the_language_of_the_visitor() -> None:
    with use("nl"):
        (problem,) = read("name,age\nJan,98\nEmma,7\n")["problems"]
    assert "rij 2" in problem["text"]


def xlsx() -> bytes:
    """Write what a spreadsheet saves when nobody tells it to write CSV."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return content.getvalue()


PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "an empty file"),
        (b"\xef\xbb\xbf \r\n;;\r\n", "an empty file"),
        (xlsx(), "something other than text"),
        (PNG, "something other than text"),
        (bytes(range(256)), "something other than text"),
        ("name\nJan\nEmma\n".encode("utf-32"), "something other than text"),
        ("name\nJan\nEmma\n".encode("utf-16-le"), "something other than text"),
        (b"a,b,c\n1,2,3\n4,5,6\n", "no heading “name”"),
        (b"name\n", "0 children"),
        ("\n".join(["name", *(f"child {i}" for i in range(10_000))]), "10000 children"),
        (b'name\n"Jan\nEmma\n', "a cell that does not end where it should"),
        (b"name\n" + b"x" * LARGEST_FILE, "a file of more than 1 MB"),
        (b"name" + b"," * 150 + b"x\n", "151 columns"),
        (b"<html><body>class</body></html>", "allowed: name, sex"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 50 else "",
)
def test_what_is_no_class_list_is_refused_in_words(content: bytes | str, told: str) -> None:
    item = read(content)
    texts = [problem["text"] for problem in item["problems"]]
    assert any(told in text for text in texts), texts
    assert all(text.startswith("class.csv") for text in texts)
    assert all("row" not in problem for problem in item["problems"]), "there is no cell to mend"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_any_spreadsheet_will_do(encoding: str, separator: str) -> None:
    content = f"naam{separator}geslacht\r\nZoë{separator}meisje\r\nRené{separator}jongen\r\n"
    item = read(content.encode(encoding))
    assert [row["cells"]["name"] for row in item["rows"]] == ["Zoë", "René"]


@pytest.mark.parametrize(
    "name",
    [
        MARKUP,
        FORMULA,
        "+1+1",
        "@SUM(A1)",
        "{name}",
        "{0.__class__}",
        "%s",
        "'; --",
        "ג׳ון",
        "👩🏽‍🚀",
        "\\u0000",
        "NaN",
        "null",
    ],
)
def test_any_writing_is_a_name_and_nothing_more(name: str) -> None:
    quoted = name.replace('"', '""')
    _, kept = asked({"children": file(f'name\n"{quoted}"\nEmma\n'), "nominations": None, "use": True})
    assert kept[0].children[0].name == name
    choices, shelf = Choices(scenario=OWN, interventions=(("llinc", 0),)), Shelf()
    pair = pair_of(choices, kept[0])
    assert f'"names":["{name}' in shelf.picture(pair).replace('\\"', '"').replace("\\\\", "\\")
    assert name in shelf.story(pair, 0, "nl").replace('\\"', '"').replace("\\\\", "\\")


def test_a_file_name_is_no_more_than_text() -> None:
    nasty = f"../../etc/{MARKUP}\n\r\0{'x' * 10_000}"
    item, _ = asked({"children": file("name\n", nasty), "nominations": None})
    (problem,) = item["problems"]
    assert len(problem["text"]) < 300
    assert "\n" not in problem["text"]


def test_very_many_problems_are_counted() -> None:
    item = read("name,age,sex,closeness,conflict\n" + "".join(f"child {i},q,q,q,q\n" for i in range(60)))
    assert len(item["problems"]) == LISTED
    assert item["more"] == 240 - LISTED


def test_a_table_of_which_nothing_can_be_shown_gives_no_rows() -> None:
    assert read("name\n" + "x\n" * 61)["rows"] == []
    assert read(PNG)["rows"] == []


@pytest.mark.parametrize(
    "children",
    [None, 7, "name", [], {}, {"name": "a.csv"}, {"name": 1, "content": ""}, {"name": "a", "content": 3},
     {"name": "a", "content": "no base64!"}, {"name": "a", "content": "é"}, {"name": "a", "content": "abc"}],
)  # fmt: skip
def test_what_no_browser_sends_is_refused(children: object) -> None:
    for details in ({"children": children}, {"children": file("name\na\nb\n"), "nominations": children or 0}):
        with pytest.raises(Refused, match="did not arrive"):
            asked(details)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("size", [2, 60])
def test_the_most_extreme_classes_have_a_year(end: str, size: int) -> None:
    numbers = {column.field: getattr(column, end) for column in CHILD_COLUMNS if column.is_number}
    rows = [",".join(["name", *numbers]), *(",".join([f"c{i}", *map(str, numbers.values())]) for i in range(size))]
    _, kept = asked({"children": file("\n".join(rows)), "nominations": None, "use": True})
    record = Shelf().year(pair_of(Choices(scenario=OWN), kept[0]).without)
    assert all(np.isfinite(record.children[state]).all() for state in ("closeness", "conflict", "aggression"))


# -- Forgetting


def holders(secret: str) -> list[str]:
    """Find what holds a text with the secret in it, other than the secret itself."""
    gc.collect()
    return [
        f"{type(one).__name__}: {held[:60]!r}"
        for one in gc.get_objects()
        for held in gc.get_referents(one)
        if issubclass(type(held), str | bytes) and held is not secret and secret in str(held)
    ]


def use_a_class(secret: str) -> weakref.ref[Shelf]:
    """Use a class with a secret name, look at it in both languages, ask everything about it, and leave."""
    rows = "".join(f"child {number},\n" for number in range(5))
    _, kept = asked({"children": file(f"name,age\n{secret},7\n{rows}"), "nominations": None, "use": True})
    with pytest.raises(Refused):
        asked({"children": {"name": secret, "content": secret + "!"}})
    assert secret in asked({"children": file(f"name,age\n{secret},7\n{secret},x\n")})[0]["problems"][0]["text"]
    shelf, choices = Shelf(), Choices(scenario=OWN, interventions=(("llinc", 0),), aggression=((0, 4.0),))
    pair = pair_of(choices, kept[0])
    assert secret in shelf.picture(pair)
    for language in ("en", "nl"):
        assert secret in shelf.story(pair, 0, language)
    for one in ANSWERS.values():
        question = Question(pair, choices, 0, shelf, {}, kept.append)
        try:
            next(iter(one(question)), None)
        except Refused:
            continue
    contact = Question(pair, choices, 0, shelf, {"arm": "with", "child": 0, "number": 0}, kept.append)
    assert secret in next(iter(scene.answer(contact)))["begins"][0]
    return weakref.ref(shelf)


def test_nothing_of_a_class_stays_behind(capfd: pytest.CaptureFixture[str]) -> None:
    secret = secrets.token_hex(8)
    shelf = use_a_class(secret)
    patience = time.monotonic() + 30
    while (found := holders(secret)) and time.monotonic() < patience:
        continue  # an answer that is not waited for comes to its end
    assert found == []
    assert shelf() is None
    said = capfd.readouterr()
    assert secret not in said.out + said.err


def test_what_fails_is_told_without_names(capfd: pytest.CaptureFixture[str]) -> None:
    def failing(question: Question) -> Iterator[Mapping[str, Any]]:
        raise ValueError(question.details["name"])
        yield {}

    items: list[str] = []
    question = Question(pair_of(Choices()), Choices(), 0, Shelf(), {"name": "Secretname"}, lambda _: None)
    desk = Desk({"roster": failing})
    desk.ask("roster", 1, question, items.append)
    for thread in threading.enumerate():
        if thread.name == "answers":
            thread.join()
    assert '"error":' in items[-1]
    said = capfd.readouterr()
    assert "ValueError" in said.err
    assert "Secretname" not in said.out + said.err + "".join(items)
