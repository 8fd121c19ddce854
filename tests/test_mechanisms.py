"""Equations of somebody's own: which may be replaced, in both runners, beside the ordinary engine; what is refused."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digests import digest
from strategies import child_records, differences, simulate, small, teacher_records
from sweeps import ROOT, spiraal, surroundings, write_plan

import sim.agents
import sim.model
from sim import dynamics
from sim.compiled import called_by
from sim.engine import layout, years
from sim.engine.equations import WITHOUT_SHORTCUTS, in_force
from sim.files.fingerprint import fingerprint
from sim.interventions import PluginError, load_plugin
from sim.mechanisms import MECHANISMS, OPERATORS, MechanismError, check_state, equations, fields_set
from sim.model import Classroom
from sim.record import Record
from sim.run import Keep, many
from sim.scenario import ScenarioError
from sim.sweeps.results import open_results
from sim.year import dyad
from sim.year.dyad import loop_gain

OTHERS = '''
"""Equations of all kinds at once: one number, several, whole numbers, truth values, what sets states."""

from sim import dynamics as d
from sim.mechanisms import mechanism


@mechanism("others", replaces="teacher_perceives")
def by_what_it_is_like(child, teacher, tone, p):
    return d.approach(tone, 0.02 * child.age - 0.1 * child.sex + 0.01 * child.achievement, 0.2)


@mechanism("others", replaces="witnessed")
def every_tone(liked, closeness, response, weight, p):
    return liked + 0.3 * weight * response * (1.0 - liked * liked)


@mechanism("others", replaces="bid_rates")
def seldom(child, teacher, p):
    seek, begin, misbehave = d.bid_rates(child, teacher, p)
    return 0.5 * seek, begin, misbehave * (0.5 + child.ses_risk)


@mechanism("others", replaces="exchanges")
def four_at_most(child, p):
    return min(4, d.exchanges(child, p))


@mechanism("others", replaces="goes_on")
def where_the_answer_was_harsh(act, answer):
    return answer < 0.0


@mechanism("others", replaces="demand")
def nothing_asked(setting, lead, p):
    return 0


@mechanism("others", replaces="teacher_learns")
def forgives(child, teacher, perceived, p):
    d.teacher_learns(child, teacher, d.positive(perceived), p)
    if child.engagement > 0.5:
        child.representation = d.strengthen(child.representation, 0.01 * child.effortful_control)


@mechanism("others", replaces="play_push")
def by_age(child, liked, p):
    return d.play_push(child, liked, p) - 0.1 * (child.age - 8.0) - 0.5 * child.autonomy


@mechanism("others", replaces="liking_drifts")
def drifts_less(liked, shared, own, fame, p):
    return d.liking_drifts(liked, 0.5 * shared, 0.5 * own, 0.5 * fame, p)


@mechanism("others", replaces="child_rests")
def sleeps_well(child, p):
    d.child_rests(child, p)
    child.stress = d.weaken(child.stress, 0.1 * child.norms)


@mechanism("others", replaces="child_settles")
def settles(child, teacher, p):
    d.child_settles(child, teacher, p)
    child.habit = d.weaken(child.habit, 0.05 * child.attunement)


@mechanism("as-it-is", replaces="class_settles")
def the_same(teacher, p):
    d.class_settles(teacher, p)
'''
SESSIONS = {"name": "banking-time", "target": "highest conflict", "count": 2}


def file(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The mechanisms of `OTHERS`."""
    assert load_plugin(file(tmp_path_factory.mktemp("plugin"), OTHERS)) == ("others", "as-it-is")
    return {name: MECHANISMS.pop(name) for name in ("others", "as-it-is")}


@pytest.fixture
def known(others: dict[str, Any]) -> None:
    """They are known for one test."""
    MECHANISMS.update(others)


# --- Which equations may be replaced -------------------------------------------------------------------


def calls(function: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Equations that a compiled function calls, directly or not, by name."""
    for *_names, called in called_by(function):
        name = called.py_func.__name__
        if called.py_func.__module__ == dynamics.__name__:
            found[name] = called
        calls(called, found)
    return found


def test_each_equation_that_may_be_replaced_is_called_by_both_runners() -> None:
    compiled: dict[str, Any] = {}
    for step in years.STEPS.values():
        calls(step, compiled)
    source = "".join(Path(str(module.__file__)).read_text("utf-8") for module in (sim.agents, sim.model))
    named = {*re.findall(r"self\.equations\.([a-z_]+)", source)} & vars(dynamics).keys()
    by_agents = {name: getattr(dynamics, name) for name in named}
    for equation in [*by_agents.values()]:
        calls(equation, by_agents)
    assert set(equations()) <= compiled.keys() & by_agents.keys()
    left = {name for name, one in compiled.items() if name not in equations()}
    assert left - OPERATORS == {"acceptance", "clear_levers", "liking_settles", "playmate_weights", "choose"}
    assert len(equations()) > 40


def test_what_an_equation_sets_is_read_off_it_and_what_it_calls() -> None:
    assert fields_set(dynamics.witnessed) == frozenset()
    assert fields_set(dynamics.teacher_learns) == {"representation", "stress", "perceived_control"}
    assert "aggression" in fields_set(dynamics.child_learns), "by `show`"


def test_shortcuts_are_those_of_the_engine() -> None:
    names = {name for names in WITHOUT_SHORTCUTS.values() for name in names}
    assert names == {"EVERY_TONE_TELLS", *(name for name in vars(layout) if name.endswith("_READS"))}


# --- Both runners, with and without --------------------------------------------------------------------


def agents(scenario: Any) -> Record:
    classroom = Classroom(scenario)
    classroom.run_model()
    classroom.forget()
    return classroom.result()


@pytest.mark.usefixtures("known")
def test_both_runners_have_the_same_numbers_bit_for_bit() -> None:
    ordinary = small(size=5, weeks=3, interventions=[SESSIONS])
    before = simulate(ordinary)
    scenario = ordinary.changed(mechanism="others")
    compiled = simulate(scenario)
    assert set(differences(before, compiled)) >= {"children", "contacts", "play", "liking"}
    assert differences(compiled, agents(scenario)) == {}
    assert max(np.bincount(compiled.contacts["day"][compiled.contacts["setting"] == 3])) <= 4 * 2
    assert differences(before, simulate(ordinary)) == {}, "the ordinary engine is as it was"
    assert differences(before, agents(ordinary)) == {}
    assert in_force(None).compiled(years.years) is years.years


@pytest.mark.usefixtures("known")
def test_an_equation_that_is_the_same_changes_no_bit() -> None:
    ordinary = small(size=5, weeks=3, interventions=[SESSIONS])
    assert differences(agents(ordinary), agents(ordinary.changed(mechanism="as-it-is"))) == {}


@pytest.mark.usefixtures("known")
def test_many_classes_beside_others_are_what_each_is_alone() -> None:
    from sim.run import side_by_side

    keep = Keep(("conflict", "liked_by", "teacher_stress", "network_density"), (0, 10))
    ordinary = small(size=5, weeks=2)
    other = ordinary.changed(mechanism="others")
    together = side_by_side([(ordinary, range(3)), (other, range(9)), (ordinary, [4])], keep)
    for found, (scenario, numbers) in zip(together, [(ordinary, range(3)), (other, range(9))], strict=False):
        alone = [many(scenario, [number], keep) for number in numbers]
        assert np.concatenate([one.children for one in alone]).tobytes() == found.children.tobytes()
    assert together[0].children.tobytes() != together[1].children[:3].tobytes()


FIRST = """
import sys
from pathlib import Path
from digests import digest
from sim.interventions import load_plugin
from sim.run import simulate
from strategies import small

load_plugin(Path(sys.argv[1]))
for mechanism in ("as-it-is", "none"):
    record = simulate(small(size=5, weeks=2, mechanism=mechanism))
    print(digest([record.children, record.play]))
"""


def test_a_process_that_begins_with_a_mechanism_leaves_the_ordinary_engine_alone(tmp_path: Path) -> None:
    """Here the ordinary engine came first; what either keeps on disk is the ordinary one."""
    path = file(tmp_path, OTHERS + "    teacher.acquaintance *= 0.5\n")
    place = {**surroundings(), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    command = [sys.executable, "-c", FIRST, str(path)]
    said = subprocess.run(command, env=place, capture_output=True, text=True, check=True).stdout.split()
    record = simulate(small(size=5, weeks=2))
    assert said[0] != said[1] == digest([record.children, record.play])


@pytest.mark.usefixtures("known")
def test_what_is_told_of_a_dyad_is_by_the_equations_in_force() -> None:
    record = simulate(small(size=3, weeks=2, mechanism="others"))
    state = record.state(5)
    assert state.mechanism == "others"
    assert loop_gain(state, 1).factor != loop_gain(replace(state, mechanism=None), 1).factor
    assert in_force("others").compiled(dyad.expected_weeks) is not dyad.expected_weeks


def test_the_sources_are_as_they_were(others: dict[str, Any]) -> None:
    assert fingerprint("sim.run").replaced == {}


# --- What is refused -----------------------------------------------------------------------------------

HEAD = "from sim import dynamics as d\nfrom sim.mechanisms import mechanism\n\n"
REFUSED = {
    "an unknown equation": (
        '@mechanism("m", replaces="teacher_percieves")\ndef f(child, teacher, tone, p):\n    return tone',
        r"mine\.py: line 4: f: replaces 'teacher_percieves'.*the closest is “teacher_perceives”",
    ),
    "an operator": ('@mechanism("m", replaces="strengthen")\ndef f(a, b):\n    return a', "replaces 'strengthen'"),
    "what goes through the class": (
        '@mechanism("m", replaces="reference")\ndef f(a):\n    return a',
        "replaces 'reference'",
    ),
    "too few arguments": (
        '@mechanism("m", replaces="teacher_perceives")\ndef f(child, tone):\n    return tone',
        r"mine\.py: line 4: f: has the arguments \(child, tone\); those of teacher_perceives are \(child, teacher",
    ),
    "arguments of other names": (
        '@mechanism("m", replaces="let_through")\ndef f(good_will, p):\n    return 1.0',
        r"has the arguments \(good_will, p\)",
    ),
    "states that the equation leaves alone": (
        '@mechanism("m", replaces="let_through")\ndef f(goodwill, p):\n    p.negativity = 2.0\n    return 1.0',
        r"mine\.py: line 4: f: sets negativity; let_through sets nothing",
    ),
    "states that others set": (
        '@mechanism("m", replaces="show")\ndef f(child, p):\n    d.child_settles(child, child, p)',
        r"f: sets .*closeness.*; show sets aggression",
    ),
    "an error": (
        '@mechanism("m", replaces="let_through")\ndef f(goodwill, p):\n    raise ValueError("no")',
        "raises an error",
    ),
    "luck of its own": (
        'import random\n@mechanism("m", replaces="let_through")\ndef f(goodwill, p):\n    return random.random()',
        "draws random numbers",
    ),
    "an equation twice": (
        2 * '@mechanism("m", replaces="let_through")\ndef f(goodwill, p):\n    return 1.0\n',
        "mechanism 'm' replaces let_through twice",
    ),
    "no name": ('@mechanism("none", replaces="let_through")\ndef f(goodwill, p):\n    return 1.0', "found 'none'"),
    "a class": ('@mechanism("m", replaces="let_through")\nclass F:\n    pass', "F: is no function"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_when_the_file_is_read(text: str, message: str, tmp_path: Path) -> None:
    before = dict(MECHANISMS)
    with pytest.raises(PluginError, match=re.compile(message, re.DOTALL)):
        load_plugin(file(tmp_path, HEAD + text))
    assert before == MECHANISMS


UNUSABLE = {
    "an unknown state": ("let_through", "p.charm", r"mine\.py: line 4: f: cannot be compiled or run: .*charm.*line 6"),
    "an unknown name": ("let_through", "hope", r"cannot be compiled or run: .*hope"),
    "nothing": ("let_through", "None", r"f: gives None; let_through gives float"),
    "a text": ("let_through", "'much'", r"f: gives much; let_through gives float"),
    "no number": ("let_through", "goodwill / 0.0", r"f: gives nan; let_through gives float"),
    "one number in place of three": ("bid_rates", "1.0", r"f: gives 1\.0; bid_rates gives tuple"),
    "by its key": ("misbehaviour", 'child["aggression"]', r"f: cannot be compiled or run"),
}


@pytest.mark.parametrize(("equation", "gives", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_no_equation_is_refused_before_a_class_runs(
    equation: str, gives: str, message: str, tmp_path: Path
) -> None:
    arguments = {"let_through": "goodwill, p", "bid_rates": "child, teacher, p", "misbehaviour": "child"}[equation]
    text = f'{HEAD}@mechanism("m", replaces="{equation}")\ndef f({arguments}):\n    return {gives}\n'
    load_plugin(file(tmp_path, text))
    with pytest.raises(MechanismError, match=re.compile(message, re.DOTALL)):
        in_force("m")


def test_what_leads_beyond_the_bounds_of_a_state_is_told(tmp_path: Path) -> None:
    text = '@mechanism("m", replaces="child_perceives")\ndef f(child, response, p):\n    return 40.0 * response\n'
    load_plugin(file(tmp_path, HEAD + text))
    with pytest.raises(MechanismError, match=r"mine\.py: line 4: f: mechanism 'm' makes \w+ \S+; allowed is 0 to 1"):
        agents(small(size=3, weeks=2, mechanism="m"))


def test_states_that_are_no_numbers_are_told(others: dict[str, Any]) -> None:
    children, teachers, liking = child_records(3), teacher_records(), np.zeros((3, 3))
    check_state(others["others"], children, teachers, liking)
    liking[1, 2] = np.nan
    with pytest.raises(MechanismError, match="makes liking no number; allowed is -1 to 1"):
        check_state(others["others"], children, teachers, liking)
    children["conflict"][2] = -0.1
    with pytest.raises(MechanismError, match=r"makes conflict -0\.1; allowed is 0 to 1"):
        check_state(others["others"], children, teachers, liking)


def test_an_unknown_mechanism_is_refused(others: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match=r"mechanism: found 'other'; allowed is one of none, or one of a plug-in"):
        small().changed(mechanism="other")
    MECHANISMS.update(others)
    with pytest.raises(ScenarioError, match="the closest is “others”"):
        small().changed(mechanism="otters")
    assert small().changed(mechanism="none") == small()


# --- What the documentation shows ----------------------------------------------------------------------


def test_the_mechanisms_of_the_documentation_are_those_that_were_measured(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "mechanisms.md").read_text("utf-8")
    texts, names = re.findall(r"```python\n(.*?)```", page, re.DOTALL), []
    for number, text in enumerate(texts):
        names += load_plugin(file(tmp_path, text, f"example_{number}.py"))
    told = json.loads((ROOT / "docs" / "mechanisms.json").read_text("utf-8"))
    assert told["examples"] == hashlib.sha256("".join(texts).encode()).hexdigest()[:16], "measure them anew"
    assert list(told["mechanisms"]) == ["none", *names]
    assert len(names) == 3
    usual = agents(small(weeks=1))
    for name in names:
        assert differences(usual, agents(small(weeks=1, mechanism=name)))


# --- By command line -----------------------------------------------------------------------------------

STRANGERS = '''
"""Classmates watch every contact as strangers do: they never get to know each other."""

from sim.mechanisms import mechanism


@mechanism("strangers", replaces="class_settles")
def never_acquainted(teacher, p):
    teacher.acquaintance = 0.0
'''
OWN = ("--plugin", "strangers.py", "--mechanism", "strangers")


@pytest.fixture(scope="module")
def of_a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of a mechanism, and the results of a run with it."""
    folder = tmp_path_factory.mktemp("run")
    file(folder, STRANGERS, "strangers.py")
    said = spiraal(folder, "run", "ordinary-class", "--weeks", 2, *OWN, "--out", "results")
    assert "Mechanism: strangers" in said
    return folder


def test_a_run_keeps_its_mechanism_and_can_be_done_again(of_a_run: Path) -> None:
    results = of_a_run / "results"
    manifest = json.loads((results / "manifest.json").read_text("utf-8"))
    assert manifest["scenario"]["mechanism"] == "strangers"
    assert list(manifest["fingerprint"]["replaced"]) == ["sim.dynamics.class_settles"]
    (kept,) = manifest["plugins"]
    assert (results / kept["file"]).read_text("utf-8") == STRANGERS
    assert "Mechanism: strangers" in (results / "events.md").read_text("utf-8")
    assert 'mechanism = "strangers"' in (results / "scenario.toml").read_text("utf-8")
    assert "strangers.py: 9 lines" in spiraal(of_a_run, "rerun", "results/manifest.json", code=2)
    said = spiraal(of_a_run, "rerun", "results/manifest.json", "--trust-plugins")
    assert "byte for byte" in said
    assert "mechanism: found 'strangers'" in spiraal(of_a_run, "run", "results/scenario.toml", "--out", "x", code=2)


def test_a_sweep_compares_with_and_without_in_the_same_classes(of_a_run: Path) -> None:
    levers = {"mechanism": {"values": ["none", "strangers"]}}
    outcomes = [{"variables": ["acceptance"], "of": ["sd"]}]
    write_plan(of_a_run, levers=levers, outcomes=outcomes, replications=4)
    spiraal(of_a_run, "sweep", "plan.toml", "--plugin", "strangers.py", "--out", "sweep")
    results = open_results(of_a_run / "sweep", trust_plugins=True)
    table = results.table().set_index(["mechanism", "number"])["acceptance_sd_end"]
    assert len(table) == 32
    assert (table["none"] != table["strangers"]).all()
    name = results.scenario(0, 1).changed(mechanism=None)
    alone = many(name, [name.number], Keep(("acceptance",), (name.calendar().days,)))
    assert table["none"][name.number] == alone.children[0, 0, 0].std()
    assert "mechanism" in spiraal(of_a_run, "effects", "sweep")
    assert "mechanism" in spiraal(of_a_run, "sweep", "plan.toml", "--out", "other", code=2)


def test_a_study_is_done_in_classes_with_a_mechanism(of_a_run: Path) -> None:
    how = ("study", "run", "nominations", "--studies", 2, "--classes", 9)
    said = spiraal(of_a_run, *how, *OWN)
    assert "Mechanism: strangers" in said
    assert said.replace("Mechanism: strangers\n", "") != spiraal(of_a_run, *how)


def test_the_equations_and_the_mechanisms_of_a_file_are_listed(of_a_run: Path) -> None:
    said = spiraal(of_a_run, "mechanisms")
    assert all(name in said for name in equations())
    said = spiraal(of_a_run, "mechanisms", "--plugin", "strangers.py")
    assert "class_settles" in said and "strangers.py: line 7: never_acquainted" in said


def test_what_a_user_does_wrong_is_told(of_a_run: Path) -> None:
    file(of_a_run, STRANGERS.replace("class_settles", "class_settle"), "wrong.py")
    said = spiraal(of_a_run, "run", "--plugin", "wrong.py", "--out", "y", code=2)
    assert "wrong.py: line 7: never_acquainted: replaces 'class_settle'" in said
    file(of_a_run, STRANGERS.replace("= 0.0", "= p.hope"), "wrong.py")
    said = spiraal(of_a_run, "run", "--plugin", "wrong.py", "--mechanism", "strangers", "--out", "y", code=2)
    assert "wrong.py: line 7: never_acquainted: cannot be compiled or run" in said
    assert not (of_a_run / "y").exists()
    said = spiraal(of_a_run, "run", "--plugin", "strangers.py", "--mechanism", "stranger", "--out", "y", code=2)
    assert "found 'stranger'" in said and "the closest is “strangers”" in said
