"""Numbers in README and documentation that follow from the code, or from what was measured in one place."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.cli import study, sweep
from sim.cli.commands import app
from sim.dashboard.answers import crowd, years
from sim.dashboard.choices import LARGEST_SEED, VERSION, VIEWS, Choices, HeatMap
from sim.dashboard.desk import DEADLINE
from sim.dashboard.settings import SETTINGS
from sim.dashboard.web import connections, routes
from sim.dashboard.web.server import LARGEST_MESSAGE, PING, PONG
from sim.files.classlist import LARGEST_CLASS, LARGEST_FILE
from sim.files.language import catalogue
from sim.scenario import DEFAULT, load, shipped
from sim.studies.report import PROJECT
from sim.sweeps.sweep import Sweep

ROOT = Path(__file__).resolve().parents[1]
WORDS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)


def text(name: str) -> str:
    """A file on one line."""
    return " ".join((ROOT / name).read_text("utf-8").split())


def numbers(pattern: str, page: str) -> list[float]:
    """Numbers that stand in a page, in words or in figures; each pattern has one place for a number."""
    found = re.findall(pattern, text(page))
    assert found, f"{page}: nothing reads like {pattern!r}"
    return [WORDS.index(word.lower()) if word.isalpha() else float(word.replace(",", "")) for word in found]


def setting(key: str) -> float:
    """A setting of the dashboard's server, in seconds."""
    return next(float(value.rstrip("s")) for _section, name, value in SETTINGS if name == key)


def views_beside_the_story() -> int:
    """Views of the dashboard, without the first one and the visitor's own class."""
    return len(VIEWS.keys() - {"story", "own"})


NUMBERS: list[tuple[str, str, Callable[[], float]]] = [
    ("README.md", r"\((\w+) scenarios\)", lambda: len(shipped())),
    ("README.md", r"(\w+) views beside it", views_beside_the_story),
    ("README.md", r"with (\d+) pairs behind them", lambda: crowd.PAIRS),
    ("README.md", r"A teacher and some (\d+) children", lambda: len(load(DEFAULT).classroom.rows())),
    ("README.md", r"a school year of (\d+) children", lambda: len(load(DEFAULT).classroom.rows())),
    ("docs/dashboard.md", r"`v=(\d+)` is the version of links", lambda: float(VERSION)),
    ("docs/dashboard.md", r"class and luck, 0 to ([\d,]+)", lambda: LARGEST_SEED),
    ("docs/dashboard.md", r"A message may have (\d+) MB", lambda: LARGEST_MESSAGE / 1024**2),
    ("docs/dashboard.md", r"a class list has (\d+) MB at most", lambda: LARGEST_FILE / 1e6),
    ("docs/dashboard.md", r"MB at most, and (\d+) children", lambda: LARGEST_CLASS),
    ("docs/dashboard.md", r"forgotten (\d+) s after the connection", lambda: setting("cull_timeout")),
    ("docs/dashboard.md", r"it is tested every (\d+) s", lambda: PING),
    ("docs/dashboard.md", r"has (\d+) s to answer", lambda: PONG),
    ("docs/dashboard.md", r"comes no further for (\d+) s", lambda: DEADLINE),
    ("docs/dashboard.md", r"asks nothing whole in (\d+) s", lambda: connections.HEAD),
    ("docs/dashboard.md", r"is not taken in (\d+) s", lambda: connections.WHOLE),
    ("docs/dashboard.md", r"room for (\d+) connections", lambda: connections.MOST),
    ("docs/dashboard.md", r"of which (\d+) from one other computer", lambda: connections.MOST_OF_ONE),
    ("docs/dashboard.md", r"for (\d+) open pages", lambda: routes.MOST_SESSIONS),
    ("docs/dashboard.md", r"of which (\d+) from one browser", lambda: routes.MOST_TABS),
    ("docs/dashboard.md", r"(\d+) pairs of classes", lambda: crowd.PAIRS),
    ("docs/dashboard.md", r"means of (\d+) pairs", lambda: years.PAIRS),
    ("docs/dashboard.md", r"an emotional support of (\.\d+)", lambda: float(years.SUPPORT)),
]


@pytest.mark.parametrize(("page", "pattern", "counted"), NUMBERS, ids=[pattern for _, pattern, _ in NUMBERS])
def test_numbers_are_those_of_the_code(page: str, pattern: str, counted: Callable[[], float]) -> None:
    assert set(numbers(pattern, page)) == {counted()}


def test_versions_of_python_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    known = re.findall(r":: (3\.\d+)", " ".join(project["classifiers"]))
    (said,) = re.findall(r"You need Python ([\d., or]+\d)", text("README.md"))
    assert re.split(r", | or ", said) == known
    assert project["requires-python"] == f">={known[0]}"


# --- The dashboard's page ----------------------------------------------------------------------------


def test_options_of_the_dashboard_are_those_of_the_command() -> None:
    command = typer.main.get_command(app).commands["app"]  # type: ignore[attr-defined]
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    table = set(re.findall(r"^\| `(--[\w-]+)", (ROOT / "docs" / "dashboard.md").read_text("utf-8"), re.MULTILINE))
    assert table <= options
    assert options - table <= {"--browser", "--help"}
    port = next(option for option in command.params if option.name == "port")
    assert set(numbers(r"port to listen on; (\d+) without it", "docs/dashboard.md")) == {port.default}


def test_keys_of_links_are_those_of_the_code() -> None:
    page = (ROOT / "docs" / "dashboard.md").read_text("utf-8")
    rows = page.split("| key | value |\n")[1].split("\n\n")[0].splitlines()[1:]
    told = {key for row in rows for key in re.findall(r"`(\w+)`", row.split("|")[1])}
    of_the_map = {*HeatMap.model_fields, "outcome", "whose", "shown"}
    assert told - of_the_map == set(Choices.model_fields) - of_the_map
    (views,) = [row for row in rows if row.startswith("| `view`")]
    assert re.findall(r"`(\w+)`", views)[1:] == list(VIEWS)


# --- What was measured -------------------------------------------------------------------------------

MEASURED = (ROOT / "docs" / "performance.md").read_text("utf-8")
ORDERS = {100: ("a hundred", "honderd"), 1000: ("a thousand", "duizend")}
"""How orders of magnitude are called."""


def measured(what: str, column: int = 1) -> float:
    """A figure of the tables of what was measured."""
    (row,) = re.findall(rf"^\| {re.escape(what)} \|.*$", MEASURED, re.MULTILINE)
    return float(row.split("|")[1 + column].replace(",", ""))


def test_agent_by_agent_is_as_slow_everywhere_as_it_was_measured() -> None:
    ratios = [measured(f"times as fast as agent by agent, {cores}") for cores in ("one core", "all cores")]
    order = max(size for size in ORDERS if size <= min(ratios))
    assert max(ratios) < 10 * order
    english, dutch = ORDERS[order]
    places = (inspect.getsource(sweep.announce), text("docs/sweeps.md"), str(Sweep.agent_by_agent.__doc__))
    for place in places:
        assert f"more than {english} times as" in place
        assert not any(f"{other} times" in place for size, (other, _) in ORDERS.items() if size != order)
    assert f"meer dan {dutch} keer" in " ".join(catalogue("nl").read_text("utf-8").replace('"\n"', "").split())


def test_what_is_told_of_the_rates_fits_the_tables() -> None:
    rate, parts = measured("compiled, without the drawing"), measured("all")
    assert set(numbers(r"when the year runs as a whole \((\d+) class-years", "docs/performance.md")) == {rate}
    (day,) = numbers(r"come to more than the (\d+) µs", "docs/performance.md")
    assert day == round(1e6 / rate / load(DEFAULT).calendar().days)
    assert day < parts < 2.0 * day
    (bids,) = numbers(r"A class-day has (\d+) bids", "docs/performance.md")
    assert set(numbers(r"Putting some (\d+) times in order", "docs/performance.md")) == {round(bids, -1)}
    (compiling,) = numbers(r"First result where nothing is compiled yet: (\d+) s", "docs/performance.md")
    assert 20 <= compiling <= 60, "README, the dashboard's pages and the command line say: up to a minute"
    assert measured("compiled, one core") > 10.0, "README says of a school year: a fraction of a second"


def test_all_studies_take_as_long_everywhere_as_they_took() -> None:
    minutes = json.loads(PROJECT.facts.read_text("utf-8"))["seconds"] / 60.0
    assert 43 <= minutes <= 57, "the pages say: fifty minutes"
    for place in (text("README.md"), text("docs/studies.md"), text("Makefile"), str(study.study_all.__doc__)):
        assert place.count("minutes of one core") == place.count("fifty minutes of one core") > 0


def test_budgets_of_the_dashboard_are_those_that_it_is_measured_against() -> None:
    source = (ROOT / "benchmarks" / "dashboard" / "__main__.py").read_text("utf-8")
    aimed_at = {float(budget) for budget in re.findall(r'Figure\(.*"(?:ms|KB|s|)", ([\d.]+)', source)}
    page = (
        (ROOT / "docs" / "dashboard.md").read_text("utf-8").split("| what | measured | budget |\n")[1].split("\n\n")[0]
    )
    told = [row.split("|")[3].strip().replace("a minute", "60") for row in page.splitlines()[1:]]
    assert {float(budget.split()[0]) for budget in told if budget} == aimed_at
