"""The documentation tells what the code does: equations, tables, examples, evidence, links."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Collection
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strategies import child_records, differences, small, teacher_records

from sim import dynamics, population
from sim.dashboard.lesson import validated
from sim.engine import arrays
from sim.files.classlist import propose_mapping, read_class_list, read_mapping
from sim.files.toml import as_toml
from sim.interventions import REGISTRY, load_plugin
from sim.parameters import PARAMETERS, Parameters
from sim.peers import acceptance_of_all
from sim.population import draw_class
from sim.run import CLASS_VARIABLES, twins
from sim.scenario import parse
from sim.state import CHILD, TEACHER, Field, Initiator, Records, Setting, fields
from sim.sweeps.plan import load_plan

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.parent.name != "site")
WRITE_DOCS = ROOT / "scripts" / "write_docs.py"

FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
EQUATION = re.compile(r"<!-- equation: (?P<name>\w+)(?: -> (?P<result>\w+))? -->\n```text\n(?P<text>.*?)```", re.DOTALL)
OPERATOR = re.compile(r"^\| `(?P<name>\w+)\((?P<arguments>[^)]*)\)` \| `(?P<formula>[^`]*)` \|$", re.MULTILINE)
ROW = re.compile(r"^\| ([A-Z]\d|DP) \|", re.MULTILINE)
CITED = re.compile(r"\b(?:[ABDEINRSW][0-9]|DP)\b")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")


def fences(page: Path, language: str) -> list[str]:
    """Code of one language in a page."""
    return [found["code"] for found in FENCE.finditer(page.read_text("utf-8")) if found["language"] == language]


OF_PLANS = DOCS / "sweeps.md"


def page(name: str) -> str:
    """Text of a page."""
    return (DOCS / name).read_text("utf-8")


# --- Generated tables --------------------------------------------------------------------------------


def write_docs(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(WRITE_DOCS), *arguments], capture_output=True, text=True, check=False)


def test_generated_tables_are_those_of_the_code() -> None:
    done = write_docs("--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_table_is_named_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.syspath_prepend(str(WRITE_DOCS.parent))
    import write_docs as script

    stale = tmp_path / "page.md"
    stale.write_text("before\n<!-- generated: rules -->\n- `luck`\n<!-- end -->\nafter\n", encoding="utf-8")
    monkeypatch.setattr(script, "PAGES", [stale])
    assert script.main(["--check"]) == 1
    assert "page.md: rules is stale" in capsys.readouterr().out
    assert "luck" in stale.read_text("utf-8")
    assert script.main([]) == 0
    text = stale.read_text("utf-8")
    assert text.startswith("before\n<!-- generated: rules -->\n- `highest conflict`\n")
    assert text.endswith("\n<!-- end -->\nafter\n")
    assert script.main(["--check"]) == 0

    measured = "<!-- generated: rates -->\n| what was measured | once |\n<!-- end -->\n"
    stale.write_text(measured, encoding="utf-8")
    assert script.main([]) == script.main(["--check"]) == 0
    assert stale.read_text("utf-8") == measured

    stale.write_text("<!-- generated: poems -->\n<!-- end -->\n", encoding="utf-8")
    assert script.main([]) == 2
    assert "poems" in capsys.readouterr().err
    stale.write_text("<!-- generated: rules -->\n", encoding="utf-8")
    assert script.main([]) == 2


# --- Equations ---------------------------------------------------------------------------------------

# Functions that are described in words, and one that is a way to write a choice.
IN_WORDS = {"choose", "clear_levers", "impress"}
DEVICES = {"either"}
EQUATIONS = {found["name"]: found for found in EQUATION.finditer(page("ODD.md"))}
OPERATORS = {found["name"]: found for found in OPERATOR.finditer(page("ODD.md"))}
N, I, OTHER = 4, 1, 2
# Equations that others of the page ask, by numbers alone.
WITH_PARAMETERS = ("next_mood", "let_through", "readiness", "demand", "hostile_tone", "witnessed", "warmed")
BESIDE = {"i", "accepted"}
"""Numbers that an equation may ask although the function does not take them: a child's, or those of the first day."""


def as_python(text: str) -> str:
    """An equation as it is printed, as Python: a line that begins with a sign goes on with the one before."""
    joined = re.sub(r"\n +(?=[+−·/] )", " ", text)
    for printed, python in (("·", "*"), ("−", "-"), ("²", "**2"), ("≥", ">=")):
        joined = joined.replace(printed, python)
    return joined


def anywhere(luck: np.random.Generator, table: tuple[Field, ...], records: Records) -> Records:
    """Records with random values within their bounds."""
    for field in table:
        records[field.name] = luck.uniform(field.low, field.high, records.shape)
    return records


class World:
    """A class of random children, as the code has it and as a reader of the equations sees it."""

    def __init__(self, seed: int, setting: Setting) -> None:
        self.luck = luck = np.random.default_rng(seed)
        self.children = anywhere(luck, CHILD, child_records(N))
        self.children["sex"] = luck.integers(0, 2, N)
        self.teacher = anywhere(luck, TEACHER, teacher_records())
        self.liking, self.affinity = (luck.uniform(-1, 1, (N, N)) * (1 - np.eye(N)) for _ in range(2))
        self.values = {name: luck.uniform(entry.low, entry.high) for name, entry in PARAMETERS.items()}
        self.p = Parameters(self.values).record()
        tone = luck.uniform(-1, 1, 6)
        self.numbers: dict[str, Any] = {
            "mood": luck.standard_normal(), "luck": luck.standard_normal(), "draw": luck.random(),
            "seek": luck.uniform(0, 5), "begin": luck.uniform(0, 5), "misbehave": luck.uniform(0, 5),
            "chance": luck.random(), "count": int(luck.integers(1, 20)), "showcase": luck.random(),
            "liked": luck.uniform(-1, 1), "closeness": luck.random(), "waited": luck.random(), "setting": int(setting),
            "public": bool(luck.random() < 0.5),
            "tone": tone[0], "perceived": tone[1], "response": tone[2], "felt": tone[3], "act": tone[4], "met": tone[5],
            "initiator": int(luck.integers(0, 2)), "closeness_room": luck.random(), "weight": luck.random(),
            "rate": luck.random(), "relief": luck.random(), "accepted": luck.random(), "i": I,
            "weights": np.zeros((N, N)),
            "state": luck.random(), "liability": luck.random(), "habit": luck.random(), "goodwill": luck.random(),
            "outreach": luck.random(), "lead": luck.random(), "hold": luck.random(), "push": luck.uniform(-6, 6),
            "again": bool(luck.random() < 0.5), "friendly": luck.random(), "answer": luck.uniform(-1, 1),
            "first": luck.uniform(-1, 1), "second": luck.uniform(-1, 1), "goes_on": bool(luck.random() < 0.5),
            "shared": luck.standard_normal(), "own": luck.standard_normal(), "fame": luck.standard_normal(),
            "step": luck.uniform(-1, 1),
        }  # fmt: skip
        self.noise = luck.standard_normal((N, 4))

    def suits(self) -> dict[str, Any]:
        """What the names in the equation of the first day stand for, computed another way than by the code."""
        marginals, child, teacher = population.MARGINALS, self.children[I], self.teacher[0]
        support = float(population.TEACHER_MARGINALS["emotional_support"].place(teacher["emotional_support"]))
        own = ("externalizing", "aggression", "self_regulation", "security", "ability", "ses_risk")
        correlations = {frozenset(pair): r for pair, r in population.CORRELATIONS.items()}
        found: dict[str, Any] = {"support": support}
        for state in ("closeness", "conflict"):
            names = (*own, state)
            shared = [population.SUPPORT_CORRELATIONS.get(name, 0.0) for name in names]
            boys = [marginals[name].boys for name in names]
            matrix = [[1.0 if a == b else correlations.get(frozenset((a, b)), 0.0) for a in names] for b in names]
            spread = np.sqrt(1 - np.square(boys) - np.square(shared))
            mean = np.multiply(boys, 2 * child["sex"] - 1) + np.multiply(shared, support)
            mean[names.index("self_regulation")] += population.AGE_SLOPE * (child["age"] - population.MEAN_AGE)
            surprise = [float(marginals[name].place(child[name])) for name in names] - mean
            precision = np.linalg.inv(matrix * np.outer(spread, spread))[-1]
            found[f"left_of_{state}"] = precision @ surprise / np.sqrt(precision[-1])
            found[f"as_{state}"] = marginals[state].at
        return found

    def names(self, taken: Collection[str]) -> dict[str, Any]:
        """What the names in an equation stand for; of numbers only those that it takes."""
        children, teacher = self.children.view(np.recarray), self.teacher.view(np.recarray)
        child, others = children[I], [j for j in range(N) if j != I]
        parameters = {field: float(self.p[field][0]) for field in self.p.dtype.names}
        wild = child.aggression * (1 - child.self_regulation)
        given = {
            "children": children, "child": child, "teacher": teacher[0], "others": others, "witnesses": others,
            "liking": self.liking, "affinity": self.affinity, "pairs": list(product(range(N), range(N))),
            "misbehaviour": wild, "j": OTHER, "same_sex": child.sex == children[OTHER].sex,
            "child_began": self.numbers["initiator"] == Initiator.CHILD, "room": self.numbers["closeness_room"],
            "the_child": Initiator.CHILD, "the_teacher": Initiator.TEACHER, "next_chance": dynamics.next_chance,
            "noise": self.noise[I], "mean": np.mean, "sqrt": np.sqrt, "floor": np.floor, "exp": np.exp,
            "coercion": dynamics.coercion, "show": lambda child: arrays.show(self.children, I, self.p),
            "novelty": lambda: arrays.novelty(self.teacher, self.p),
        }  # fmt: skip
        others_of_the_page = {name: partial(self.with_parameters, name) for name in WITH_PARAMETERS}
        operators = {name: getattr(dynamics, name) for name in OPERATORS}
        settings = {setting.name.lower(): int(setting) for setting in Setting}
        numbers = {name: number for name, number in self.numbers.items() if name in taken}
        return {**parameters, **operators, **others_of_the_page, **settings, **numbers, **given, **self.suits()}

    def with_parameters(self, name: str, *numbers: float) -> Any:
        """Another equation of the page, which takes numbers and the parameters."""
        return getattr(arrays, name)(*numbers, self.p)

    def run_code(self, function: Callable[..., Any]) -> Any:
        """Call an equation, as it takes arrays, with what its arguments are called."""
        place = {"children": self.children, "teacher": self.teacher, "liking": self.liking, "p": self.p}
        known = {**self.numbers, **place, "affinity": self.affinity}
        given = inspect.signature(getattr(function, "py_func", function)).parameters
        return function(*(known[name] for name in given))

    def run_text(self, text: str, result: str | None, taken: Collection[str]) -> Any:
        """Do what an equation says that takes these numbers."""
        names = self.names(taken)
        exec(as_python(text), names)  # noqa: S102
        return names[result] if result else None

    def same(self, other: World) -> None:
        """Both hold the same numbers."""
        for mine, theirs in ((self.children, other.children), (self.teacher, other.teacher)):
            for name in mine.dtype.names:
                np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-12, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(self.liking, other.liking, rtol=1e-12, atol=1e-12)


def start(world: World) -> None:
    """The first day of one child; the others are left as they were."""
    before = world.children.copy()
    world.numbers["accepted"] = acceptance_of_all(world.affinity)[I]
    affinity, noise = world.affinity.T[None], world.noise.T[None]
    population.start(world.children[None], world.teacher, affinity, Parameters(world.values), noise)
    world.children[[j for j in range(N) if j != I]] = before[[j for j in range(N) if j != I]]


def playmate_weight(world: World) -> float:
    """Weight of one classmate; the code adds them up."""
    world.run_code(arrays.playmate_weights)
    weights = world.numbers["weights"][I]
    return float(weights[OTHER] - weights[OTHER - 1])


def number_of_bids(world: World) -> float:
    """For rates that children have."""
    world.numbers["rate"] = 30 * world.numbers["rate"] ** 2
    return float(world.run_code(arrays.number_of_bids))


SPECIAL: dict[str, Callable[[World], Any]] = {
    "start": start,
    "playmate_weights": playmate_weight,
    "number_of_bids": number_of_bids,
}


@pytest.mark.parametrize("setting", list(Setting))
@pytest.mark.parametrize("name", EQUATIONS)
def test_equations_are_those_of_the_code(name: str, setting: Setting) -> None:
    for seed in range(25):
        code, text = World(seed, setting), World(seed, setting)
        function = getattr(population if name == "start" else arrays, name)
        expected = SPECIAL[name](code) if name in SPECIAL else code.run_code(function)
        text.numbers |= {number: code.numbers[number] for number in ("accepted", "rate")}
        taken = BESIDE | set(inspect.signature(getattr(function, "py_func", function)).parameters)
        found = text.run_text(EQUATIONS[name]["text"], EQUATIONS[name]["result"], taken)
        code.same(text)
        if EQUATIONS[name]["result"]:
            np.testing.assert_allclose(np.array(found, float), np.array(expected, float), rtol=1e-12, atol=1e-12)
        else:
            assert expected is None


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_are_those_of_the_code(name: str) -> None:
    found, luck = OPERATORS[name], np.random.default_rng(1)
    known = {"sqrt": np.sqrt, **{operator: getattr(dynamics, operator) for operator in OPERATORS if operator != name}}
    arguments = found["arguments"].split(", ")
    for _ in range(20):
        given = dict(zip(arguments, luck.uniform(-1, 1, len(arguments)).tolist(), strict=True))
        printed = eval(as_python(found["formula"]), {**known, **given})  # noqa: S307
        assert printed == pytest.approx(getattr(dynamics, name)(*given.values()), rel=1e-12)


def test_every_equation_is_described() -> None:
    written = {
        name
        for name, function in vars(dynamics).items()
        if hasattr(function, "py_func") and function.py_func.__module__ == dynamics.__name__
    }
    assert written == set(OPERATORS) | (set(EQUATIONS) - {"start"}) | IN_WORDS | DEVICES


def test_every_parameter_is_used_in_the_description() -> None:
    words = set(re.findall(r"\w+", page("ODD.md").split("## 8.")[0] + page("interventions.md")))
    assert {name for name, entry in PARAMETERS.items() if not {name, entry.field} & words} == set()


def test_every_figure_of_the_network_is_described() -> None:
    section = page("sweeps.md").split("### The network of a class")[1].split("##")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert tuple(re.findall(r"`(\w+)`", " ".join(cells))) == CLASS_VARIABLES


# --- Examples ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [p for p in (README, *PAGES) if fences(p, "python")], ids=lambda p: p.name)
def test_python_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one page run one after another, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "example"}
    for example in fences(path, "python"):
        exec(compile(example, path.name, "exec"), names)  # noqa: S102


# Example: name, target, weeks, whether it is compiled.
EXAMPLES = {
    0: ("morning-greeting", "lowest closeness", 10, True),
    2: ("themes", None, 3, False),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_interventions_of_the_examples_keep_the_contract(example: int, tmp_path: Path) -> None:
    name, target, weeks, is_compiled = EXAMPLES[example]
    plugin = tmp_path / "example.py"
    plugin.write_text(fences(DOCS / "interventions.md", "python")[example], encoding="utf-8")
    assert load_plugin(plugin) == (name,)
    assert REGISTRY[name].weeks == weeks
    assert REGISTRY[name].is_compiled() == is_compiled
    choice = {"name": name, "target": target}
    year = twins(small(weeks=4, interventions=[choice]))
    chosen = list(year.with_.chosen[0])
    assert len(chosen) == (1 if target else 6)
    gain = year.with_.children["closeness"][-1, chosen] - year.without.children["closeness"][-1, chosen]
    assert gain.mean() > 0
    assert (year.with_.contacts["setting"] == Setting.SESSION).any() == (name == "morning-greeting")
    idle = twins(small(weeks=4, interventions=[{**choice, "fidelity": 0.0}]))
    assert differences(idle.without, idle.with_) == {}
    state = draw_class(small(weeks=14))
    before = state.copy()
    programme = REGISTRY[name](small(interventions=[choice]).interventions[0].aim())
    programme.initialize(state)
    for day in range(1, 71):
        arrays.clear_levers(state.children, state.teacher)
        programme.apply(state, day)
        changed = {name for name in state.children.dtype.names if (state.children[name] != before.children[name]).any()}
        assert changed <= set(fields(CHILD, "lever"))
        assert bool(changed) == (day <= 5 * weeks)


def test_parts_of_a_plan_fit_into_the_one_of_the_page(tmp_path: Path) -> None:
    (whole,) = fences(OF_PLANS, "TOML")
    parts = fences(OF_PLANS, "toml")
    assert len(parts) == 3
    for part in map(tomllib.loads, parts):
        (tmp_path / "plan.toml").write_text(as_toml({**tomllib.loads(whole), **part}), encoding="utf-8")
        plan, _folder = load_plan(tmp_path / "plan.toml")
        assert part.keys() <= plan.model_fields_set


@pytest.mark.parametrize("path", [p for p in PAGES if fences(p, "toml") and p != OF_PLANS], ids=lambda p: p.name)
def test_toml_examples_are_scenarios_or_lessons(path: Path, tmp_path: Path) -> None:
    for example in fences(path, "toml"):
        data = tomllib.loads(example)
        if "step" in data:
            assert validated(data).minutes > 0
            continue
        spec = data.get("class", {})
        if "list" in spec:  # the page has the list and the nominations, and says what proposes the mapping
            for name, content in zip((spec["list"], spec["nominations"]), fences(path, "csv"), strict=True):
                (tmp_path / name).write_text(content, encoding="utf-8")
            (tmp_path / spec["mapping"]).write_text(propose_mapping(tmp_path / spec["list"]), encoding="utf-8")
        parse(data, path.name, folder=tmp_path)


@pytest.mark.parametrize("name", ["classlists.md", "klaslijsten.md"])
def test_class_lists_of_the_examples_are_read(name: str, tmp_path: Path) -> None:
    children, nominations = tmp_path / "class.csv", tmp_path / "nominations.csv"
    for path, example in zip((children, nominations), fences(DOCS / name, "csv"), strict=True):
        path.write_text(example, encoding="utf-8")
    found = read_class_list(children, nominations)
    assert [child.name for child in found.children] == ["Amira", "Bram", "Daan", "03-17"]
    assert found.children[0].closeness == 4.9
    assert found.children[3].sex is None
    assert [tie.kind for tie in found.nominations] == ["like", "dislike", "like"]


@pytest.mark.parametrize("name", ["classlists.md", "klaslijsten.md"])
def test_lists_of_other_systems_are_read_as_they_are(name: str, tmp_path: Path) -> None:
    lists = [example for example in fences(DOCS / name, "text") if "[columns]" not in example]
    assert len(lists) >= 3
    for example in lists:
        (tmp_path / "class.csv").write_text(example, encoding="utf-8")
        found = read_class_list(tmp_path / "class.csv")
        assert [child.sex for child in found.children] in (["girl", "boy"], ["boy", "girl"])
        assert any("sdq" in field for _, field in found.read_as) == all(
            c.sdq_conduct is not None for c in found.children
        )


@pytest.mark.parametrize("name", ["classlists.md", "klaslijsten.md"])
def test_the_mapping_of_the_example_is_read(name: str, tmp_path: Path) -> None:
    (mapping,) = (example for example in fences(DOCS / name, "text") if "[columns]" in example)
    (tmp_path / "my.toml").write_text(mapping, encoding="utf-8")
    assert read_mapping(tmp_path / "my.toml").school_year == 2026


# --- Evidence ----------------------------------------------------------------------------------------

ROWS = set(ROW.findall(page("evidence.md")))


def test_the_evidence_table_has_trust_and_role_for_every_row() -> None:
    assert len(ROWS) > 40
    for line in filter(ROW.match, page("evidence.md").splitlines()):
        _, source, finding, trust, role = (cell.strip() for cell in line.strip("|").split("|"))
        assert source
        assert finding
        assert re.search(r"\b[ABC]\b", trust), line
        assert re.match(r"fit|pattern|prior|range", role), line
        if re.search(r"\bC\b", trust):
            assert "never shown as published" in trust, line
            assert role == "prior", line


@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "sim").rglob("*.py")),
        *sorted((ROOT / "experiments").rglob("*.py")),
        *PAGES,
    ],
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_every_id_that_is_cited_is_in_the_evidence_table(path: Path) -> None:
    assert set(CITED.findall(path.read_text("utf-8"))) - ROWS == set()


@pytest.mark.parametrize("entry", PARAMETERS.values(), ids=lambda entry: entry.name)
def test_sources_of_parameters_are_in_the_evidence_table(entry: Any) -> None:
    assert set(filter(None, re.split(r",\s*", entry.source))) <= ROWS


def test_sources_of_the_population_are_in_the_evidence_table() -> None:
    sources = {m.source for m in (*population.MARGINALS.values(), *population.TEACHER_MARGINALS.values())}
    assert sources - {""} <= ROWS


# --- Links -------------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """Anchors of the headings of a page, as code hosts make them."""
    text = FENCE.sub("", path.read_text("utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", [*PAGES, *ROOT.glob("*.md")], ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text("utf-8"))
    for link in (*LINK.findall(text), *IMAGE.findall(text)):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        goal = (path.parent / file) if file else path
        assert goal.exists(), link
        if anchor and goal.suffix == ".md":
            assert anchor in anchors(goal), link


def test_every_page_is_in_the_index_once_and_the_front_page_leads_there() -> None:
    links = re.findall(r"^\| \[[^\]]+\]\(([^)]+)\) \| .+ \| .+ \|$", page("index.md"), re.MULTILINE)
    pages = {path.relative_to(DOCS).as_posix() for path in PAGES if path.parent.name != "reference"} - {"index.md"}
    assert sorted(links) == sorted(["../README.md", "reference/index.md", *pages])
    assert "docs/index.md" in LINK.findall(README.read_text("utf-8"))


NOT_THERE = {"experiments/example.py"}
"""A file that the reader is told to write."""


@pytest.mark.parametrize("path", [README, *PAGES], ids=lambda p: p.name)
def test_files_that_are_named_are_there(path: Path) -> None:
    named = re.findall(r"`((?:benchmarks|docs|experiments|scripts|sim|tests)/[\w./-]*)`", path.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists() and name not in NOT_THERE] == []


@pytest.mark.parametrize("path", [README, *PAGES], ids=lambda p: p.name)
def test_names_of_modules_are_there(path: Path) -> None:
    for name in re.findall(r"`(sim(?:\.[a-z_]\w*)+)(?=[.`])", path.read_text("utf-8")):
        assert importlib.util.find_spec(name) is not None, name
