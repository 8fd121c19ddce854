"""Experiments in which children see how a teacher treats a child whom they do not know.

The witnesses are children drawn from simulated classes, each with its own closeness to its own teacher, and each
assigned to an arm at random. Of the model only the equation of social referencing is at work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim.engine.equations import in_force
from sim.parameters import Parameters
from sim.state import CHILD_DTYPE, Records
from sim.studies.cohort import Cohort, Scene
from sim.studies.instruments import Instrument, Rating
from sim.studies.study import Sample, Study, measured, occasion

__all__ = ["PREFERENCE", "Film"]

FIRST_IMPRESSION = 0.35
"""Spread of liking between children who see somebody for the first time."""
PREFERENCE: Instrument = Rating(
    "preference",
    "Liking of the child in the film",
    "child",
    lambda scene: 0.5 * (1.0 + scene.liking[:, :, -1]),
    "one item of five steps; reliability assumed",
    items=1,
    mean=3.0,
    sd=0.8,
    reliability=0.7,
)


@dataclass(frozen=True)
class Film(Study):
    """A study of that kind.

    Its design has one wave, on which the film is shown. Rows of the table have the waves ``before`` and ``after`` the
    film. A sample has no scenes.

    Attributes
    ----------
    tones
        The teacher's tones towards the child in the film, in order, by arm.
    """

    tones: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def cohort(self, classes: int, parameters: Mapping[str, float] | None = None, first: int = 0) -> Cohort:
        """Simulate classes, and show all films to all children in them; the last child of a scene is the actor."""
        found = super().cohort(classes, parameters, first)
        (scene,) = found.scenes[""].values()
        population = self.design.population
        before = with_actor(scene, np.random.default_rng([population.seed, first]))
        p = Parameters({**population.parameters, **(parameters or {})}).record()
        impress = in_force(population.mechanism).impress
        scenes = {
            arm: {"before": before, "after": shown(before, tones, p, impress)} for arm, tones in self.tones.items()
        }
        return Cohort(scenes, found.chosen)

    def draw(self, source: Cohort, luck: np.random.Generator, *, large: bool = False, truth: bool = False) -> Sample:
        """One experiment: children of some classes, each in one of the arms."""
        import pandas as pd

        wanted = len(source) if large else self.design.classes
        if wanted > len(source):
            raise ValueError(f"classes: found {len(source)} in the cohort; the study needs {wanted}")
        here = luck.choice(len(source), wanted, replace=False)
        asked = luck.permutation(wanted * source.chosen.shape[1])[: None if large else self.design.children]
        where, who = np.divmod(asked, source.chosen.shape[1])
        arms, arm = list(self.tones), luck.permutation(np.arange(len(asked)) % len(self.tones))
        parts = []
        for wave in ("before", "after"):
            scenes = [source.scenes[name][wave].of(here) for name in arms]
            children = scenes[0].children[where, who]
            fixed = {"school": where, "classroom": where, "child": np.arange(len(asked)), "seat": who, "wave": wave}
            fixed |= {"arm": np.array(arms, dtype=object)[arm], "boy": children["sex"], "age": children["age"]}
            for instrument in self.design.instruments:
                seen = [measured(instrument, occasion(scene, luck), truth) for scene in scenes]
                fixed |= {name: np.stack([one[name] for one in seen])[arm, where, who] for name in seen[0]}
            parts.append(pd.DataFrame(fixed))
        return Sample(pd.concat(parts, ignore_index=True), {})


def with_actor(scene: Scene, luck: np.random.Generator) -> Scene:
    """Classes with the child actor as their last child, whom all have just seen for the first time."""
    c, n = scene.children.shape
    liking = np.zeros((c, n + 1, n + 1))
    liking[:, :n, n] = np.tanh(FIRST_IMPRESSION * luck.standard_normal((c, n)))
    children = np.concatenate([scene.children, np.zeros((c, 1), dtype=CHILD_DTYPE)], axis=1)
    return replace(scene, children=children, liking=liking)


def shown(before: Scene, tones: Sequence[float], p: Records, impress: Callable[..., None]) -> Scene:
    """The same classes after a film with these tones; `impress` is the equation that says what each one does."""
    liking = before.liking.copy()
    actor = liking.shape[1] - 1
    for of_class, children in zip(liking, before.children, strict=True):
        for tone in tones:
            impress(of_class, children, actor, tone, 1.0, p)
    return replace(before, liking=liking)
