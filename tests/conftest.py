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
