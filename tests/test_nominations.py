"""Who likes whom is read alike from whatever form a school, a questionnaire or a program for networks has."""

from __future__ import annotations

import csv
import io
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from realdata import data, kindergarten, polish_class

from sim.cli import main
from sim.files.answers import AS_RATED, Kind, Nomination, Scale
from sim.files.classlist import ChildRow, ClassList, ClassListError, Problem, Upload, read_class_list
from sim.files.language import Language, use
from sim.output.sociogram import write_edges, write_graphml
from sim.peers import LIKED_LEAST, LIKED_MOST, sociogram
from sim.population import honour_nominations, unbounded

NAMES = ("Amira", "Bram", "Zoë de Vries", "O'Neill, Jan", "Fatma")
TIES = (("Amira", "Bram"), ("Amira", "Zoë de Vries"), ("Bram", "Amira"), ("O'Neill, Jan", "Bram"))
Ties = Sequence[tuple[str, str]]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use("en"):
        yield


def class_of(names: Sequence[str]) -> Upload:
    """A class list of these names."""
    rows = ["name", *[name.replace('"', '""') for name in names]]
    return Upload("class.csv", "".join(f'"{row}"\n' for row in rows).encode())


def read(
    content: str | bytes,
    names: Sequence[str] = NAMES,
    scale: Scale = AS_RATED,
    notes: list[str] | None = None,
) -> ClassList:
    """A class whose nominations are in a file."""
    raw = content if isinstance(content, bytes) else content.encode()
    found = read_class_list(class_of(names), Upload("choices", raw), scale=scale)
    if notes is not None:
        notes += found.notes
    return found


def problems(content: str | bytes, names: Sequence[str] = NAMES, scale: Scale = AS_RATED) -> tuple[Problem, ...]:
    """What is wrong with a file."""
    with pytest.raises(ClassListError) as caught:
        read(content, names, scale)
    return caught.value.problems


def likes(found: ClassList, kind: Kind = "like") -> set[tuple[str, str]]:
    """Who likes, or dislikes, whom."""
    return {(tie.who, tie.whom) for tie in found.nominations if tie.kind == kind}


def table(rows: Sequence[Sequence[object]], separator: str = ",") -> str:
    """Rows as a spreadsheet writes them."""
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue()


# -- The same network in every form --------------------------------------------------------------------


def tie_rows(names: Sequence[str], ties: Ties) -> str:
    return table([["from", "to"], *ties])


def dutch_tie_rows(names: Sequence[str], ties: Ties) -> str:
    return table([["van", "naar", "soort"], *[(who, whom, "graag") for who, whom in ties]], ";")


def tie_rows_of_a_program(names: Sequence[str], ties: Ties) -> str:
    return table(
        [["Source", "Target", "Type", "Id", "Weight"], *[(*tie, "Directed", i, 1.0) for i, tie in enumerate(ties)]]
    )


def ranked_tie_rows(names: Sequence[str], ties: Ties) -> str:
    return table([["ego", "alter", "rank"], *[(*tie, i + 1) for i, tie in enumerate(ties)]], "\t")


def chosen(names: Sequence[str], ties: Ties) -> dict[str, list[str]]:
    return {name: [whom for who, whom in ties if who == name] for name in names}


def choices_beside_each_other(names: Sequence[str], ties: Ties) -> str:
    most = max(map(len, chosen(names, ties).values()), default=0) or 1
    headings = ["naam", *[f"keuze {i + 1}" for i in range(most)]]
    return table([headings, *[[name, *those] for name, those in chosen(names, ties).items()]], ";")


def choices_in_a_cell(separator: str) -> Callable[[Sequence[str], Ties], str]:
    def written(names: Sequence[str], ties: Ties) -> str:
        rows = [[name, separator.join(those)] for name, those in chosen(names, ties).items()]
        return table([["child", "choices"], *rows])

    return written


def choices_below_a_title(names: Sequence[str], ties: Ties) -> str:
    most = max(map(len, chosen(names, ties).values()), default=0) or 1
    headings = ["Kind", *[f"{i + 1}e keuze" for i in range(most)]]
    rows = [[name, *those] for name, those in chosen(names, ties).items()]
    return table([["Klas 3b, met wie speel je graag?"], headings, *rows], ";")


def answers_to_questions(names: Sequence[str], ties: Ties) -> str:
    headings = ["Voornaam", "Met wie speel je graag?", "Met wie speel je liever niet?", "Wie pest?"]
    return table([headings, *[[name, " & ".join(those), "", ""] for name, those in chosen(names, ties).items()]], ";")


def by_hand(names: Sequence[str], ties: Ties) -> str:
    return "".join(f"{name}: {' en '.join(those)}\n" for name, those in chosen(names, ties).items())


def matrix_of(names: Sequence[str], ties: Ties) -> list[list[int]]:
    return [[int((who, whom) in set(ties)) for whom in names] for who in names]


def matrix_with_names(names: Sequence[str], ties: Ties) -> str:
    rows = zip(names, matrix_of(names, ties), strict=True)
    return table([["", *names], *[[name, *row] for name, row in rows]])


def matrix_with_numbered_columns(names: Sequence[str], ties: Ties) -> str:
    rows = zip(names, matrix_of(names, ties), strict=True)
    return table([["name", *range(1, len(names) + 1)], *[[name, *row] for name, row in rows]], ";")


def matrix_of_ticks(names: Sequence[str], ties: Ties) -> str:
    rows = zip(names, matrix_of(names, ties), strict=True)
    return table([["", *names], *[[name, *["x" if one else "" for one in row]] for name, row in rows]])


def matrix_with_headings_alone(names: Sequence[str], ties: Ties) -> str:
    return table([names, *matrix_of(names, ties)])


def bare_matrix(names: Sequence[str], ties: Ties) -> str:
    return table(matrix_of(names, ties), ";")


def ratings(names: Sequence[str], ties: Ties) -> str:
    rated = {False: "3", True: "5"}
    rows = [[who, *["-" if who == whom else rated[(who, whom) in set(ties)] for whom in names]] for who in names]
    return table([["", *names], *rows])


def label(name: str) -> str:
    return '"' + name.replace('"', "'") + '"'


def pajek_arcs(names: Sequence[str], ties: Ties) -> str:
    lines = [
        f"*Vertices {len(names)}",
        *[f"{i + 1} {label(name)} 0.1 0.2 0.5" for i, name in enumerate(names)],
        "*Arcs",
    ]
    lines += [f"{names.index(who) + 1} {names.index(whom) + 1} 1" for who, whom in ties]
    return "\r\n".join(lines)


def pajek_arcs_list(names: Sequence[str], ties: Ties) -> str:
    lines = ["% a comment", "*Network class", f"*vertices {len(names)}"]
    lines += [f"{i + 1} {label(name)}" for i, name in enumerate(names)] + ["*Arcslist"]
    lines += [
        " ".join(str(names.index(child) + 1) for child in (who, *those)) for who, those in chosen(names, ties).items()
    ]
    return "\n".join(lines)


def pajek_matrix(names: Sequence[str], ties: Ties) -> str:
    lines = [f"*Vertices {len(names)}", *[f"{i + 1} {label(name)}" for i, name in enumerate(names)], "*Matrix"]
    return "\n".join([*lines, *[" ".join(map(str, row)) for row in matrix_of(names, ties)]])


def ucinet_matrix(names: Sequence[str], ties: Ties) -> str:
    lines = [f"DL N={len(names)} FORMAT=FULLMATRIX", "LABELS:", ",".join(map(label, names)), "DATA:"]
    return "\n".join([*lines, *[" ".join(map(str, row)) for row in matrix_of(names, ties)]])


def ucinet_embedded_matrix(names: Sequence[str], ties: Ties) -> str:
    rows = zip(names, matrix_of(names, ties), strict=True)
    lines = [f"dl n = {len(names)}, format = fullmatrix", "labels embedded", "data:", " ".join(map(label, names))]
    return "\n".join([*lines, *[" ".join([label(name), *map(str, row)]) for name, row in rows]])


def ucinet_edges(names: Sequence[str], ties: Ties) -> str:
    lines = [f"dl n={len(names)} format=edgelist1", "labels embedded", "data:"]
    return "\n".join([*lines, *[f"{label(who)} {label(whom)} 1" for who, whom in ties]])


def ucinet_nodes(names: Sequence[str], ties: Ties) -> str:
    lines = [f"dl n={len(names)} format=nodelist1", "labels:", " ".join(map(label, names)), "data:"]
    lines += [
        " ".join(str(names.index(child) + 1) for child in (who, *those)) for who, those in chosen(names, ties).items()
    ]
    return "\n".join(lines)


def gexf(names: Sequence[str], ties: Ties) -> str:
    graph = nx.DiGraph()
    for i, name in enumerate(names):
        graph.add_node(i, label=name)
    graph.add_edges_from((names.index(who), names.index(whom)) for who, whom in ties)
    return "\n".join(nx.generate_gexf(graph)).replace("http://www.gexf.net/1.2draft", "http://gexf.net/1.3")


def graphml_with(attribute: str) -> Callable[[Sequence[str], Ties], str]:
    def written(names: Sequence[str], ties: Ties) -> str:
        graph = nx.DiGraph()
        for i, name in enumerate(names):
            graph.add_node(f"n{i}", **{attribute: name})
        graph.add_edges_from((f"n{names.index(who)}", f"n{names.index(whom)}", {"weight": 1.0}) for who, whom in ties)
        file = io.BytesIO()
        nx.write_graphml(graph, file)
        return file.getvalue().decode()

    return written


FORMS: dict[str, Callable[[Sequence[str], Ties], str]] = {
    **{form.__name__: form for form in (tie_rows, dutch_tie_rows, tie_rows_of_a_program, ranked_tie_rows)},
    **{
        form.__name__: form
        for form in (choices_beside_each_other, choices_below_a_title, answers_to_questions, by_hand)
    },
    **{f"choices in a cell, behind {sign!r}": choices_in_a_cell(sign) for sign in ("; ", ", ", "/", "\n", " ;\r\n")},
    "matrix_with_names": matrix_with_names,
    "matrix_with_numbered_columns": matrix_with_numbered_columns,
    "matrix_of_ticks": matrix_of_ticks,
    "matrix_with_headings_alone": matrix_with_headings_alone,
    "bare_matrix": bare_matrix,
    "ratings": ratings,
    **{form.__name__: form for form in (pajek_arcs, pajek_arcs_list, pajek_matrix)},
    **{form.__name__: form for form in (ucinet_matrix, ucinet_embedded_matrix, ucinet_edges, ucinet_nodes)},
    "gexf": gexf,
    "graphml with labels": graphml_with("label"),
    "graphml with names": graphml_with("name"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_network_is_read_alike_in_every_form(form: str) -> None:
    found = read(FORMS[form](NAMES, TIES))
    assert likes(found) == set(TIES)
    assert likes(found, "dislike") == set()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "form", ["tie_rows", "matrix_with_names", "pajek_arcs", "ucinet_matrix", "graphml with labels"]
)
def test_encodings_make_no_difference(form: str, encoding: str) -> None:
    text = FORMS[form](NAMES, TIES).replace("encoding='utf-8'", "")
    assert likes(read(text.encode(encoding))) == set(TIES)


@pytest.mark.parametrize("form", ["tie_rows", "choices_beside_each_other", "matrix_with_names", "bare_matrix"])
def test_workbooks_hold_nominations_too(form: str) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    text = FORMS[form](NAMES, TIES)
    for row in csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","):
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    assert likes(read(file.getvalue())) == set(TIES)


spelled = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=2, max_size=8)
given_names = st.lists(
    st.builds("{} {}".format, st.sampled_from(["Anna", "Jan", "Ço", "Émile"]), spelled),
    min_size=5,
    max_size=9,
    unique_by=lambda name: unicodedata.normalize("NFC", name).casefold(),
)


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str]]]:
    names = draw(given_names)
    pairs = [(a, b) for a in names for b in names if a != b]
    return names, draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True, max_size=12))


@given(networks(), st.sampled_from(sorted(FORMS)))
def test_any_network_comes_back_from_any_form(network: tuple[list[str], list[tuple[str, str]]], form: str) -> None:
    names, ties = network
    found = read(FORMS[form](names, ties), names)
    tidy = {name: child.name for name, child in zip(names, found.children, strict=True)}
    assert likes(found) == {(tidy[who], tidy[whom]) for who, whom in ties}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_children_whose_codes_are_numbers_are_not_taken_for_answers(form: str) -> None:
    names = [str(i) for i in range(1, 6)]
    ties = [("1", "2"), ("1", "3"), ("1", "5"), ("3", "1"), ("5", "4")]
    assert likes(read(FORMS[form](names, ties), names)) == set(ties)


# -- What the program writes itself ---------------------------------------------------------------------


def drawn(names: Sequence[str]) -> nx.DiGraph:
    luck = np.random.default_rng(5)
    liking = luck.uniform(-1, 1, (len(names), len(names))) * (1 - np.eye(len(names)))
    return sociogram(names, liking, np.zeros(len(names)))


HOSTILE = ("=SUM(A1)", "@cmd", "x;=1+1", "O'Neill, Jan", "Zoë", "-1")


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("names", [NAMES, HOSTILE])
def test_its_own_sociograms_are_read_back(names: tuple[str, ...], language: Language, tmp_path: Path) -> None:
    graph = drawn(names)
    with use(language):
        write_edges(graph, tmp_path / "sociogram.csv")
        write_graphml(graph, tmp_path / "sociogram.graphml")
    expected = {(names[i], names[j], edge["kind"]) for i, j, edge in graph.edges(data=True)}
    assert len({kind for _who, _whom, kind in expected}) == 2
    for file in ("sociogram.csv", "sociogram.graphml"):
        found = read((tmp_path / file).read_bytes(), names)
        assert {(tie.who, tie.whom, tie.kind) for tie in found.nominations} == expected


# -- Kinds, ratings and thresholds ------------------------------------------------------------------------


def test_labels_of_ucinet_may_stand_in_lines_of_their_own() -> None:
    text = "DL N=3\nFORMAT=NODELIST1\nLABELS:\nAnna Berg\nBram Claes\nCas Dirks\nDATA:\n1 2 3\n"
    names = ("Anna Berg", "Bram Claes", "Cas Dirks")
    for labels in (text, text.replace("g\nB", "g, B").replace("s\nC", "s, C")):
        assert likes(read(labels, names)) == {("Anna Berg", "Bram Claes"), ("Anna Berg", "Cas Dirks")}


def test_children_may_be_named_by_the_codes_of_the_class_list() -> None:
    children = Upload("class.csv", b"id,name\n7,Amira\n8,Bram\n9,9\n8x,Daan\n")
    choices = Upload("choices", b"id,choice 1,dislike 1\n7,8,8X\n8,Amira,\n9,8x,\n")
    found = read_class_list(children, choices)
    assert likes(found) == {("Amira", "Bram"), ("Bram", "Amira"), ("9", "Daan")}
    assert likes(found, "dislike") == {("Amira", "Daan")}
    twice = Upload("class.csv", b"id,name\n7,Amira\n7,Bram\n")
    with pytest.raises(ClassListError, match="a name from the class list"):
        read_class_list(twice, Upload("choices", b"who,whom\n7,Bram\n"))


@pytest.mark.parametrize(
    ("written", "meant"), [("Zoë", "Zoë de Vries"), ("de Vries Zoë", "Zoë de Vries"), ("Jan", "O'Neill, Jan")]
)
def test_a_name_in_part_or_turned_round_is_proposed(written: str, meant: str) -> None:
    (problem,) = problems(f"who,whom\nBram,{written}\n")
    assert problem.allowed == f"a name from the class list; the closest is “{meant}”"


def test_several_questions_in_a_column_are_told_apart() -> None:
    found = read("wie;wie gekozen;vraag\nBram;Amira;niet graag\nBram;Fatma;graag\n")
    assert found.nominations == (Nomination("Bram", "Amira", "dislike"), Nomination("Bram", "Fatma", "like"))


def test_a_question_that_is_not_about_liking_is_refused() -> None:
    (problem,) = problems("who,whom,question\nBram,Amira,bullies\n")
    assert (problem.row, problem.column, problem.found) == (2, "question", "bullies")


def test_choices_and_rejections_stand_beside_each_other() -> None:
    found = read("naam;graag 1;graag 2;niet graag 1\nBram;Amira;Fatma;Zoë de Vries\n")
    assert likes(found) == {("Bram", "Amira"), ("Bram", "Fatma")}
    assert likes(found, "dislike") == {("Bram", "Zoë de Vries")}


RATED = ",A,B,C,D,E\nA,-,1,2,4,5\nB,3,-,,5,4\n"


@pytest.mark.parametrize(
    ("top", "scale", "liked", "disliked"),
    [
        ("5", AS_RATED, {"AD", "AE", "BD", "BE"}, {"AB", "AC"}),
        ("7", AS_RATED, {"AE", "BD"}, {"AB", "AC"}),
        ("5", Scale(5.0, 1.0), {"AE", "BD"}, {"AB"}),
        ("5", Scale(like_from=5.0), {"AE", "BD"}, set()),
        ("9", Scale(dislike_to=3.0), set(), {"AB", "AC", "BA"}),
    ],
)
def test_ratings_are_cut_where_it_is_told(top: str, scale: Scale, liked: set[str], disliked: set[str]) -> None:
    notes: list[str] = []
    found = read(RATED.replace("5", top), "ABCDE", scale, notes)
    assert {who + whom for who, whom in likes(found)} == liked
    assert {who + whom for who, whom in likes(found, "dislike")} == disliked
    assert sum("--like-from" in note for note in notes) == 1


@pytest.mark.parametrize("cells", ["0,3", "2,2.5", "9,5", "-2,2"])
def test_numbers_that_could_mean_anything_are_asked_about(cells: str) -> None:
    (problem,) = problems(f",A,B,C\nA,-,{cells}\n", "ABC")
    assert "--like-from" in problem.allowed
    assert problem.found.startswith("numbers from")


def test_weights_of_ties_are_no_ratings() -> None:
    text = "source,target,weight\nA,B,5\nA,C,2\n"
    (problem,) = problems(text, "ABC")
    assert "--like-from" in problem.allowed
    assert likes(read(text, "ABC", Scale(3.0))) == {("A", "B")}


def test_ratings_without_anything_between_are_read_by_their_own_hyphen() -> None:
    notes: list[str] = []
    text = "101 -715\n102 6-72\n103 00-0\n104 271-\n\n201 -77\n202 7-7\n203 77-\n"
    found = read(text, ("101", "102", "103", "104"), notes=notes)
    assert likes(found) == {("101", "102"), ("102", "101"), ("102", "103"), ("104", "102")}
    assert any("1 child has no answers" in note for note in notes), "103 was not asked"
    assert likes(found, "dislike") == {("101", "103"), ("102", "104"), ("104", "101"), ("104", "103")}
    assert any("1 other class" in note for note in notes)


# -- Asked, and not asked -------------------------------------------------------------------------------


def test_who_was_asked_and_named_nobody_is_told_apart_from_who_was_absent() -> None:
    notes: list[str] = []
    found = read(
        "name,choice 1,dislike 1\nAmira,Bram,nobody\nBram,niemand,\nFatma,,\nZoë de Vries,absent,\n", notes=notes
    )
    assert likes(found) == {("Amira", "Bram")}
    assert set(found.silent) == {("Amira", "dislike"), ("Bram", "like")}
    assert any(note.startswith("choices: 2 children") for note in notes)


def test_a_row_of_zeros_was_asked_and_a_blank_row_was_not() -> None:
    found = read(",A,B,C\nA,0,1,0\nB,0,0,0\nC,,,\n", "ABC")
    assert found.silent == (("B", "like"),)


def test_nobody_is_a_child_where_the_class_has_one() -> None:
    found = read("who,whom\nBram,Geen\n", ("Bram", "Geen"))
    assert (likes(found), found.silent) == ({("Bram", "Geen")}, ())


def test_names_and_nobody_go_not_together() -> None:
    (problem,) = problems("name,choice 1,choice 2\nBram,Amira,nobody\n")
    assert (problem.row, problem.found) == (2, "“Bram”")


def test_whoever_named_nobody_is_plain_data_too() -> None:
    found = read("name,choice 1\nAmira,nobody\n")
    assert ClassList.from_json(found.to_json()) == found
    assert "silent" not in read("who,whom\nAmira,Bram\n").to_json()


def test_whoever_named_nobody_likes_nobody_that_much() -> None:
    listed = ClassList(tuple(map(ChildRow, "ABC")), silent=(("A", "like"), ("B", "dislike")))
    drawn_affinities = np.random.default_rng(3).normal(0.0, 3.0, (1, 3, 3))
    most, least = unbounded(LIKED_MOST), unbounded(LIKED_LEAST)
    assert (drawn_affinities[0, :, 0] > most).any()
    assert (drawn_affinities[0, :, 1] < least).any()
    found = honour_nominations(drawn_affinities, listed)[0]
    assert (found[:, 0] <= most).all()
    assert (found[:, 1] >= least).all()
    np.testing.assert_array_equal(found[:, 2], drawn_affinities[0, :, 2])


# -- Names -----------------------------------------------------------------------------------------------


def test_accents_spaces_and_capitals_make_no_difference() -> None:
    found = read("who,whom\n" + unicodedata.normalize("NFD", "  zoë  DE vries ") + ",bram\n")
    assert found.nominations == (Nomination("Zoë de Vries", "Bram"),)


@pytest.mark.parametrize("form", sorted(FORMS))
def test_a_near_miss_is_proposed_and_never_taken(form: str) -> None:
    text = FORMS[form](NAMES, TIES).replace("Amira", "Amirra")
    if "Amirra" not in text:
        pytest.skip("this form has no names")
    found = problems(text)
    assert found
    assert all("Amirra" in problem.found and "“Amira”" in problem.allowed for problem in found)


def test_a_name_with_a_comma_in_it_is_one_name_among_several() -> None:
    found = read(table([["name", "choices"], ["Bram", "O'Neill, Jan, Amira,Fatma"]]))
    assert likes(found) == {("Bram", "O'Neill, Jan"), ("Bram", "Amira"), ("Bram", "Fatma")}


# -- What is told, and what is refused ---------------------------------------------------------------------


def test_columns_that_are_not_read_are_told_unless_they_may_say_what_is_meant() -> None:
    notes: list[str] = []
    read("from,to,remark\nAmira,Bram,in May\n", notes=notes)
    assert notes == ["choices: column “remark” is not read"]
    (problem,) = problems("from,to,knid\nAmira,Bram,dislike\n")
    assert (problem.row, problem.column) == (1, "knid")
    assert "“kind”" in problem.allowed


def test_nothing_that_is_told_has_a_name_in_it() -> None:
    for form in FORMS.values():
        notes: list[str] = []
        read(form(NAMES, TIES), notes=notes)
        assert not [note for note in notes for name in NAMES if name in note]


def test_ties_without_a_direction_count_both_ways() -> None:
    notes: list[str] = []
    found = read("*Vertices 2\n1 Amira\n2 Bram\n*Edges\n1 2\n2 1\n", notes=notes)
    assert likes(found) == {("Amira", "Bram"), ("Bram", "Amira")}
    assert "choices: ties without a direction count both ways" in notes


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("*Vertices 61\n", 1),
        ("*Vertices 99999999\n", 1),
        ("*Vertices x\n", 1),
        ("*Vertices 2\n1 A\n2 B\n*Arcs\n1 3\n", 5),
        ("*Vertices 2\n1 A\n2 B\n*Arcs\n1\n", 5),
        ("*Vertices 2\n1 A\n2 B\n*Partition\n1\n", 4),
        ("*Vertices 2\n*Matrix\n0 1 1\n0 0\n", 3),
        ('*Vertices 2\n1 A\n2 B\n*Arcs :1 "hits"\n1 2\n', 4),
        ("dl n=2 format=lowerhalf\ndata:\n0\n", 1),
        ("dl n=2\n0 1\n1 0\n", 1),
        ("dl n=2 nm=2\ndata:\n0 1\n1 0\n", 1),
        ("dl n=2\ndata:\n0 1\nx 0\n", 4),
        ("dl n=2\ndata:\n0 1\n", None),
        ("<graphml>", None),
        ("<html><body>A</body></html>", None),
        ('<!DOCTYPE x [<!ENTITY a "b">]><graphml/>', None),
        ("A,B,C\n1,0\n", None),
    ],
)
def test_networks_that_are_not_whole_are_refused_with_a_message(text: str, row: int | None) -> None:
    found = problems(text, "AB" if "C" not in text else "ABC")
    assert found[0].row == row
    assert all(problem.allowed for problem in found)


def test_an_expanding_entity_is_not_expanded() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "aaaa">' + "".join(
        f'<!ENTITY a{i} "{"&a;" * 10 if not i else f"&a{i - 1};" * 10}">' for i in range(12)
    )
    start = time.process_time()
    (problem,) = problems(bomb + "]><graphml>&a11;</graphml>")
    assert time.process_time() - start < 2.0
    assert "DOCTYPE" in problem.allowed


HUGE = {
    "ties": "who,whom\n" + "Amira,Bramm\n" * 80_000,
    "choices": "name,choices\nAmira," + "Bramm/" * 20_000 + "\n",
    "columns": "name," * 100_000,
    "lines": "*Vertices 5\n*Arcs\n" + "1 2 1\n" * 150_000,
    "one line": "dl n=5 labels: " + "a " * 400_000 + "\ndata:\n",
    "digits": "1 -" + "7" * 900_000,
    "depth": "<graphml>" + "<graph>" * 100_000,
    "separators": 'who,whom\nAmira,"' + ";,/" * 40_000 + '"\n',
    "bytes": "who,whom\n" + "x" * 2_000_000,
}


@pytest.mark.parametrize("huge", sorted(HUGE))
def test_what_is_huge_is_refused_in_time(huge: str) -> None:
    start = time.process_time()
    found = problems(HUGE[huge])
    assert found
    assert time.process_time() - start < 10.0


TABLES = ("", "who,whom,kind\n", "name,choice 1\n", ",Amira,Bram\n")
STARTS = (*TABLES, "*Vertices 2\n", "dl n=2\n", "dl n=2\ndata:\n", "<graphml>")
WORDS = ("Amira", "Bram", "1", "0", "7", "-1", "nobody", "x", "*Arcs", "*Matrix", "data:", '"', "", "\0", "<a>")
LINE = st.builds(str.join, st.sampled_from([",", ";", " ", "\t"]), st.lists(st.sampled_from(WORDS)))
LINES = st.lists(LINE, max_size=6).map("\n".join)


@given(st.sampled_from(STARTS), LINES | st.text(max_size=100))
@example("<graphml>", "<graph edgedefault='directed'><edge/></graph></graphml>")
@example("*Vertices 2\n", "*Matrix\n0 1\n1 0\n0 0")
def test_whatever_stands_in_a_file_gives_nominations_or_a_message(start: str, rest: str) -> None:
    try:
        found = read(start + rest, ("Amira", "Bram"))
    except ClassListError as error:
        assert error.problems
        assert len(str(error).split("\n")) == len(error.problems)
    else:
        assert ClassList.from_json(found.to_json()) == found


# -- The documentation ------------------------------------------------------------------------------------

PAGE = Path(__file__).resolve().parents[1] / "docs" / "nominations.md"
EXAMPLES = re.findall(r"^```(?:csv|text)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_of_the_documentation_say_the_same(example: str) -> None:
    found = read(example, ("Amira", "Bram", "Daan"))
    assert likes(found) == {("Amira", "Bram"), ("Amira", "Daan"), ("Bram", "Amira")}
    assert likes(found, "dislike") == set()
    asked = {who for who, kind in found.silent if kind == "like"}
    assert asked == (set() if "*Arcs" in example else {"Daan"})


def test_the_documentation_has_an_example_of_every_form() -> None:
    assert len(EXAMPLES) == 9


# -- From the command line ------------------------------------------------------------------------------


def test_thresholds_are_set_on_the_command_line_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "class.csv").write_text("name\nA\nB\nC\n", encoding="utf-8")
    (tmp_path / "rated.csv").write_text(",A,B,C\nA,-,5,4\nB,2,-,9\nC,3,3,-\n", encoding="utf-8")
    arguments = ["run", "--class", str(tmp_path / "class.csv"), "--nominations", str(tmp_path / "rated.csv")]
    with pytest.raises(SystemExit) as stopped:
        main(["--language", "en", "run", "--class", *arguments[2:], "--out", str(tmp_path / "out")])
    assert stopped.value.code == 2
    assert "numbers from 2.00 to 9.00" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["--language", "en", "class", "check", *arguments[2:], "--like-from", "5", "--dislike-to", "2"])
    assert stopped.value.code in (0, None)
    told = " ".join(capsys.readouterr().out.split())
    assert "from 5.0 on a child is liked, up to 2.0 it is disliked" in told
    assert "Nominations: 3" in told


# -- Real classes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [1996, 1997, 1998])
def test_dutch_classes_rate_each_other(year: int) -> None:
    text = data(f"dutch_classes_ratings_{year}.txt").read_text()
    children = [line.split()[0] for line in text.splitlines() if line.strip()]
    rows = dict(line.split() for line in text.splitlines() if line.strip())
    for group in sorted({child[:-2] for child in children}):
        names = [child for child in children if child[:-2] == group]
        found = read(text, names)
        owner = {rows[name].index("-"): name for name in names}
        expected = {
            (who, owner[place])
            for who in names
            for place, digit in enumerate(rows[who])
            if digit in "67" and place in owner
        }
        assert likes(found) == expected
        assert len(expected) > len(names)


def test_other_classes_are_read_from_the_files_as_they_are(tmp_path: Path) -> None:
    group = kindergarten(tmp_path)
    raw = data("kindergarten_elisa_edges.txt").read_text()
    unique = "\n".join(dict.fromkeys(raw.splitlines()))
    found = read_class_list(group.class_list, Upload("edges", unique.encode()))
    assert [(tie.who, tie.whom) for tie in found.nominations] == list(group.ties)
    polish = polish_class(3, tmp_path)
    names = [child[0] for child in polish.children]
    for form in ("matrix_with_names", "pajek_arcs", "ucinet_edges", "choices_beside_each_other"):
        assert likes(read(FORMS[form](names, polish.ties), names)) == set(polish.ties)
