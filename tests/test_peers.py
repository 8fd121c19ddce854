"""Classmates: acceptance, nominations, status, the sociogram, and what is read back from its files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import simulate, small

from sim.files.language import Language, use
from sim.files.spreadsheet import as_csv, harmless
from sim.output.sociogram import write_edges, write_graphml
from sim.peers import (
    LIKED_LEAST,
    LIKED_MOST,
    STATUSES,
    ClassNetwork,
    acceptance_of_all,
    class_network,
    network_facts,
    nominations,
    sociogram,
    standardized,
    status,
    turnover,
)
from sim.state import Records

HOSTILE = (
    "=HYPERLINK(1)",
    'Anna "An", jr.',
    "<b>&amp;</b>",
    "\u05d3\u05e0\u05d4",
    "\U0001f469\u200d\U0001f3eb",
    "O'Hara; --",
    "0",
)


def liking_of(likes: str, dislikes: str = "", n: int = 6) -> Records:
    """Liking in which "01" among `likes` says that child 0 names child 1."""
    liking = np.zeros((n, n))
    for names, value in ((likes, 0.8), (dislikes, -0.8)):
        for tie in names.split():
            liking[int(tie[0]), int(tie[1])] = value
    return liking


def drawn(n: int, seed: int) -> Records:
    """Any liking of a class of `n`."""
    liking = np.random.default_rng(seed).uniform(-1, 1, (n, n))
    np.fill_diagonal(liking, 0.0)
    return liking


def test_acceptance_is_the_mean_of_what_classmates_feel() -> None:
    liking = np.array([[0.0, 0.2, -0.4], [0.6, 0.0, 0.8], [-0.2, 1.0, 0.0]])
    assert acceptance_of_all(liking) == pytest.approx([0.6, 0.8, 0.6])
    record = simulate(small(weeks=1))
    assert (record.acceptance[-1] == acceptance_of_all(record.final.liking)).all()


def test_nominations_are_on_the_two_sides_of_two_thresholds() -> None:
    liking = np.full((3, 3), LIKED_MOST)
    liking[0, 1], liking[1, 0] = np.nextafter(LIKED_MOST, 0), LIKED_LEAST
    liking[2, 0] = np.nextafter(LIKED_LEAST, 0)
    liked, disliked = nominations(liking)
    assert {tuple(map(int, pair)) for pair in np.argwhere(liked)} == {(0, 2), (1, 2), (2, 1)}
    assert {tuple(map(int, pair)) for pair in np.argwhere(disliked)} == {(1, 0)}


# Received by children 0 to 5. Liked: 4 1 0 3 1 0 (mean 1.5, sd 1.5); disliked: 0 1 4 2 1 0 (mean 1.33, sd 1.37).
# z liked: 1.67 -.33 -1 1 -.33 -1; z disliked: -.97 -.24 1.94 .49 -.24 -.97.
# Preference 2.64 -.09 -2.94 .51 -.09 -.03, standardized (sd 1.63) 1.62 -.05 -1.80 .31 -.05 -.02.
# Impact .69 -.58 .94 1.49 -.58 -1.97, standardized (sd 1.17) .59 -.49 .81 1.27 -.49 -1.69.
HAND_LIKED = "10 20 30 40 01 03 13 23 54"
HAND_DISLIKED = "31 02 12 32 42 43 53 34"
HAND_STATUS = ("popular", "average", "rejected", "controversial", "average", "neglected")


def test_status_of_a_class_worked_out_by_hand() -> None:
    liking = liking_of(HAND_LIKED, HAND_DISLIKED)
    liked, disliked = nominations(liking)
    assert list(liked.sum(axis=0)) == [4, 1, 0, 3, 1, 0]
    assert list(disliked.sum(axis=0)) == [0, 1, 4, 2, 1, 0]
    preference = standardized(standardized(liked.sum(axis=0)) - standardized(disliked.sum(axis=0)))
    assert preference == pytest.approx([1.62, -0.05, -1.80, 0.31, -0.05, -0.02], abs=0.01)
    assert status(liking) == HAND_STATUS


def test_status_where_all_are_equal_is_average() -> None:
    assert status(np.zeros((5, 5))) == ("average",) * 5
    assert status(liking_of("01 12 23 34 45 50")) == ("average",) * 6
    assert status(np.zeros((2, 2))) == ("average",) * 2


@given(st.integers(2, 30), st.integers(0, 10**6))
def test_status_keeps_to_the_rule(n: int, seed: int) -> None:
    liking = drawn(n, seed)
    liked, disliked = nominations(liking)
    like, dislike = standardized(liked.sum(axis=0)), standardized(disliked.sum(axis=0))
    preference, impact = standardized(like - dislike), standardized(like + dislike)
    for i, kind in enumerate(status(liking)):
        rules = {
            "popular": preference[i] > 1 and like[i] > 0 > dislike[i],
            "rejected": preference[i] < -1 and dislike[i] > 0 > like[i],
            "controversial": impact[i] > 1 and min(like[i], dislike[i]) > 0,
            "neglected": impact[i] < -1 and max(like[i], dislike[i]) < 0,
        }
        assert [name for name, holds in rules.items() if holds] == ([] if kind == "average" else [kind])


def test_standardized_has_mean_zero_and_spread_one() -> None:
    scores = standardized(np.array([3, 5, 5, 9]))
    assert scores.mean() == pytest.approx(0)
    assert scores.std() == pytest.approx(1)
    assert not standardized(np.array([4, 4])).any()


# --- Network facts -----------------------------------------------------------------------------------


def test_facts_of_a_small_network_worked_out_by_hand() -> None:
    """Ties 0→1 1→0 1→2 0→2 2→3; two-paths 0→1→2 (closed), 0→2→3, 1→2→3 (open), 1→0→2 (closed)."""
    chosen, _ = nominations(liking_of("01 10 12 02 23", n=5))
    facts = network_facts(chosen, np.array([1, 1, 0, 0, 0]))
    assert facts.density == 5 / 20
    assert facts.reciprocity == 2 / 5
    assert facts.transitivity == 2 / 4
    assert facts.same_sex == 3 / 5
    assert facts.never_chosen == 1 / 5


@given(st.integers(2, 15), st.integers(0, 10**6))
def test_facts_agree_with_networkx(n: int, seed: int) -> None:
    chosen, _ = nominations(drawn(n, seed))
    sex = np.arange(n) % 2
    facts, graph = network_facts(chosen, sex), nx.from_numpy_array(chosen, create_using=nx.DiGraph)
    assert facts.density == pytest.approx(nx.density(graph))
    assert facts.never_chosen == pytest.approx(sum(degree == 0 for _, degree in graph.in_degree()) / n)
    if graph.number_of_edges():
        assert facts.reciprocity == pytest.approx(nx.overall_reciprocity(graph))
        assert facts.same_sex == pytest.approx(np.mean([sex[i] == sex[j] for i, j in graph.edges]))
    paths = [(i, k) for i, j in graph.edges for _, k in graph.out_edges(j) if k != i]
    closed = np.mean([graph.has_edge(i, k) for i, k in paths]) if paths else 0.0
    assert facts.transitivity == pytest.approx(closed)


def test_facts_of_empty_and_full_networks() -> None:
    empty, full = np.zeros((4, 4), dtype=bool), ~np.eye(4, dtype=bool)
    assert vars(network_facts(empty, np.array([0, 0, 1, 1]))) == {
        "density": 0, "reciprocity": 0, "transitivity": 0, "same_sex": 0, "never_chosen": 1,
    }  # fmt: skip
    assert vars(network_facts(full, np.array([0, 0, 1, 1]))) == {
        "density": 1, "reciprocity": 1, "transitivity": 1, "same_sex": 4 / 12, "never_chosen": 0,
    }  # fmt: skip


def test_facts_of_several_classes_are_those_of_all_their_children() -> None:
    chosen = np.array([nominations(drawn(8, seed))[0] for seed in (1, 2, 3)])
    sex = np.random.default_rng(4).integers(0, 2, (3, 8))
    facts, each = network_facts(chosen, sex), [network_facts(*one) for one in zip(chosen, sex, strict=True)]
    together = np.zeros((24, 24), dtype=bool)
    for place, one in enumerate(chosen):
        together[8 * place : 8 * place + 8, 8 * place : 8 * place + 8] = one
    expected = vars(network_facts(together, sex.ravel())) | {"density": np.mean([one.density for one in each])}
    assert vars(facts) == pytest.approx(expected)


# --- The network of each class -----------------------------------------------------------------------


def test_the_network_of_a_class_worked_out_by_hand() -> None:
    """The class of `HAND_STATUS`. Ties 1→0 2→0 3→0 4→0 0→1 0→3 1→3 2→3 5→4: four of them are returned.

    Two-paths 0→1→3, 1→0→3, 1→3→0, 2→0→3, 2→3→0 (closed), 2→0→1, 3→0→1, 4→0→1, 4→0→3, 5→4→0 (open). At the start there
    were 1→0 0→1 2→5 4→2, of which the last two are gone.
    """
    sex = np.array([1, 1, 1, 0, 0, 0])
    facts = class_network(liking_of(HAND_LIKED, HAND_DISLIKED), sex, liking_of("10 01 25 42"))
    assert facts.network_density == 9 / 30
    assert facts.network_reciprocity == 4 / 9
    assert facts.network_transitivity == 5 / 10
    assert facts.network_same_sex == 4 / 9
    assert facts.network_never_chosen == 2 / 6
    assert facts.network_turnover == 2 / 4
    assert facts[6:] == (1 / 6, 1 / 6, 1 / 6, 1 / 6, 2 / 6)
    assert ClassNetwork._fields[6:] == tuple(
        f"share_{name}" for name in ("popular", "rejected", "neglected", "controversial", "average")
    )


def test_where_there_is_nothing_to_take_a_share_of_there_is_no_number() -> None:
    nobody, somebody, sex = np.zeros((4, 4)), liking_of("01", n=4), np.array([0, 0, 1, 1])
    facts = class_network(nobody, sex, nobody)
    assert (facts.network_density, facts.network_never_chosen, facts.share_average) == (0, 1, 1)
    for name in ("reciprocity", "transitivity", "same_sex", "turnover"):
        assert np.isnan(getattr(facts, f"network_{name}")), name
    assert np.isnan(class_network(somebody, sex, nobody).network_turnover)
    assert class_network(nobody, sex, somebody).network_turnover == 1
    assert class_network(somebody, sex, somebody).network_turnover == 0


@given(st.integers(2, 15), st.integers(0, 10**6))
def test_networks_of_many_classes_and_evenings_are_those_of_each(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    liking = rng.uniform(-1, 1, (3, 4, n, n)).astype(np.float32)
    sex = rng.integers(0, 2, (3, n))
    together = class_network(liking, sex[:, None], liking[:, :1])
    for where in np.ndindex(3, 4):
        one, child_sex, start = liking[where], sex[where[0]], liking[where[0], 0]
        alone = class_network(one, child_sex, start)
        here = np.array([figure[where] for figure in together])
        assert here.tobytes() == np.array(alone).tobytes()
        facts = vars(network_facts(nominations(one)[0], child_sex))
        assert {name: np.nan_to_num(getattr(alone, f"network_{name}")) for name in facts} == facts
        names = status(one)
        assert [getattr(alone, f"share_{name}") for name in STATUSES] == [names.count(name) / n for name in STATUSES]
    assert np.nan_to_num(together.network_turnover[:, 0]).tolist() == [0, 0, 0]


def test_turnover_counts_what_has_gone_and_not_what_has_come() -> None:
    before, now = (nominations(liking_of(ties))[0] for ties in ("01 02 13 45", "02 31 45 50 51 52"))
    assert turnover(before, now) == 2 / 4
    assert turnover(now, before) == 4 / 6
    week_by_week = np.array([before, now, now])
    assert turnover(week_by_week[:-1], week_by_week[1:]).tolist() == [2 / 4, 0]


# --- The sociogram -----------------------------------------------------------------------------------


@pytest.fixture
def graph() -> nx.DiGraph:
    """A class of hostile names."""
    n = len(HOSTILE)
    return sociogram(HOSTILE, drawn(n, 4), np.arange(n) % 2)


def test_a_sociogram_has_a_node_a_child_and_an_edge_a_nomination(graph: nx.DiGraph) -> None:
    liking = drawn(len(HOSTILE), 4)
    liked, disliked = nominations(liking)
    assert [graph.nodes[i]["name"] for i in range(len(HOSTILE))] == list(HOSTILE)
    assert [graph.nodes[i]["sex"] for i in range(3)] == ["girl", "boy", "girl"]
    assert [graph.nodes[i]["status"] for i in graph] == list(status(liking))
    assert [graph.nodes[i]["acceptance"] for i in graph] == pytest.approx(acceptance_of_all(liking), abs=1e-6)
    for kind, named in (("like", liked), ("dislike", disliked)):
        edges = {(i, j): edge for i, j, edge in graph.edges(data=True) if edge["kind"] == kind}
        assert set(edges) == {(int(i), int(j)) for i, j in np.argwhere(named)}
        for (i, j), edge in edges.items():
            assert edge["liking"] == pytest.approx(liking[i, j], abs=1e-6)
            assert edge["mutual"] == named[j, i]
            assert type(edge["mutual"]) is bool


def test_graphml_is_read_back_as_it_was(graph: nx.DiGraph, tmp_path: Path) -> None:
    write_graphml(graph, tmp_path / "class.graphml")
    again = nx.read_graphml(tmp_path / "class.graphml", node_type=int)
    assert dict(again.nodes(data=True)) == {
        node: {**told, "label": told["name"]} for node, told in graph.nodes(data=True)
    }
    assert {(i, j): edge for i, j, edge in again.edges(data=True)} == {
        (i, j): {**edge, "weight": abs(edge["liking"])} for i, j, edge in graph.edges(data=True)
    }


def test_a_name_with_what_xml_cannot_have_is_read_back_without(tmp_path: Path) -> None:
    names = ("A\uffff", "B\ufffe", "C\x1b", "D\udcff", "E\U0001ffff")
    drawn_graph = sociogram(names, drawn(5, 4), np.arange(5) % 2)
    write_graphml(drawn_graph, tmp_path / "class.graphml")
    again = nx.read_graphml(tmp_path / "class.graphml", node_type=int)
    assert [again.nodes[i]["name"] for i in range(5)] == ["A�", "B�", "C�", "D�", "E\U0001ffff"]
    assert [drawn_graph.nodes[i]["name"] for i in range(5)] == list(names)


@pytest.mark.parametrize(("language", "separator", "point"), [("en", ",", "."), ("nl", ";", ",")])
def test_the_edge_list_is_read_back_as_it_was(
    graph: nx.DiGraph, tmp_path: Path, language: Language, separator: str, point: str
) -> None:
    with use(language):
        write_edges(graph, tmp_path / "class.csv")
    with (tmp_path / "class.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file, delimiter=separator))
    assert list(rows[0]) == ["who", "whom", "kind", "liking"]
    for row, (i, j, edge) in zip(rows, graph.edges(data=True), strict=True):
        assert (row["who"].removeprefix("'"), row["whom"].removeprefix("'")) == (HOSTILE[i], HOSTILE[j])
        assert row["kind"] == edge["kind"]
        assert point in row["liking"]
        assert float(row["liking"].replace(point, ".")) == pytest.approx(edge["liking"], abs=0.5e-4)


def test_no_name_in_the_edge_list_is_a_formula_for_a_spreadsheet(graph: nx.DiGraph, tmp_path: Path) -> None:
    write_edges(graph, tmp_path / "class.csv")
    with (tmp_path / "class.csv").open(newline="", encoding="utf-8-sig") as file:
        cells = [cell for row in csv.reader(file) for cell in row[:2]]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "'=HYPERLINK(1)" in cells


@pytest.mark.parametrize("decimal_comma", [True, False])
@pytest.mark.parametrize("split_at", [";", ",", "\t", "|"])
@given(st.text(alphabet='=+-@;,|\t" x1', max_size=8))
@example("x;=1+1;y")
@example('x;"=1+1"')
@example('";""=1+1')
def test_no_text_becomes_a_formula_whatever_a_spreadsheet_splits_at(
    split_at: str, decimal_comma: bool, name: str
) -> None:
    table = pd.DataFrame({"first": ["a"], "name": [name], "last": ["b"]})
    text = as_csv(table, decimal_comma=decimal_comma).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=split_at) for cell in row]
    assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "+", "-", "@"))], text


def test_text_without_formulas_stays_as_it_is() -> None:
    for name in ("Anne-Marie", "O'Neill", "Jan; Piet", "a = b", "x, y", "1+1"):
        assert harmless(name) == name
