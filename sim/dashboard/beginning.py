"""What a change makes of the first day, before a year is played: where child and teacher stand, and how sharp they are.

Nothing of this is the future: it is the class on the evening before the first day, and what the equations make of it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sim.dashboard.choices import BEGINNING, TEACHER, has_names, pair_of
from sim.dashboard.picture import STATES, key_of
from sim.population import draw_class
from sim.state import Setting, to_item_mean

if TYPE_CHECKING:
    from sim.dashboard.choices import Choices, Pair
    from sim.dashboard.picture import Key
    from sim.files.classlist import ClassList
    from sim.state import ClassState

__all__ = ["beginning", "first_day"]


def beginning(choices: Choices, pair: Pair, child: int, roster: ClassList | None = None) -> dict[str, Any] | None:
    """Tell how the first day is, and how it was before the visitor changed teacher, children or parameters.

    Parameters
    ----------
    choices
        What the visitor chose.
    pair, child
        The two classes that it makes, and the number of the followed child.
    roster
        The visitor's own class, if there is one.

    Returns
    -------
    dict or None
        ``was`` and ``now`` (`first_day`), and ``closeness``: what it was for each child, 1 to 5. None where nothing is
        changed of the first day, or there are other children now.
    """
    nothing: dict[str, Any] = dict.fromkeys(TEACHER) | dict.fromkeys((*BEGINNING, "factors"), ())
    unchanged = choices.model_copy(update=nothing)
    if unchanged == choices:
        return None
    both = pair_of(unchanged, roster), pair
    before, after = (
        draw_class(one) if has_names(choices) else drawn(key_of(one))
        for one in (pair.with_ or pair.without for pair in both)
    )
    if before.names != after.names:
        return None
    return {
        "was": first_day(before, child),
        "now": first_day(after, child),
        "closeness": [round(to_item_mean(float(one)), 4) for one in before.children["closeness"]],
    }


@lru_cache(maxsize=128)
def drawn(key: Key) -> ClassState:
    """Keep classes that are nobody's own."""
    return draw_class(key.scenario)


def first_day(state: ClassState, child: int) -> dict[str, float]:
    """Tell of a child on the first day, in neither a good nor a bad mood.

    Returns
    -------
    dict
        `STATES`, 1 to 5; ``sharp_act``: chance that the child is sharp when it is to work; ``sharp_answer``: chance
        that the teacher is sharp when the child has been, both 0 to 1.
    """
    from sim.engine.equations import in_force

    d, p = in_force(state.mechanism), state.parameters.record()
    child_, teacher = (state.children, child), (state.teacher,)
    seen = d.teacher_perceives(*child_, *teacher, d.hostile_tone(0.0, False, p), p)
    states = {name: round(to_item_mean(float(state.children[name][child])), 3) for name in STATES}
    return states | {
        "sharp_act": round(float(d.chance(d.child_push(*child_, *teacher, int(Setting.TASK), p))), 4),
        "sharp_answer": round(float(d.chance(d.teacher_push(*child_, *teacher, seen, int(Setting.TASK), p))), 4),
    }
