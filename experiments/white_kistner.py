"""Teacher feedback and the liking of an unknown child: the five arms of White & Kistner (1992).

In the experiment (N = 149, kindergarten to grade 2) children saw a film in which a teacher gave feedback to a
child actor: neutral, positive, corrective, positive and corrective, or derogatory. Published: positive feedback
raised preference above neutral; of the negative arms only derogatory feedback lowered it. (Which tones count as
correction and which as derogation is an assumption of the model, so that this ordering is *built in*: it tests
that the mechanism does in the program what it does in the experiment.)

Here the witnesses are children drawn from the population, each with its own closeness to its teacher. Only the
equation of social referencing is at work. Besides one study of the published size, many are run, to show how
often a study of that size finds each contrast.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from sim import equations
from sim.parameters import Parameters
from sim.scenario import Scenario
from sim.state import CHILD_DTYPE, Records

CHILDREN = 149
STUDIES = 500
EXCHANGES = 4
"""Moments of feedback in the film."""
FIRST_IMPRESSION = 0.35
"""Spread of liking between children who see somebody for the first time."""
PRAISE, CORRECTION, DEROGATION = 0.7, -0.3, -0.8
ARMS: dict[str, tuple[float, ...]] = {
    "neutral": (0.0,) * EXCHANGES,
    "positive": (PRAISE,) * EXCHANGES,
    "corrective": (CORRECTION,) * EXCHANGES,
    "positive + corrective": (PRAISE, CORRECTION) * (EXCHANGES // 2),
    "derogatory": (DEROGATION,) * EXCHANGES,
}
CONTRASTS = (
    ("positive", "neutral", "higher"),
    ("positive + corrective", "corrective", "higher"),
    ("corrective", "neutral", "no difference"),
    ("derogatory", "neutral", "lower"),
    ("derogatory", "corrective", "lower"),
)


def witnesses(classes: int = 40) -> Records:
    """Closeness to their own teacher of children drawn from the population."""
    drawn = [Scenario(seed=1992).build(number).children["closeness"] for number in range(classes)]
    return np.concatenate(drawn)


def preference(tones: tuple[float, ...], closeness: Records, luck: np.random.Generator, p: Records) -> Records:
    """Liking of the actor, by witnesses of given closeness, after a film with these tones of the teacher."""
    n = len(closeness)
    children = np.zeros(n + 1, dtype=CHILD_DTYPE)
    children["closeness"][:n] = closeness
    liking = np.zeros((n + 1, n + 1))
    liking[:n, n] = np.tanh(FIRST_IMPRESSION * luck.standard_normal(n))
    for tone in tones:
        equations.impress(liking, children, n, tone, 1.0, p)
    return liking[:n, n]


def experiment(luck: np.random.Generator, closeness: Records, p: Records, n: int = CHILDREN) -> dict[str, Records]:
    """Preference in each arm of one experiment with `n` children, randomly assigned."""
    sample = luck.choice(closeness, n)
    parts = np.array_split(luck.permutation(sample), len(ARMS))
    return {arm: preference(tones, part, luck, p) for (arm, tones), part in zip(ARMS.items(), parts, strict=True)}


def found(first: Records, second: Records, expected: str) -> bool:
    """Whether one study finds the contrast as published, at p < .05."""
    test = stats.ttest_ind(first, second)
    if expected == "no difference":
        return bool(test.pvalue >= 0.05)
    return bool(test.pvalue < 0.05 and (test.statistic > 0) == (expected == "higher"))


def study() -> str:
    """Run the experiment; returns the report."""
    p, closeness = Parameters().record(), witnesses()
    luck = np.random.default_rng(1992)
    large = experiment(luck, closeness, p, n=50_000)
    spread = large["neutral"].std()
    lines = ["Preference for the child actor (liking, -1 to 1), 10,000 witnesses an arm:", ""]
    lines += [
        f"  {arm:<22} {values.mean():+.3f}   d from neutral {(values.mean() - large['neutral'].mean()) / spread:+.2f}"
        for arm, values in large.items()
    ]
    small = [experiment(luck, closeness, p) for _ in range(STUDIES)]
    explained = [explained_variance(list(arms.values())) for arms in small]
    low, high = np.percentile(explained, [2.5, 97.5])
    lines += [
        "",
        f"Explained variance of the arms (eta squared), {STUDIES} studies of {CHILDREN}:",
        f"  mean {np.mean(explained):.2f}, 95 % of studies {low:.2f} to {high:.2f}",
        "",
        f"Share of {STUDIES} studies of {CHILDREN} children that find the published contrast (p < .05):",
        "",
    ]
    for first, second, expected in CONTRASTS:
        share = np.mean([found(arms[first], arms[second], expected) for arms in small])
        lines.append(f"  {first} against {second}: {expected:<14} {share:.0%}")
    return "\n".join(lines)


def explained_variance(arms: list[Records]) -> float:
    """Eta squared of a one-way design."""
    values = np.concatenate(arms)
    between = sum(len(arm) * (arm.mean() - values.mean()) ** 2 for arm in arms)
    return float(between / np.square(values - values.mean()).sum())


if __name__ == "__main__":
    print(study())
