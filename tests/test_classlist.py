"""Class lists are read from whatever a school's spreadsheet writes, and refused in words that help."""

from __future__ import annotations

import csv
import io
import json
import os
import pickle
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from realdata import POLISH_CLASSES, kindergarten, polish_class

from sim.files.classlist import (
    CHILD_COLUMNS,
    NOMINATION_COLUMNS,
    ChildRow,
    ClassList,
    ClassListError,
    Kind,
    Nomination,
    Problem,
    Upload,
    read_class_list,
)
from sim.files.language import use


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use("en"):
        yield


def read(text: str | bytes, nominations: str | None = None) -> ClassList:
    content = text if isinstance(text, bytes) else text.encode()
    chosen = None if nominations is None else Upload("choices.csv", nominations.encode())
    return read_class_list(Upload("class.csv", content), chosen)


def problems(text: str | bytes, nominations: str | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ClassListError) as caught:
        read(text, nominations)
    return caught.value.problems


def places(found: tuple[Problem, ...]) -> list[tuple[int | None, str | None, str]]:
    return [(problem.row, problem.column, problem.found) for problem in found]


# -- What is read


def test_a_name_is_enough() -> None:
    assert read("name\nJan\nEmma\n") == ClassList((ChildRow("Jan"), ChildRow("Emma")))


def test_every_column_in_english_and_in_dutch() -> None:
    cells = ["Jan", "boy", "5.5", "4.2", "1.5", "2", "1.25", "3", "4.5", ".6", "0.4", "-1.5", "1"]
    expected = ChildRow("Jan", "boy", 5.5, 4.2, 1.5, 2.0, 1.25, 3.0, 4.5, 0.6, 0.4, -1.5, 1.0)
    for headings in ([c.field for c in CHILD_COLUMNS], [c.english[0] for c in CHILD_COLUMNS]):
        assert read(f"{','.join(headings)}\n{','.join(cells)}\nEmma\n").children == (
            expected,
            ChildRow("Emma"),
        )
    headings = [column.dutch[0] for column in CHILD_COLUMNS]
    dutch = ";".join(cells).replace(".", ",").replace("boy", "jongen")
    assert read(f"{';'.join(headings)}\n{dutch}\nEmma\n").children == (expected, ChildRow("Emma"))


@pytest.mark.parametrize("columns", [CHILD_COLUMNS, NOMINATION_COLUMNS])
def test_no_heading_stands_for_two_columns(columns: tuple[object, ...]) -> None:
    meanings: dict[str, set[str]] = {}
    for column in CHILD_COLUMNS if columns is CHILD_COLUMNS else NOMINATION_COLUMNS:
        for heading in (column.field, *column.headings):
            meanings.setdefault("".join(filter(str.isalnum, heading.casefold())), set()).add(column.field)
    assert {heading: fields for heading, fields in meanings.items() if len(fields) > 1} == {}


@pytest.mark.parametrize(
    "heading", ["Self_Regulation", "SELF REGULATION", " self-regulation ", "Zelfregulatie", "selfregulation"]
)
def test_spelling_of_headings_is_free(heading: str) -> None:
    assert read(f"Naam;{heading}\nJan;0,5\nEmma;\n").children[0].self_regulation == 0.5


@pytest.mark.parametrize("blank", ["", " ", "NA", "n/a", "-", "–", "?", "onbekend", "Unknown", "#N/B"])
def test_not_known(blank: str) -> None:
    assert read(f"name;sex;age\nJan;{blank};{blank}\nEmma;girl;5\n").children[0] == ChildRow("Jan")


@pytest.mark.parametrize("heading", ["_eigen", "Opmerkingen", "opmerking juf", "Note", "notes"])
def test_the_teachers_own_columns_are_left_alone(heading: str) -> None:
    assert read(f"name;{heading}\nJan;9999\nEmma;<b>\n").children == (ChildRow("Jan"), ChildRow("Emma"))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("m v", "boy girl"),
        ("M F", "boy girl"),
        ("m vrouw", "boy girl"),
        ("m j", "girl boy"),
        ("M Jongen", "girl boy"),
        ("jongen meisje", "boy girl"),
        ("boy girl", "boy girl"),
        ("male female", "boy girl"),
        ("man vrouw", "boy girl"),
        ("b g", "boy girl"),
    ],
)
def test_sex(cells: str, expected: str) -> None:
    first, second = cells.split()
    children = read(f"name;sex\nA;{first}\nB;{second}\nC;\n").children
    assert [child.sex for child in children] == [*expected.split(), None]


@pytest.mark.parametrize("cells", ["m m", "m meisje", "m man", "m boy", "m ?"])
def test_sex_that_cannot_be_told(cells: str) -> None:
    first, second = cells.split()
    found = problems(f"name;sex\nA;{first}\nB;{second}\n")
    assert (2, "sex", "m") in places(found)
    assert all("“boy” or “girl” in full" in problem.allowed for problem in found)


def test_m_beside_both_codes_cannot_be_told() -> None:
    assert places(problems("name;sex\nA;m\nB;j\nC;v\n")) == [(2, "sex", "m")]


def test_a_heading_tells_what_m_means() -> None:
    assert read("naam;j/m\nA;m\nB;m\n").children[0].sex == "girl"
    assert read("naam;m/v\nA;m\nB;m\n").children[0].sex == "boy"


TEXT = 'naam;geslacht;leeftijd;opmerking\r\nZoë;v;5,5;"a;\r\nb"\r\n"François ""Frans""";m;6;\r\n;;;\r\n\r\n;;;;\r\n'
EXPECTED = (ChildRow("Zoë", "girl", 5.5), ChildRow('François "Frans"', "boy", 6.0))


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.rstrip().encode(),
        TEXT.replace(";", "\t").encode("utf-16"),
        TEXT.replace("5,5", '"5,5"').replace(";", ",").encode(),
        TEXT.replace("5,5", "5.5").replace(";", ",").encode("cp1252"),
        b"sep=;\r\n" + TEXT.encode(),
        unicodedata.normalize("NFD", TEXT).encode(),
        TEXT.replace("opmerking", "opmerking;;;").encode(),
        ("\r\n;;\r\n" + TEXT).encode(),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_dialects(content: bytes) -> None:
    assert read(content).children == EXPECTED


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("naam;note a, b, c, d\nPeeters, Jan;\nEmma;\n", "Peeters, Jan"),
        ("naam\nPeeters, Jan\nEmma\n", "Peeters, Jan"),
        ('"naam","notes; a; b; c"\n"Peeters, Jan",1\nEmma,\n', "Peeters, Jan"),
        ('name,"note: one;two;three"\nJan,x\nEmma,\n', "Jan"),
    ],
)
def test_the_delimiter_is_the_one_that_finds_the_headings(text: str, name: str) -> None:
    assert read(text).children[0].name == name


def test_rows_are_counted_as_a_spreadsheet_does() -> None:
    found = problems('\nname;note;age\n"Jan";"two\nlines";5\n\nEmma;;98\n')
    assert places(found) == [(5, "age", "98")]


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        "=cmd()",
        "李小龙",
        "نور",
        "👩‍👧",
        "O'Brien-Müller",
        "NA",
        "?",
        "12",
        "{name}",
        "%s",
    ],
)
def test_any_writing_is_a_name(name: str) -> None:
    assert read(f"name\n{name}\nEmma\n").children[0].name == name


def test_names_are_tidied() -> None:
    children = read('name\n"  Jan \u00a0 \n Piet "\nZoe\u0308\n\u202eEmma\u200b\n').children
    assert [child.name for child in children] == ["Jan Piet", "Zoë", "Emma"]


def test_numbers_are_exact() -> None:
    ages = [child.age for child in read("name;age\nA;3\nB;13,0\nC;5.\nD;+4,25\nE;1e1\n").children]
    assert ages == [3.0, 13.0, 5.0, 4.25, 10.0]
    assert read("name;ability\nA;-4\nB;−1,5\n").children[1].ability == -1.5


# -- What is refused


def test_all_problems_are_reported_at_once_in_the_order_of_the_files() -> None:
    found = problems(
        "naam;geslacht;leeftyd;nabijheid;SDQ gedrag\nJan;q;5;5,1;1,25\n;jongen;5;;\njan;meisje;5;vier;11;te veel\n",
        "wie;gekozen;soort\nJan;Jan;graag\nPiet;Jan;misschien\n",
    )
    assert places(found) == [
        (1, "leeftyd", "leeftyd"),
        (2, "geslacht", "q"),
        (2, "nabijheid", "5,1"),
        (2, "SDQ gedrag", "1,25"),
        (3, "naam", ""),
        (4, "F", "te veel"),
        (4, "naam", "jan"),
        (4, "nabijheid", "vier"),
        (4, "SDQ gedrag", "11"),
        (2, "gekozen", "Jan"),
        (3, "wie", "Piet"),
        (3, "soort", "misschien"),
    ]
    assert [problem.file for problem in found] == ["class.csv"] * 9 + ["choices.csv"] * 3


def test_a_problem_is_one_readable_line_in_the_readers_language() -> None:
    text = "naam;leeftijd\nJan;twaalf\nEmma;5\n"
    assert str(problems(text)[0]) == (
        "class.csv, row 2, column “leeftijd”: found “twaalf”; allowed: a number from 3 to 13, or blank if not known"
    )
    with use("nl"):
        assert str(problems(text)[0]) == (
            "class.csv, rij 2, kolom ‘leeftijd’: gevonden: ‘twaalf’; "
            "toegestaan: een getal van 3 tot en met 13, of leeg als je het niet weet"
        )


def test_a_message_cannot_drive_a_terminal() -> None:
    with pytest.raises(ClassListError) as caught:
        read("name;a\x1bge;ag\u0435\nJan;\x1b[31mred\nEmma;" + "9" * 500 + "\n")
    lines = str(caught.value).split("\n")
    assert len(lines) == len(caught.value.problems) == 3
    assert all(line.isprintable() and len(line) < 400 for line in lines)


@pytest.mark.parametrize(
    ("heading", "hint"),
    [("agee", "“age”"), ("leeftyd", "“leeftijd”"), ("zelf regulatie!", None), ("closenes", "“closeness”")],
)
def test_an_unknown_heading_is_answered_with_the_closest(heading: str, hint: str | None) -> None:
    text = f"name;{heading}\nJan;\nEmma;\n"
    if hint is None:
        assert read(text)
        return
    (problem,) = problems(text)
    assert places((problem,)) == [(1, heading, heading)]
    assert problem.allowed.endswith(f"; the closest is {hint}")
    assert "closeness, conflict, dependency" in problem.allowed


def test_what_cannot_be_observed_has_no_column() -> None:
    class_list = read("name;externalizing\nJan;1\nEmma;0\n")
    assert class_list.children == (ChildRow("Jan"), ChildRow("Emma"))
    assert class_list.notes == ("not read: “externalizing”",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (None, None, "an empty file")),
        ("\n;;\n", (None, None, "an empty file")),
        (",,\r\n", (None, None, "an empty file")),
        ("name;age\n", (None, None, "0 children")),
        ("name\nJan\n", (None, None, "1 child")),
        ("name\n" + "".join(f"c{i}\n" for i in range(61)), (None, None, "61 children")),
        ("age\n5\n6\n", (1, None, "no heading “name”")),
        ("name;naam\nJan;Jan\nEmma;Emma\n", (1, "naam", "naam")),
        ("name;;age\nJan;x;5\nEmma;;5\n", (1, "B", "")),
        ("name;age\nJan;5;6\nEmma;5\n", (2, "C", "6")),
        ('name\n"Jan\nEmma\n', (2, None, "a cell that does not end where it should")),
        ('name\nEmma\n"Jan" x\n', (3, None, "a cell that does not end where it should")),
        ("name\nJan\n" + "x" * 200_000, (3, None, "a cell that does not end where it should")),
        ("name" + ";_" * 200 + "\nJan\nEmma\n", (1, None, "201 columns")),
        (f"name\n{'x' * 61}\nEmma\n", (2, "name", "x" * 61)),
        ("name\nJa\x07n\nEmma\n", (2, "name", "Ja\x07n")),
        ("name\nJan\nEmma\nJan\n", (4, "name", "Jan")),
        ("name\nZoë\nEmma\nZoe\u0308\n", (4, "name", "Zoë")),
        ("name;age\nJan;2,9\nEmma;\n", (2, "age", "2,9")),
        ("name;age\nJan;inf\nEmma;\n", (2, "age", "inf")),
        ("name;age\nJan;1e999\nEmma;\n", (2, "age", "1e999")),
        ("name;age\nJan;٥\nEmma;\n", (2, "age", "٥")),
        ("name;age\nJan;5;;\nEmma;5 jaar\n", (3, "age", "5 jaar")),
        ("name;closeness\nJan;0\nEmma;\n", (2, "closeness", "0")),
        ("name;SDQ conduct\nJan;2.25\nEmma;\n", (2, "SDQ conduct", "2.25")),
        ("name;ses risk\nJan;1.01\nEmma;\n", (2, "ses risk", "1.01")),
    ],
)
def test_refused(text: str, expected: tuple[int | None, str | None, str]) -> None:
    assert places(problems(text)) == [expected]


def test_sixty_children_are_a_class() -> None:
    assert len(read("name\n" + "".join(f"c{i}\n" for i in range(60))).children) == 60


@pytest.mark.parametrize(
    "content",
    [
        b"name\nJan\0\nEmma\n",
        b"PK\x03\x04\x14\0\x06\0\x08\0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "name\nJan\nEmma\n".encode("utf-16-le"),
        "name\nJan\nEmma\n".encode("utf-32"),
        b"\xff\xfen\0a",
        b"\xff\xfe\x00\xd8\x00\xd8",
        b"name\n\x81\x8d\n",
    ],
)
def test_what_is_not_text(content: bytes) -> None:
    (problem,) = problems(content)
    assert (problem.row, problem.column, problem.found) == (None, None, "something other than text")
    assert "CSV" in problem.allowed


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(path: str | Path) -> str:
        with pytest.raises(ClassListError) as caught:
            read_class_list(path)
        (problem,) = caught.value.problems
        assert problem.file == os.fspath(path)
        return problem.found

    big = tmp_path / "big.csv"
    big.write_bytes(b"name\n" + b"x\n" * 600_000)
    assert found(tmp_path / "none.csv") == "no file with this name"
    assert found(str(tmp_path)) == "a folder or a device"
    assert found("nul\0byte.csv") == "no file with this name"
    assert found("x" * 5000).startswith("a file that cannot be opened")
    assert found(big) == "a file of more than 1 MB"

    def locked(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", locked)
    assert found(big) == "a file that cannot be opened (Permission denied)"


def test_both_files_are_looked_at_even_if_one_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ClassListError) as caught:
        read_class_list(tmp_path / "a.csv", tmp_path / "b.csv")
    assert [Path(problem.file).name for problem in caught.value.problems] == ["a.csv", "b.csv"]


def test_a_file_of_rubbish_is_refused_quickly() -> None:
    names = "name\n" + "".join(f"child number {i}\n" for i in range(60))
    rows = "who;whom\n" + "".join(f"child numbre {i};child nummer {i}\n" for i in range(20_000))
    assert places(problems(names, rows)) == [(None, None, "20000 nominations")]
    assert places(problems("name;" * 100_000 + "\nx\n"))[0][2] == "100000 columns"


# -- Nominations


def test_nominations() -> None:
    chosen = "wie kiest;wie wordt gekozen;soort\nJan; emma ;graag\nEmma;JAN;niet graag\nJan;Piet;\n"
    assert read("naam\nJan\nEmma\nPiet\n", chosen).nominations == (
        Nomination("Jan", "Emma", "like"),
        Nomination("Emma", "Jan", "dislike"),
        Nomination("Jan", "Piet", "like"),
    )
    assert read("name\nJan\nEmma\n", "from,to\nJan,Emma\n").nominations == (Nomination("Jan", "Emma"),)
    assert read("name\nJan\nEmma\n", "who,whom\n").nominations == ()


@pytest.mark.parametrize(
    ("text", "expected", "allowed"),
    [
        ("who,whom\nJan,Jan\n", (2, "whom", "Jan"), "the name of another child"),
        ("who,whom\nJan,Ema\n", (2, "whom", "Ema"), "a name from the class list; the closest is “Emma”"),
        ("who,whom\nJan,\n", (2, "whom", ""), "a name from the class list"),
        ("who,whom\nJan,Emma\n\nJan,Emma\n", (4, "whom", "Emma"), "each choice once; row 2 is the same"),
        (
            "who,whom,kind\nJan,Emma,dislike\nJan,Emma,like\n",
            (3, "whom", "Emma"),
            "like or dislike, not both; row 2 has the same two children",
        ),
        ("who,whom,kind\nJan,Emma,-\n", (2, "kind", "-"), "like or dislike (blank is like)"),
        ("who\nJan\n", (1, None, "no heading “whom”"), "a column “whom”"),
    ],
)
def test_nominations_refused(text: str, expected: tuple[int, str | None, str], allowed: str) -> None:
    (problem,) = problems("name\nJan\nEmma\n", text)
    assert places((problem,)) == [expected]
    assert problem.allowed == allowed
    assert problem.file == "choices.csv"


def test_names_are_not_looked_up_where_there_are_none() -> None:
    assert places(problems("nam\nJan\nEmma\n", "who,whom\nJan,Emma\n")) == [
        (1, "nam", "nam"),
        (1, None, "no heading “name”"),
    ]


# -- Plain data


def test_plain_data_has_only_what_is_known() -> None:
    data = read("name;age\nJan;5\nEmma;\n", "who;whom\nJan;Emma\n").to_json()
    assert data == {
        "children": [{"name": "Jan", "age": 5.0}, {"name": "Emma"}],
        "nominations": [{"who": "Jan", "whom": "Emma", "kind": "like"}],
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, (None, None, "something else")),
        ({"children": "Jan"}, (None, None, "something else")),
        ({"children": [1, 2]}, (None, None, "something else")),
        ({}, (None, None, "0 children")),
        ({"children": [{"age": 5}, {"age": 5}]}, (None, None, "no heading “name”")),
        ({"children": [{}, {"name": "Jan"}]}, (1, "name", "")),
        ({"children": [{"name": "Jan", "age": 99}, {"name": "Emma"}]}, (1, "age", "99")),
        ({"children": [{"name": "Jan", "agee": 5}, {"name": "Emma"}]}, (None, "agee", "agee")),
        ({"children": [{"name": "Jan", "sex": True}, {"name": "Emma"}]}, (1, "sex", "True")),
        ({"children": [{"name": "\ud800"}, {"name": "Emma"}]}, (1, "name", "\ud800")),
        (
            {"children": [{"name": "A"}, {"name": "B"}], "nominations": [{"who": "A", "whom": "C"}]},
            (1, "whom", "C"),
        ),
    ],
)
def test_plain_data_is_checked_as_a_file_is(data: object, expected: tuple[int | None, str | None, str]) -> None:
    with pytest.raises(ClassListError) as caught:
        ClassList.from_json(data)
    assert expected in places(caught.value.problems)
    str(caught.value).encode()


def test_errors_travel_between_processes() -> None:
    error = ClassListError(problems("name\nJan\n"))
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


# -- Whatever comes


def _tidy(name: str) -> str:
    visible = "".join(c for c in name if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", " ".join(visible.split()))


names = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf"]), min_size=1, max_size=20).map(_tidy).filter(bool)
children = st.builds(
    ChildRow,
    names,
    st.sampled_from(["boy", "girl", None]),
    **{
        column.field: st.none()
        | (
            st.floats(column.low, column.high)
            if column.step is None
            else st.integers(0, 20).map(lambda halves: halves / 2)
        )
        for column in CHILD_COLUMNS
        if column.is_number
    },
)


@st.composite
def class_lists(draw: st.DrawFn) -> ClassList:
    listed = draw(st.lists(children, min_size=2, max_size=8, unique_by=lambda child: child.name.casefold()))
    pairs = [(a.name, b.name) for a in listed for b in listed if a is not b]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10))
    kinds: st.SearchStrategy[Kind] = st.sampled_from(["like", "dislike"])
    return ClassList(tuple(listed), tuple(Nomination(who, whom, draw(kinds)) for who, whom in chosen))


@given(class_lists())
def test_plain_data_round_trip(class_list: ClassList) -> None:
    assert ClassList.from_json(json.loads(json.dumps(class_list.to_json()))) == class_list
    assert hash(class_list) == hash(ClassList.from_json(class_list.to_json()))


@given(
    class_lists(),
    st.sampled_from(";,\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
    st.data(),
)
def test_what_a_spreadsheet_writes_is_read(
    class_list: ClassList, delimiter: str, encoding: str, comma: bool, data: st.DataObject
) -> None:
    def written(rows: list[list[object]], name: str) -> Upload:
        file = io.StringIO()
        writer = csv.writer(file, delimiter=delimiter)
        for row in rows:
            writer.writerow(
                [str(cell).replace(".", ",") if comma and isinstance(cell, float) else cell for cell in row]
            )
        return Upload(name, file.getvalue().encode(encoding))

    columns = data.draw(st.permutations(CHILD_COLUMNS))
    headings: list[object] = [data.draw(st.sampled_from(column.headings)) for column in columns]
    rows = [[getattr(child, column.field) for column in columns] for child in class_list.children]
    chosen: list[list[object]] = [[n.who, n.whom, n.kind] for n in class_list.nominations]
    assert (
        read_class_list(written([headings, *rows], "a"), written([["who", "whom", "kind"], *chosen], "b")) == class_list
    )


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@example(b"\xef\xbb\xbf")
@example(b"sep=;\n")
@example(b'"')
@example(b"name;\xff")
@example(b"\xff\xfe")
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    for start in (b"", b"name;age\n", b"\xff\xfe", b"naam\nJan\nEmma\n"):
        try:
            class_list = read_class_list(Upload("x", start + content), Upload("y", content))
        except ClassListError as error:
            assert error.problems
            assert len(str(error).split("\n")) == len(error.problems)
            str(error).encode()
        else:
            assert ClassList.from_json(class_list.to_json()) == class_list


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_no_plain_data_raise_anything_else(data: object) -> None:
    for whole in (
        data,
        {"children": data},
        {"children": [data, data]},
        {"children": [{"name": data}, {"name": 1}]},
    ):
        try:
            ClassList.from_json(whole)
        except ClassListError as error:
            assert error.problems


# -- Real classes


@pytest.mark.parametrize("number", POLISH_CLASSES)
def test_the_polish_classes(number: int, tmp_path: Path) -> None:
    files = polish_class(number, tmp_path)
    class_list = read_class_list(files.class_list, files.nominations)
    sexes = {"male": "boy", "female": "girl"}
    assert [(child.name, child.sex) for child in class_list.children] == [(i, sexes[sex]) for i, sex in files.children]
    assert [(n.who, n.whom, n.kind) for n in class_list.nominations] == [(*tie, "like") for tie in files.ties]
    assert len(class_list.children) >= 16
    assert ClassList.from_json(class_list.to_json()) == class_list


def test_the_polish_classes_are_whole(tmp_path: Path) -> None:
    files = [polish_class(number, tmp_path) for number in POLISH_CLASSES]
    assert sum(len(file.children) for file in files) == 205
    assert sum(len(file.ties) for file in files) == 943


def test_the_kindergarten_group(tmp_path: Path) -> None:
    files = kindergarten(tmp_path)
    class_list = read_class_list(files.class_list, files.nominations)
    assert len(class_list.children) == 16
    assert all(child == ChildRow(child.name) for child in class_list.children)
    assert [(n.who, n.whom) for n in class_list.nominations] == list(files.ties)
