"""Many pairs of classes: the fan beside the twins, how large the difference is, and what was published of it.

They differ by luck, or by the plausible world that they are in (`sim.worlds`): what luck leaves open, and what the
published facts leave open. Pairs are computed a few at a time, on all cores, and the fan grows with them. Of shipped
classes they are kept, for all visitors; of a visitor's own class nothing is.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from sim.dashboard.choices import OWN, Varied
from sim.dashboard.desk import Refused
from sim.dashboard.picture import key_of
from sim.files.language import _
from sim.files.packaged import packaged
from sim.run import agent_by_agent, cores
from sim.scenario import Scenario
from sim.worlds import plausible
from sim.year.in_worlds import world_pairs
from sim.year.pairs import COMPARED, Effect, Fan, Pairs, children_compared, fan, is_drawn, join_pairs, pairs, unlike

if TYPE_CHECKING:
    from sim.dashboard.choices import Pair
    from sim.dashboard.desk import Question
    from sim.dashboard.picture import Key
    from sim.state import Records

__all__ = ["BATCH", "PAIRS", "answer", "batches", "comparable", "growing", "refuse_slow", "rounded", "whom"]

Part = TypeVar("Part")

PAIRS: Final = 200
"""Pairs of classes in a finished fan."""

BATCH: Final = 8
"""Pairs that are computed at a time: as many classes as run side by side (`sim.engine.lanes.WIDTH`)."""

GROWTH: Final = 5
"""Batches after which the fan is drawn anew; it is drawn for the first time after one."""

THREADS: Final = cores()
"""Batches that are computed at a time, for all visitors together."""

SINGLE: Final = 6
"""Pairs that are shown one by one."""

WORKERS: Final = ThreadPoolExecutor(THREADS, thread_name_prefix="pairs")


class Wanted(BaseModel):
    """What the browser asks for: pairs with other luck, or this pair in all plausible worlds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    vary: Varied = "luck"


class Trial(NamedTuple):
    """What was published of an intervention that can stand beside a difference between twins.

    Attributes
    ----------
    study
        Name of the repeated study in ``validation.json``.
    weeks
        Weeks from the start of the programme to the occasion of the claims.
    claims
        Name of the claim for each measure; None where the study has the measure on another scale only.
    """

    study: str
    weeks: int
    claims: Mapping[str, str | None]


TRIALS: Final = {
    "samen-spel": Trial(
        "vancraeyveldt_2015",
        6,
        {"conflict": "size: conflict mid", "closeness": "size: closeness mid", "aggression": None},
    ),
    "banking-time": Trial("williford_2017", 7, {"closeness": "closeness", "aggression": None}),
    "llinc": Trial("spilt_2012", 10, {"closeness": "closeness later", "conflict": "conflict later"}),
    "support-coaching": Trial("incredible_years", 27, {"aggression": None}),
}
"""Trials by intervention. Instead of aggression they report conduct problems, which have a scale of their own."""


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Compare many pairs of classes.

    Each item has ``vary`` (see `Wanted`), ``count`` and ``of`` (pairs that are there, and that will be), ``about``
    (``"child"``: the followed one; ``"chosen"``: those for whom the intervention is; ``"number"``: one of the same
    number in each class), and ``measures``, each with

    - ``mean``, ``quantiles`` (`sim.year.pairs.LEVELS`) and ``single`` (some pairs), a number a week;
    - ``lower`` and ``higher``: in how many pairs the right class is visibly so, a number a week;
    - ``end``: the effect at the end of the year, as ``size``, ``low`` and ``high``: of many pairs with other luck the
      mean and its 95 % interval, of plausible worlds the median and what nine in ten lie between;
    - ``published``: see `published`.
    """
    left, right = comparable(question.pair)
    try:
        vary = Wanted.model_validate(dict(question.details)).vary
    except ValidationError:
        raise Refused(_("These pairs of classes cannot be compared.")) from None
    kept = fan_of(key_of(left), key_of(right), vary) if question.choices.scenario != OWN else {}
    compare = partial(pairs if vary == "luck" else world_pairs, left, right)

    def told(found: Sequence[Pairs]) -> Mapping[str, Any]:
        return describe(join_pairs(found), left, right, question.child, vary)

    yield from growing(compare, total(vary), kept, told)


def comparable(pair: Pair) -> tuple[Scenario, Scenario]:
    """Give the two classes, or refuse what cannot be compared in many pairs."""
    left, right = pair
    if right is None:
        raise Refused(_("Switch on an intervention: then there is a second class to compare with."))
    refuse_slow(left, right)
    if unlike(left, right):
        raise Refused(_("These two classes cannot have the same luck: they differ in size, calendar or number."))
    return left, right


def refuse_slow(*scenarios: Scenario) -> None:
    """Refuse scenarios of which many classes take too long."""
    if any(agent_by_agent(scenario) for scenario in scenarios):
        raise Refused(_("Many classes with this intervention take too long: it has no compiled form."))


def total(vary: Varied) -> int:
    """Give how many pairs a finished fan has."""
    return PAIRS if vary == "luck" else len(plausible())


def growing(
    compute: Callable[[range], Part],
    of: int,
    kept: dict[int, Part],
    tell: Callable[[Sequence[Part]], Mapping[str, Any]],
) -> Iterator[Mapping[str, Any]]:
    """Yield what there is to `tell` after each of the `batches`: anew after the first, every `GROWTH`, and the last."""
    found: list[Part] = []
    item: Mapping[str, Any] = {}
    last = math.ceil(of / BATCH)
    for batch in batches(compute, of, kept):
        found.append(batch)
        if len(found) in (1, last) or len(found) % GROWTH == 0:
            item = tell(found)
        yield item


def batches(compute: Callable[[range], Part], of: int, found: dict[int, Part]) -> Iterator[Part]:
    """Yield what is computed of classes 0 to `of`, some at a time, in order.

    Parameters
    ----------
    compute
        Runs classes of these numbers.
    of
        How many there will be.
    found
        What is there already, by the number of the first class; what is computed is put there.
    """

    def batch(first: int) -> Part:
        if first not in found:
            found[first] = compute(range(first, min(first + BATCH, of)))
        return found[first]

    waiting: deque[Future[Part]] = deque()
    try:
        for first in range(0, of, BATCH):
            waiting.append(WORKERS.submit(batch, first))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for one in waiting:
            one.cancel()


@lru_cache(maxsize=6)  # each of about 9 MB when it is finished
def fan_of(left: Key, right: Key, vary: Varied) -> dict[int, Pairs]:  # noqa: ARG001 - they tell whose it is
    """Keep what is computed of the pairs of two scenarios, by the number of the first pair; at first nothing."""
    return {}


def describe(found: Pairs, left: Scenario, right: Scenario, child: int, vary: Varied) -> dict[str, Any]:
    """Write what is found; see `answer`."""
    who, about = children_compared(found, right, child), whom(right, found.chosen)
    treated = bool((found.chosen | ~who).all())
    measures = {}
    for measure in COMPARED:
        one = fan(found, who, measure)
        measures[measure] = {
            "mean": rounded(one.mean),
            "quantiles": [rounded(level) for level in one.quantiles],
            "single": [rounded(pair) for pair in one.differences[1 : 1 + SINGLE]],
            "lower": one.visible(-1).tolist(),
            "higher": one.visible(1).tolist(),
            "end": effect_for_browser(one.effect() if vary == "luck" else one.effects()),
            "published": published_size(measure, one, left, right, vary, treated=treated),
        }
    return {"vary": vary, "count": len(found.numbers), "of": total(vary), "about": about, "measures": measures}


def whom(scenario: Scenario, chosen: Records) -> str:
    """Tell whom many classes are about, given which children were `chosen`; see `answer`."""
    return "child" if not is_drawn(scenario) else "chosen" if chosen.any() else "number"


def published_size(
    measure: str, one: Fan, left: Scenario, right: Scenario, vary: Varied = "luck", *, treated: bool
) -> dict[str, Any]:
    """Write what was published of a difference, where anything can stand beside it.

    A published size is only put beside these pairs where the two classes differ in one intervention, which is for the
    children concerned, and where it was found on the same scale. Then ``range`` holds it; ``source`` whose trial was
    repeated on simulated classes; ``repeated``: the sizes that such trials find (mean, central 95 %); ``week`` and
    ``then``: the effect in these pairs as many weeks after the start as in the trial. Where a trial only published the
    direction, ``direction`` has it and ``source`` where from. Otherwise ``why`` tells why there is nothing.
    """
    if len(right.interventions) != 1 or right.model_copy(update={"interventions": ()}) != left:
        return {"why": "several"}
    if not treated:
        return {"why": "others"}
    (choice,) = right.interventions
    trial = TRIALS.get(choice.name)
    name = trial and trial.claims.get(measure)
    if not trial or not name:
        return {"why": "scale" if trial and measure in trial.claims else "nothing"}
    study = studies()[trial.study]
    verdict = next(one for one in study["claims"] if one["claim"]["name"] == name)
    claim, week = verdict["claim"], choice.start_week + trial.weeks - 1
    if claim["between"] is None:
        return {"direction": claim["direction"], "source": study["source"]}
    if week > right.weeks:
        return {"why": "late"}
    return {
        "range": claim["between"],
        "source": study["source"],
        "repeated": {"size": verdict["mean"], "low": verdict["low"], "high": verdict["high"]},
        "week": week,
        "then": effect_for_browser(one.effect(week) if vary == "luck" else one.effects(week)),
    }


@cache
def studies() -> Mapping[str, Any]:
    """Read the repeated studies, by name."""
    facts = packaged("experiments") / "validation.json"
    found: dict[str, Any] = json.loads(facts.read_text(encoding="utf-8"))["studies"]
    return found


def effect_for_browser(effect: Effect) -> dict[str, float | None]:
    """Write an effect; None is "not defined"."""
    return {name: None if math.isnan(x) else round(x, 4) for name, x in effect._asdict().items()}


def rounded(values: Records | Sequence[float]) -> list[float]:
    """Write numbers with no more figures than a picture shows."""
    return [round(float(x), 4) for x in values]
