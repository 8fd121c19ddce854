"""One study in many plausible worlds (`sim.worlds`): what holds in all of them, and what hangs on what is not known.

In each world the study is done once, with all children who would take part in many classes, so that hardly any luck is
left; the classes have the same luck in all worlds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from sim.run import cores
from sim.state import Records
from sim.studies.study import Claim, Estimate, Study
from sim.studies.verdict import LARGE, attempt, draw
from sim.worlds import plausible

__all__ = ["QUANTILES", "ClaimInWorlds", "estimates", "in_worlds"]

QUANTILES = (0.05, 0.5, 0.95)
"""Of what worlds show: between the first and the last lie nine in ten."""


@dataclass(frozen=True)
class ClaimInWorlds:
    """What worlds show of one claim.

    Attributes
    ----------
    claim
        What was published.
    found
        What a large sample finds in each world, shape (worlds,), the values in use first; nan where it finds nothing.
    """

    claim: Claim
    found: Records

    @property
    def known(self) -> Records:
        """Values of the worlds in which there is one."""
        return self.found[np.isfinite(self.found)]

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The `QUANTILES` of the worlds; nan where no world has a value."""
        if not self.known.size:
            return (np.nan,) * len(QUANTILES)
        return tuple(float(x) for x in np.quantile(self.known, QUANTILES))

    @property
    def right(self) -> int | None:
        """In how many worlds it has the published sign; None where none was published."""
        return int((np.sign(self.known) == self.claim.direction).sum()) if self.claim.direction else None


def estimates(study: Study, parameters: Mapping[str, float], classes: int) -> dict[str, Estimate]:
    """What a study finds with all children of so many classes; nothing where its analysis fails."""
    source = study.cohort(classes, parameters)
    return attempt(study.analyse, draw(study, source, LARGE, large=True), errors=Counter())


def in_worlds(
    study: Study,
    worlds: Sequence[int],
    classes: int,
    progress: Callable[[int], object] = lambda _done: None,
) -> list[ClaimInWorlds]:
    """Ask a study in several worlds, on all cores.

    Parameters
    ----------
    study
        What is asked.
    worlds
        Their numbers.
    classes
        From how many classes all children take part.
    progress
        Is told how many worlds are done.
    """
    found = []
    with ThreadPoolExecutor(cores()) as threads:
        for done in threads.map(lambda world: estimates(study, plausible().values(world), classes), worlds):
            found.append(done)
            progress(len(found))
    nothing = Estimate(np.nan)
    return [
        ClaimInWorlds(claim, np.array([world.get(claim.name, nothing).value for world in found]))
        for claim in study.claims
    ]
