"""For which children an intervention is meant: by name, or by a rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim import dynamics
from sim.compiled import compiled, kernel
from sim.files.names import as_spelled
from sim.state import ClassState, Records

__all__ = ["EVERYONE", "NAMED", "RULES", "Target", "choose"]

RULES = (
    "highest conflict",
    "lowest closeness",
    "highest aggression",
    "highest externalizing",
    "lowest acceptance",
    "lowest security",
)
CONFLICT, CLOSENESS, AGGRESSION, EXTERNALIZING, ACCEPTANCE, SECURITY = range(len(RULES))
NAMED, EVERYONE = -1, -2
"""In place of a rule: the children who are named, and all children."""


@compiled
def place_by(rule: int, children: Records, liking: Records, i: int) -> float:
    """What a rule sorts child `i` by, smallest first."""
    child = children[i]
    if rule == CONFLICT:
        return -child.conflict
    if rule == CLOSENESS:
        return child.closeness
    if rule == AGGRESSION:
        return -child.aggression
    if rule == EXTERNALIZING:
        return -child.externalizing
    if rule == ACCEPTANCE:
        return dynamics.acceptance(liking, i)
    return child.security


@kernel
def choose(children: Records, liking: Records, rule: int, count: int, named: Records, chosen: Records) -> None:
    """Fill `chosen` with numbers of children, then -1; of children who are equal by a rule, the earlier come first."""
    n = children.shape[0]
    for place in range(n):
        chosen[place] = named[place] if rule == NAMED else -1
    if rule == NAMED:
        return
    if rule == EVERYONE:
        for i in range(n):
            chosen[i] = i
    else:
        for place in range(min(count, n)):
            best, least = -1, np.inf
            for i in range(n):
                taken = False
                for earlier in range(place):
                    taken = taken or chosen[earlier] == i
                by = place_by(rule, children, liking, i)
                if not taken and (best < 0 or by < least):
                    best, least = i, by
            chosen[place] = best


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

    @property
    def code(self) -> int:
        """The rule as a number: its place in `RULES`, `NAMED` or `EVERYONE`."""
        if self.names:
            return NAMED
        return EVERYONE if self.rule is None else RULES.index(self.rule)

    def numbers_of_named(self, names: tuple[str, ...]) -> Records:
        """Numbers of the children who are named, then -1; shape (n,)."""
        numbers = np.full(len(names), -1)
        chosen = list(dict.fromkeys(names.index(as_spelled(name, names) or name) for name in self.names))
        numbers[: len(chosen)] = chosen
        return numbers

    def choose(self, state: ClassState) -> tuple[int, ...]:
        """Numbers of the chosen children."""
        chosen = np.empty(len(state.names), np.int64)
        choose(state.children, state.liking, self.code, self.count, self.numbers_of_named(state.names), chosen)
        return tuple(int(child) for child in chosen if child >= 0)
