"""A scenario names its class list, how it is read and which class is meant; names in it are spelled as people do."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from sweeps import PLAN, spiraal

from sim.files.classlist import ChildRow, ClassListError
from sim.files.names import as_spelled
from sim.files.problems import closest_to
from sim.files.toml import as_toml
from sim.scenario import Scenario, ScenarioError, load
from sim.target import Target

LIST = "Kode;G;Groep\nZoë van Ypres;1;3a\nBo;0;3a\nIndy;0;3b\nMika;1;3b\n"
MAPPING = '[columns]\nname = "Kode"\nsex = "G"\ngroup = "Groep"\n[sex]\n0 = "girl"\n1 = "boy"\n'
CLASS = {"list": "school.csv", "mapping": "own.toml", "group": "3A"}
SAMEN_SPEL = {"name": "samen-spel", "target": "Zoë van Ypres"}
DECOMPOSED = unicodedata.normalize("NFD", "  zoë   VAN ypres ")


def written(folder: Path, **changes: Any) -> Path:
    """A scenario with its class list and mapping, as files in a folder."""
    (folder / "school.csv").write_text(LIST, encoding="utf-8")
    (folder / "own.toml").write_text(MAPPING, encoding="utf-8")
    scenario = {"title": "3a", "weeks": 1, "holidays": [], "class": CLASS, **changes}
    (folder / "scenario.toml").write_text(as_toml(scenario), encoding="utf-8")
    return folder / "scenario.toml"


def test_a_scenario_reads_the_class_that_it_names_as_the_mapping_says(tmp_path: Path) -> None:
    scenario = load(written(tmp_path))
    assert scenario.classroom.rows() == (ChildRow("Zoë van Ypres", "boy"), ChildRow("Bo", "girl"))
    assert (scenario.classroom.mapping, scenario.classroom.group) == ("own.toml", "3A")
    again = Scenario.model_validate_json(scenario.model_dump_json(by_alias=True))
    assert again == scenario, "what was read goes with the scenario"
    other = load(written(tmp_path, **{"class": {**CLASS, "group": "3b"}}))
    assert [row.name for row in other.classroom.rows()] == ["Indy", "Mika"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"group": None}, "several classes: 3a (2), 3b (2)"),
        ({"group": "3c"}, "no class “3c”; allowed: one of 3a (2), 3b (2)"),
        ({"mapping": None}, "no heading “name”"),
        ({"mapping": "not.toml"}, "not.toml: found no file with this name; allowed: a mapping"),
        ({"mapping": "school.csv"}, "school.csv: found"),
        ({"mapping": "../own.toml/"}, "own.toml: found"),
        ({"list": None}, "class.mapping: found beside no class list; list names one"),
        ({"list": None, "mapping": None}, "class.group: found beside no class list; list names one"),
        ({"mapping": 3}, "class.mapping: found 3"),
    ],
)
def test_what_is_wrong_is_said_with_its_file_or_key(changes: dict[str, Any], told: str, tmp_path: Path) -> None:
    path = written(tmp_path, **{"class": {**CLASS, **changes}})
    with pytest.raises((ScenarioError, ClassListError)) as caught:
        load(path)
    assert told in str(caught.value)


def test_the_list_of_a_scenario_that_was_read_stays() -> None:
    scenario = load("irritated-teacher")
    for key in ("list", "mapping", "group", "nominations"):
        with pytest.raises(ScenarioError, match=f"class.{key}: the class list has been read already"):
            scenario.changed(**{f"class.{key}": "other"})


def test_a_run_and_a_sweep_of_such_a_scenario(tmp_path: Path) -> None:
    written(tmp_path, interventions=[{**SAMEN_SPEL, "target": DECOMPOSED}], follow="bo")
    assert "valid" in spiraal(tmp_path, "scenario", "check", "scenario.toml")
    said = spiraal(tmp_path, "run", "scenario.toml", "--out", "out")
    assert "school.csv: “G” was read as 0 = girl, 1 = boy" in said
    spec = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["scenario"]["class"]
    assert {key: spec[key] for key in CLASS} == CLASS
    again = load(tmp_path / "out" / "scenario.toml")
    assert again.interventions[0].target == "Zoë van Ypres"
    assert again.follow == "Bo"
    spiraal(tmp_path, "rerun", "out/manifest.json")
    options = ("--mapping", "own.toml", "--group", "3b", "--weeks", "1", "--out", "other")
    spiraal(tmp_path, "run", "--class", "school.csv", *options)
    assert load(tmp_path / "other" / "scenario.toml").classroom.group == "3b"
    levers = {
        "interventions.0.fidelity": {"values": [0.0, 1.0]},
        "interventions.0.target": {"values": ["bo", DECOMPOSED]},
    }
    plan = {**PLAN, "scenario": "scenario.toml", "replications": 2, "levers": levers}
    plan["uncertainties"] = {"parameters.negativity": {"values": [1.0, 1.4]}}
    plan["outcomes"] = [{"variables": ["conflict"], "of": ["mean", "chosen"]}]
    (tmp_path / "plan.toml").write_text(as_toml(plan), encoding="utf-8")
    spiraal(tmp_path, "sweep", "plan.toml", "--out", "sweep")
    manifest = json.loads((tmp_path / "sweep" / "manifest.json").read_text(encoding="utf-8"))
    assert {key: manifest["scenario"]["class"][key] for key in CLASS} == CLASS
    plan["uncertainties"] = {"class.group": {"values": ["3a", "3b"]}}
    (tmp_path / "plan.toml").write_text(as_toml(plan), encoding="utf-8")
    assert "class.group: no such key" in spiraal(tmp_path, "sweep", "plan.toml", "--out", "no", code=2)


# -- Names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Zoë van Ypres", DECOMPOSED, "ZOË VAN YPRES", "Zoë\u00a0van\u200b Ypres"])
def test_names_are_the_same_however_they_are_spelled(name: str, tmp_path: Path) -> None:
    assert as_spelled(name, ("Bo", "Zoë van Ypres")) == "Zoë van Ypres"
    for target in (name, ["bo", name]):
        choice = {**SAMEN_SPEL, "target": target}
        scenario = load(written(tmp_path, interventions=[choice], follow=name))
        assert scenario.follow == "Zoë van Ypres"
        assert scenario.interventions[0].target in {"Zoë van Ypres", ("Bo", "Zoë van Ypres")}
        assert scenario.changed(follow="BO", **{"interventions.0.target": name}).follow == "Bo"
    assert list(Target(names=(name, "bo")).numbers_of_named(("Bo", "Zoë van Ypres"))) == [1, 0]


def test_rules_are_found_as_names_are(tmp_path: Path) -> None:
    choice = {**SAMEN_SPEL, "target": "Highest  Conflict"}
    assert load(written(tmp_path, interventions=[choice])).interventions[0].aim().rule == "highest conflict"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Zoe van Ypres", "; the closest is “Zoë van Ypres”"),
        ("highestt conflict", "; the closest is “highest conflict”"),
        ("Ann", "lowest security"),
    ],
)
def test_a_near_miss_is_proposed_and_never_taken(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, interventions=[{**SAMEN_SPEL, "target": name}]))
    assert str(caught.value).endswith(told)
    assert closest_to("Ann", ["Zoë"]) == ""
    with pytest.raises(ScenarioError, match="follow: found 'Boo'; allowed is a name of the class; the closest is “Bo”"):
        load(written(tmp_path, follow="Boo"))


def test_the_command_line_finds_names_and_proposes_near_misses(tmp_path: Path) -> None:
    written(tmp_path)
    spiraal(tmp_path, "run", "scenario.toml", "--with", "samen-spel", "--for", DECOMPOSED, "--out", "out")
    assert load(tmp_path / "out" / "scenario.toml").interventions[0].target == "Zoë van Ypres"
    assert "Zoë van Ypres" in spiraal(tmp_path, "profile", "scenario.toml", "--child", DECOMPOSED)
    said = spiraal(tmp_path, "profile", "scenario.toml", "--child", "Zoe van Ypres", code=2)
    assert "; the closest is “Zoë van Ypres”" in said
    said = spiraal(tmp_path, "run", "scenario.toml", "--with", "samen-spel", "--for", "Zoe van Ypres", code=2)
    assert "; the closest is “Zoë van Ypres”" in said
