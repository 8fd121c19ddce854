"""What holds for all tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from sim.interventions import REGISTRY, Intervention

# How long an example takes says more about the machine than about the code.
settings.register_profile("spiraal", deadline=None)
settings.load_profile("spiraal")


@pytest.fixture
def registry() -> Iterator[dict[str, type[Intervention]]]:
    """The interventions; what a test registers is gone afterwards."""
    before = dict(REGISTRY)
    yield REGISTRY
    REGISTRY.clear()
    REGISTRY.update(before)


# Files whose tests run whole programs, clusters, kills, thousands of classes or many figures: `make check` leaves them
# out, `make test` does not.
SLOW = {
    *("analysis", "cli", "cluster", "commands", "design", "docs", "dyad", "fingerprint", "heat", "parcel", "parity"),
    *("plots", "results", "same_luck", "sensitivity", "story_texts", "studies", "survival", "sweep", "verdict"),
    "yardstick",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem.removeprefix("test_") in SLOW or item.path.parent.name == "browser":
            item.add_marker(pytest.mark.slow)
