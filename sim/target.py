"""For which children an intervention is meant: by name, or by a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.peers import acceptance_of_all
from sim.state import ClassState, Records

__all__ = ["RULES", "Target"]

# Rule -> what it sorts by, smallest first.
RULES: dict[str, Callable[[ClassState], Records]] = {
    "highest conflict": lambda state: -state.children["conflict"],
    "lowest closeness": lambda state: state.children["closeness"],
    "highest aggression": lambda state: -state.children["aggression"],
    "highest externalizing": lambda state: -state.children["externalizing"],
    "lowest acceptance": lambda state: acceptance_of_all(state.liking),
    "lowest security": lambda state: state.children["security"],
}


@dataclass(frozen=True)
class Target:
    """Children by `names`, or the `count` children that come first by `rule`; all children without either.

    A rule looks at the class on the morning on which the intervention begins.
    """

    names: tuple[str, ...] = ()
    rule: str | None = None
    count: int = 1

    def __str__(self) -> str:
        if self.names:
            return ", ".join(self.names)
        return f"{self.rule} ({self.count})" if self.rule else "all children"

    def choose(self, state: ClassState) -> tuple[int, ...]:
        """Numbers of the chosen children."""
        if self.names:
            return tuple(state.names.index(name) for name in self.names)
        if self.rule is None:
            return tuple(range(len(state.names)))
        order = np.argsort(RULES[self.rule](state), kind="stable")
        return tuple(int(child) for child in order[: self.count])
