"""What holds for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import scipy.linalg  # noqa: F401 - which has threads of its own, beside those of numpy
from hypothesis import settings
from threadpoolctl import threadpool_limits

from sim.interventions import REGISTRY, Intervention
from sim.mechanisms import MECHANISMS

# How long an example takes says more about the machine than about the code.
settings.register_profile("spiraal", deadline=None)
settings.load_profile("spiraal")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tests run side by side, one a core: threads of linear algebra would wait for each other, for long."""
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def registry() -> Iterator[dict[str, type[Intervention]]]:
    """The interventions; what a test registers, or a command that it runs here, is gone afterwards: mechanisms too."""
    before, mechanisms = dict(REGISTRY), dict(MECHANISMS)
    yield REGISTRY
    for known, then in ((REGISTRY, before), (MECHANISMS, mechanisms)):
        known.clear()
        known.update(then)


# Files whose tests run whole programs, clusters, kills, thousands of classes or many figures: `make check` leaves them
# out, `make test` does not.
SLOW = {
    "analysis",
    "cli",
    "cluster",
    "commands",
    "design",
    "discovery",
    "docs",
    "dyad",
    "effects",
    "example_runs",
    "export",
    "fingerprint",
    "fonts",
    "fuzz",
    "heat",
    "lasting",
    "mechanisms",
    "nominations",
    "own_ratings",
    "parcel",
    "parity",
    "plots",
    "power",
    "processes",
    "questions",
    "results",
    "same_luck",
    "scenario_lists",
    "sensitivity",
    "site",
    "story_texts",
    "studies",
    "survival",
    "sweep",
    "sweep_dyads",
    "sweep_sources",
    "sweep_years",
    "tipping",
    "trust",
    "tutorials",
    "verdict",
    "yardstick",
}


def is_slow(path: Path) -> bool:
    return path.stem.removeprefix("test_") in SLOW or path.parent.name == "browser"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is left out need not even be read."""
    left_out = config.option.markexpr == "not slow" and collection_path.suffix == ".py" and is_slow(collection_path)
    return True if left_out else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell what is slow; what takes minutes comes first, lest one process is left with it at the end."""
    items.sort(key=lambda item: item.path.stem != "test_worlds")
    for item in items:
        if is_slow(item.path):
            item.add_marker(pytest.mark.slow)
