"""What a visitor takes home from the dashboard: every file is read back as the program that it is for reads it."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from sim.cli import main
from sim.dashboard.answers.parcel import PARCELS, answer
from sim.dashboard.choices import OWN, Choices, pair_of, scenarios
from sim.dashboard.desk import Question, Refused
from sim.dashboard.picture import Shelf
from sim.dashboard.stories import stories
from sim.files.classlist import ChildRow, ClassList
from sim.files.language import use
from sim.output import run_folder
from sim.output.gridware import trajectory
from sim.peers import nominations
from sim.record import Record
from sim.state import CHILD_DTYPE, CONTACT_DTYPE, to_item_mean
from sim.year.dyad import state_space_grid

segno = pytest.importorskip("segno", reason="the dashboard is not installed: pip install spiraal[app]")

SHELF = Shelf(years=6, pictures=2)
HOSTILE = ("=SUM(A1)", "@cmd", '"Jan", jr.', "<b>Piet</b>", "Zoë; --", "-1")
ROSTER = ClassList(tuple(ChildRow(name=name, aggression=1.5 + i / 2) for i, name in enumerate(HOSTILE)))
MOVED = {
    "sliders": Choices(emotional_support=0.123456789, reflective_functioning=1 / 3, strain=0.9, seed=77),
    "switches": Choices(interventions=(("banking-time", 3), ("llinc", 0), ("samen-spel", 3)), start_week=7),
    "aggression": Choices(aggression=((0, 4.7), (5, 1.1))),
    "parameters": Choices(factors=(("parameters.negativity", 1.2345678901), ("teacher.self_efficacy", 0.2))),
    "drawn class": Choices(scenario="busy-class", factors=(("class.size", 17.0), ("class.problem_behaviour", 0.5))),
}


def asked(details: dict[str, Any], choices: Choices | None = None, roster: ClassList | None = None) -> Question:
    """A question of a visitor who has chosen something."""
    choices = choices or Choices()
    shelf = SHELF if roster is None else Shelf(years=4, pictures=2)
    return Question(pair_of(choices, roster), choices, 1, shelf, details, lambda _roster: None)


def taken(question: Question) -> tuple[str, bytes]:
    """Name and content of the file that a question gives."""
    with use(question.language):
        item = list(answer(question))[-1]
    return item["name"], base64.b64decode(item["content"])


def table(question: Question) -> pd.DataFrame:
    """A table as a spreadsheet reads it."""
    comma = question.details["dialect"] == "comma"
    return pd.read_csv(
        io.BytesIO(taken(question)[1]), sep=";" if comma else ",", decimal="," if comma else ".", encoding="utf-8-sig"
    )


def unzipped(content: bytes) -> dict[str, bytes]:
    """What is in a zip file."""
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        assert folder.testzip() is None
        return {name: folder.read(name) for name in folder.namelist()}


def same(days: pd.DataFrame, record: Record, arm: str) -> None:
    """Whether data of an arm are those of a record, to the last digit."""
    ours = days[days["arm"] == arm]
    for name in CHILD_DTYPE.names or ():
        np.testing.assert_array_equal(ours[name].to_numpy(), record.children[name].ravel(), name)


# --- Settings ----------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn or told: numbers are compared."""
    for name in ("write_figures", "write_sociograms"):
        monkeypatch.setattr(run_folder, name, lambda *_: None)
    monkeypatch.setattr(run_folder, "prospects", lambda *_: lambda: None)
    monkeypatch.setattr(run_folder, "log_in_words", lambda *_: "")


def run_again(question: Question, folder: Path) -> None:
    """Run the settings with the command, and compare with what the page shows.

    One file tells of both classes, where they differ in nothing but interventions.
    """
    pair, both = question.pair, question.shelf.both(question.pair)
    twins = pair.with_ is None or pair.without == pair.with_.model_copy(update={"interventions": ()})
    arms = {"with": both.with_} if pair.with_ is not None else {}
    for arm, record in (arms if twins and arms else {"without": both.without, **arms}).items():
        name, content = taken(replace(question, details={"what": "settings", "arm": arm}))
        (folder / name).write_bytes(content)
        assert content.decode().splitlines()[0].endswith(f": spiraal run {name}")
        with pytest.raises(SystemExit) as stopped:
            main(["run", str(folder / name), "--out", str(folder / arm)])
        assert stopped.value.code in (0, None)
        days = pd.read_parquet(folder / arm / "days.parquet")
        same(days, record, "with")
        if twins:
            same(days, both.without, "without")


@pytest.mark.parametrize("name", list(scenarios()))
def test_settings_of_every_scenario_give_the_same_numbers(name: str, tmp_path: Path, quick: None) -> None:
    run_again(asked({}, Choices(scenario=name)), tmp_path)


@pytest.mark.parametrize("what", list(MOVED))
def test_settings_give_the_same_numbers_whatever_was_moved(what: str, tmp_path: Path, quick: None) -> None:
    question = asked({}, MOVED[what])
    assert question.pair != pair_of(Choices(scenario=MOVED[what].scenario))
    run_again(question, tmp_path)


def test_settings_of_an_own_class_give_the_same_numbers(tmp_path: Path, quick: None) -> None:
    choices = Choices(scenario=OWN, language="nl", interventions=(("banking-time", 2),), aggression=((4, 4.4),))
    question = asked({"what": "settings", "arm": "with"}, choices, ROSTER)
    assert taken(question)[0] == "spiraal-own-class-with.toml"
    run_again(question, tmp_path)


# --- Tables ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dialect", "line"), [("point", "0.0463"), ("comma", "0,0463")])
def test_tables_hold_what_the_page_shows(dialect: str, line: str) -> None:
    question = asked({"what": "weeks", "dialect": dialect})
    both = SHELF.both(question.pair)
    found = table(question)
    story = stories()["irritated-teacher"]
    assert list(found) == ["class", "week", "child", "closeness", "conflict", "aggression", "liked by classmates"]
    assert list(found["class"].unique()) == [story.without, story.with_]
    assert len(found) == 2 * 37 * 25
    row = found[(found["class"] == story.with_) & (found["week"] == 20)].reset_index(drop=True)
    for state in ("closeness", "conflict", "aggression"):
        np.testing.assert_allclose(row[state], to_item_mean(both.with_.children[state][100]), atol=6e-5)
    np.testing.assert_array_equal(row["liked by classmates"], nominations(both.with_.liking[100])[0].sum(axis=0))
    contacts = table(asked({"what": "contacts", "dialect": dialect}))
    met = both.without.contacts[both.without.contacts["child"] == 1]
    ours = contacts[contacts["class"] == story.without]
    np.testing.assert_allclose(ours["the child's tone"], met["tone"], atol=6e-5)
    np.testing.assert_array_equal(ours["school day"], met["day"])
    assert set(ours["begun by"]) == {"child", "teacher"}
    first = f"{met['time'][0]:.4f}"
    assert (first if dialect == "point" else first.replace(".", ",")) in taken(
        asked({"what": "contacts", "dialect": dialect})
    )[1].decode("utf-8-sig")


def test_names_are_text_and_no_formulas_in_a_spreadsheet() -> None:
    choices = Choices(scenario=OWN)
    found = table(asked({"what": "weeks", "dialect": "comma"}, choices, ROSTER))
    shown = found["child"].unique().tolist()
    assert shown == ["'=SUM(A1)", "'@cmd", '"Jan", jr.', "<b>Piet</b>", "Zoë; --", "'-1"]


def test_a_parcel_is_not_kept() -> None:
    details = {"what": "weeks", "dialect": "point"}
    first = asked(details, Choices(scenario=OWN), ROSTER)
    before = (SHELF._year.cache_info(), SHELF._arm.cache_info())
    assert b"Piet" in taken(first)[1]
    assert (SHELF._year.cache_info(), SHELF._arm.cache_info()) == before, "the shelf that visitors share is not touched"
    assert list(answer(asked({"what": "nothing"}))) == [{}]


def test_parquet_files_are_those_of_the_command_line(tmp_path: Path) -> None:
    question = asked({"what": "everything"}, Choices(scenario="banking-time"))
    files = unzipped(taken(question)[1])
    assert sorted(files) == sorted(run_folder.DATA)
    both = SHELF.both(question.pair)
    days = pd.read_parquet(io.BytesIO(files["days.parquet"]))
    same(days, both.without, "without")
    same(days, both.with_, "with")
    contacts = pd.read_parquet(io.BytesIO(files["contacts.parquet"]))
    assert len(contacts) == len(both.without.contacts) + len(both.with_.contacts)
    assert len(pd.read_parquet(io.BytesIO(files["play.parquet"]))) > 0


# --- Grids and networks ------------------------------------------------------------------------------


def test_grids_count_as_the_state_space_grid_does() -> None:
    question = asked({"what": "grids"})
    files = unzipped(taken(question)[1])
    both = SHELF.both(question.pair)
    listed = pd.read_csv(io.BytesIO(files.pop("trajectories.txt")), sep="\t", encoding="utf-8-sig")
    project = files.pop("spiraal.gwf").decode("ascii")
    assert [line.split("\t")[-1] for line in project.splitlines() if line.endswith(".trj")] == list(files)
    assert listed["file"].tolist() == list(files)
    assert listed["child"].tolist() == [*both.without.names] * 2
    for file, record, child in (("without-02.trj", both.without, 1), ("with-13.trj", both.with_, 12)):
        heading, *lines = [line.split("\t") for line in files[file].decode("ascii").split("\n")]
        assert heading == ["Onset", "Child", "Teacher"]
        assert [len(line) for line in lines] == [3] * (len(lines) - 1) + [1], "the last line is the end alone"
        rows = np.array(lines[:-1], dtype=int)
        met = record.contacts[record.contacts["child"] == child]
        onsets = [*rows[:, 0], int(lines[-1][0])]
        assert onsets == list(range(len(met) + 1))
        counts = np.zeros((5, 5), dtype=int)
        np.add.at(counts, (rows[:, 2] - 1, rows[:, 1] - 1), 1)
        np.testing.assert_array_equal(counts, state_space_grid(met).counts)


def test_tones_at_the_edges_have_a_place_on_the_grid() -> None:
    met = np.zeros(3, CONTACT_DTYPE)
    met["tone"], met["response"] = (-1, 0, 1), (1, -0.19, 0.19)
    assert trajectory(met).split("\n")[1:] == ["0\t1\t5", "1\t3\t3", "2\t5\t3", "3"]


@pytest.mark.parametrize(("arm", "week"), [("without", 0), ("with", 36)])
def test_the_network_is_that_of_the_week(arm: str, week: int) -> None:
    question = asked({"what": "network", "arm": arm, "week": week})
    both = SHELF.both(question.pair)
    record = both.without if arm == "without" else both.with_
    name, content = taken(question)
    assert name == f"spiraal-irritated-teacher-week-{week}-{arm}.graphml"
    graph = nx.read_graphml(io.BytesIO(content), node_type=int)
    liked, disliked = nominations(record.liking[5 * week])
    for kind, named in (("like", liked), ("dislike", disliked)):
        edges = {(i, j) for i, j, edge in graph.edges(data=True) if edge["kind"] == kind}
        assert edges == set(zip(*np.nonzero(named), strict=True))
    assert [name for _, name in graph.nodes(data="name")] == list(record.names)


def test_hostile_names_survive_in_every_file() -> None:
    choices = Choices(scenario=OWN, interventions=(("banking-time", 2),))
    for what in PARCELS:
        details = {"what": what, "arm": "with", "week": 3, "dialect": "point"}
        assert taken(asked(details, choices, ROSTER))[1]
    graph = nx.read_graphml(io.BytesIO(taken(asked({"what": "network", "arm": "with", "week": 3}, choices, ROSTER))[1]))
    assert {name for _, name in graph.nodes(data="name")} == set(HOSTILE)


# --- Codes, and what is not there ---------------------------------------------------------------------


def test_the_code_is_that_of_the_link() -> None:
    link = "http://192.168.1.20:8765/?v=1&language=nl&week=12.5&interventions=samen-spel:3"
    code = list(answer(asked({"what": "qr", "text": link})))[-1]
    rows = np.zeros((code["size"], code["size"]), dtype=int)
    for square in code["path"].split("M")[1:]:
        x, y = map(int, square.removesuffix("h1v1h-1z").split())
        rows[y, x] = 1
    expected = np.array([list(row) for row in segno.make(link, error="m", micro=False).matrix], dtype=int)
    np.testing.assert_array_equal(rows, expected)


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"what": "passwords"},
        {"what": ["weeks"]},
        {"what": "network", "arm": "with", "week": 37},
        {"what": "network", "arm": "with", "week": "1"},
        {"what": "network", "arm": "left", "week": 1},
        {"what": "settings"},
        {"what": "qr"},
        {"what": "qr", "text": "x" * 2001},
    ],
)
def test_what_there_is_not_is_refused(details: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        list(answer(asked(details)))


def test_a_class_that_is_not_there_has_no_file() -> None:
    with pytest.raises(Refused):
        taken(asked({"what": "settings", "arm": "with"}, Choices(interventions=())))
