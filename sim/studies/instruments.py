"""Instruments: what a researcher would see of the latent state.

Every instrument has a perspective (whose eyes), a scale, and items or a reliability with its source. A score is what is
there (`Instrument.level`), seen with the rater's bias, and answered item by item. The spread of the answers follows
from the published reliability, mean and standard deviation of the scale, never from what would fit a study.

An item of k steps gets the expected answer ``k * level``: its propensity is drawn from a beta distribution around the
level and rounded up or down by chance, so that nothing is clipped and a scale near its floor is as skewed as real ones.
Reports of one teacher share a bias: a halo around each child that lasts for one occasion and touches all that is
reported about it then, and a leniency towards the whole class. What a teacher reports of how a child behaves is
coloured, besides, by the image that it has of the child (O1). Observers count what is done in class, and know nothing
of that; so a programme may change what is reported before it changes what is done, or the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from sim.peers import LIKED_LEAST, LIKED_MOST, STATUSES, statuses
from sim.state import SDQ_ITEMS, Records, Setting, symptom_share
from sim.studies.cohort import Scene
from sim.year.interpersonal import Eyes, acts, reading

__all__ = [
    "INSTRUMENTS",
    "ContactRating",
    "Instrument",
    "Observation",
    "Occasion",
    "PairRating",
    "PeerNomination",
    "Rating",
    "Status",
    "Test",
]

HALO = 0.15
"""Spread (logits) of what a teacher adds to or takes from all that is reported of one child on one occasion.

No reliability: those are published and stay as they are. It is adjusted to what D1 found to be left of the association
of conflict and aggression within one occasion."""
LENIENCY = 0.2
"""Spread (logits) of what a teacher adds to or takes from all that is reported of the class."""
COLOUR = 1.0
"""How much (logits) a teacher's image of a child colours what is reported of the child's behaviour, for each unit by
which the image is worse than is usual in the class.

A judgement: that such reports follow the relationship is known (O1), how far is not (trust C)."""
EDGE = 1e-4
ROUNDING = 1.0 / 6.0
"""Variance that chance adds to an answer by rounding it to a whole step, averaged over places between two steps."""
RATED = (1.0, 7.0)
"""Lowest and highest rating of a classmate."""
RATED_AS_DISLIKED, RATED_AS_LIKED = 2.5, 5.5
"""Below the one lie the ratings that mean dislike, above the other those that mean that a child is liked (N3)."""
ROUNDED = 1.0 / 12.0
"""Variance that rounding to the nearest whole step adds to a rating."""
Level = Callable[[Scene], Records]


@dataclass(frozen=True)
class Occasion:
    """One occasion in c classes of n children, with the biases that its reports share.

    Attributes
    ----------
    scene
        What is there.
    halo
        Standard normal, shape (c, n): how much better than it is each child looks to its teacher that day.
    leniency
        Standard normal, shape (c,): how much better all children look to this teacher.
    luck
        For everything else.
    """

    scene: Scene
    halo: Records
    leniency: Records
    luck: np.random.Generator


@dataclass(frozen=True)
class Instrument:
    """Something that is measured of every child.

    Attributes
    ----------
    name
        Column of the table.
    title
        What a paper would call it.
    perspective
        Whose eyes: teacher, child, peers, observer, test.
    level
        What is there, in [0, 1] (of tests: on the scale of the state), shape (c, n).
    source
        Where scale and reliability come from, and how far they are to be trusted.
    reads_contacts
        Whether somebody has to follow every contact for it (`sim.studies.cohort.Scene.contacts`).
    """

    name: str
    title: str
    perspective: str
    level: Level
    source: str
    reads_contacts: bool = False

    def administer(self, at: Occasion) -> dict[str, Records]:
        """Columns of the table, each shape (c, n)."""
        raise NotImplementedError

    def truth(self, scene: Scene) -> Records:
        """What is there, on the scale of the instrument, shape (c, n)."""
        return self.level(scene)

    def without_error(self, at: Occasion) -> dict[str, Records]:
        """Columns of the table as they would be if nothing came between what is there and the score."""
        return {self.name: self.truth(at.scene)}


@dataclass(frozen=True)
class Rating(Instrument):
    """The mean (or sum) of several items.

    Attributes
    ----------
    items, steps
        Number of items, and of steps between the lowest and the highest answer of each.
    low, high
        The scale of the score.
    mean, sd
        Published mean and standard deviation, on the scale of the score.
    reliability
        Published internal consistency; None where answers are independent of each other given the level.
    good
        Whether a high score is praise (+1) or complaint (-1); 0: raters' bias does not touch it.
    keep_items
        Whether answers are columns, too: ``name_1``, ``name_2``, …
    coloured
        Whether it describes how the child behaves, so that a teacher's image of the child colours it.
    """

    items: int = 1
    steps: int = 4
    low: float = 1.0
    high: float = 5.0
    mean: float = 3.0
    sd: float = 1.0
    reliability: float | None = None
    good: int = 1
    keep_items: bool = False
    coloured: bool = False

    @cached_property
    def precision(self) -> float:
        """Precision of the beta distribution of an item's propensity (its two shapes summed)."""
        if self.reliability is None:
            return 0.0
        mean, sd = (self.mean - self.low) / (self.high - self.low), self.sd / (self.high - self.low)
        wanted = (1.0 - self.reliability) * sd * sd * self.items
        inside = mean * (1.0 - mean) - self.reliability * sd * sd
        by_rounding = min(ROUNDING / self.steps, inside) / self.steps
        return max(inside / max(wanted - by_rounding, 0.1 * wanted) - 1.0, 0.1)

    def administer(self, at: Occasion) -> dict[str, Records]:
        """Score, and the answers where they are kept."""
        level = self.seen(at)
        if self.reliability is None:
            answers = at.luck.binomial(self.steps, level[..., None], size=(*level.shape, self.items))
        else:
            spread = np.repeat(level[..., None], self.items, axis=2)
            propensity = self.steps * at.luck.beta(spread * self.precision, (1.0 - spread) * self.precision)
            answers = np.floor(propensity + at.luck.random(propensity.shape))
        columns = {self.name: self.low + (self.high - self.low) * answers.mean(axis=2) / self.steps}
        if self.keep_items:
            columns |= {f"{self.name}_{item + 1}": answers[..., item] for item in range(self.items)}
        return columns

    def seen(self, at: Occasion) -> Records:
        """The level as the rater sees it."""
        level: Records = np.clip(self.level(at.scene), EDGE, 1.0 - EDGE)
        if self.perspective != "teacher" or not self.good:
            return level
        bias = self.good * (HALO * at.halo + LENIENCY * at.leniency[:, None])
        if self.coloured:
            image = at.scene.children["representation"]
            bias = bias + self.good * COLOUR * (image - image.mean(axis=1, keepdims=True))
        odds = level / (1.0 - level) * np.exp(bias)
        return np.clip(odds / (1.0 + odds), EDGE, 1.0 - EDGE)

    def truth(self, scene: Scene) -> Records:
        """The score that the level stands for."""
        return self.low + (self.high - self.low) * self.level(scene)


@dataclass(frozen=True)
class Test(Instrument):
    """A score with normal error: tasks, tests, observation, physiology.

    Attributes
    ----------
    sd
        Standard deviation of the scores of which the reliability was found.
    reliability
        Published reliability.
    of_class
        Whether it is the class that is observed: all its children have the same score.
    """

    __test__ = False  # no test of pytest's

    sd: float = 1.0
    reliability: float = 0.8
    of_class: bool = False

    def administer(self, at: Occasion) -> dict[str, Records]:
        """The score."""
        level = self.level(at.scene)
        error = self.sd * np.sqrt(1.0 - self.reliability)
        luck = at.luck.standard_normal((len(level), 1) if self.of_class else level.shape)
        return {self.name: level + error * luck}


@dataclass(frozen=True)
class Observation(Instrument):
    """What an observer counts in class, of each child or of the whole class.

    Attributes
    ----------
    reliability
        Share of what children (or classes) differ in that is true, in whatever sample is observed.
    of_class
        Whether it is the class that is observed: all its children have the same score.
    """

    reliability: float = 0.8
    of_class: bool = False

    def administer(self, at: Occasion) -> dict[str, Records]:
        """The count, and what the observer overlooks or adds."""
        level = self.level(at.scene)
        error = level.std() * np.sqrt(1.0 / self.reliability - 1.0)
        luck = at.luck.standard_normal((len(level), 1) if self.of_class else level.shape)
        return {self.name: level + error * luck}


@dataclass(frozen=True)
class ContactRating(Instrument):
    """An observer rates every contact: affiliation and control of child and teacher.

    The column holds for each child an array of shape (contacts, 4), in order, with the columns of
    `sim.year.interpersonal.Acts`; `level` is how many contacts there were.

    Attributes
    ----------
    settings
        What the contacts are about that are rated; by default those in class, without one-to-one sessions.
    reliability
        Share of what the ratings of a coordinate differ in that is true.
    """

    reads_contacts: bool = True
    settings: tuple[Setting, ...] = (Setting.TASK, Setting.SOCIAL, Setting.DISCIPLINE)
    reliability: float = 0.8

    def administer(self, at: Occasion) -> dict[str, Records]:
        """Ratings, with error."""
        return {self.name: self.rated(at, np.sqrt(1.0 / self.reliability - 1.0))}

    def without_error(self, at: Occasion) -> dict[str, Records]:
        """What there is to rate."""
        return {self.name: self.rated(at, 0.0)}

    def rated(self, at: Occasion, error: float) -> Records:
        """Arrays of all children, shape (c, n); `error` is in standard deviations of what there is."""
        c, n = at.scene.children.shape
        found = np.empty((c, n), dtype=object)
        for k, log in enumerate(at.scene.contacts):
            seen = log[np.isin(log["setting"], self.settings)]
            rated = np.column_stack(acts(seen))
            rated = rated + error * rated.std(axis=0) * at.luck.standard_normal(rated.shape)
            for i in range(n):
                found[k, i] = rated[seen["child"] == i]
        return found


@dataclass(frozen=True)
class PeerNomination(Instrument):
    """Every child names the classmates for whom a description is most true; the score is the share who name a child.

    Attributes
    ----------
    names
        How many each child names.
    noise
        Spread of what a child sees around what there is to see, in standard deviations of the class.
    keep_items
        Whether the nominations are a column ``name_by``, too: for each child the voters' numbers, as text.
    """

    names: int = 3
    noise: float = 1.0
    keep_items: bool = False

    def administer(self, at: Occasion) -> dict[str, Records]:
        """Share of classmates who name each child."""
        level = self.level(at.scene)
        spread = level.std(axis=1, keepdims=True)
        z = (level - level.mean(axis=1, keepdims=True)) / np.where(spread > 0.0, spread, 1.0)
        named = self.named(z, at.luck)
        n = named.shape[1]
        columns = {self.name: named.sum(axis=1) / max(n - 1, 1)}
        if self.keep_items:
            columns[f"{self.name}_by"] = voters(named)
        return columns

    def named(self, z: Records, luck: np.random.Generator) -> Records:
        """Who names whom, shape (c, n, n)."""
        n = z.shape[1]
        seen = z[:, None, :] + self.noise * luck.standard_normal((len(z), n, n))
        seen[:, np.arange(n), np.arange(n)] = -np.inf
        named = np.zeros(seen.shape, dtype=bool)
        first = np.argpartition(-seen, min(self.names, n - 1) - 1, axis=2)[..., : min(self.names, n - 1)]
        np.put_along_axis(named, first, values=True, axis=2)
        return named


@dataclass(frozen=True)
class Liking(Instrument):
    """Nominations of classmates with whom a child likes most, or least, to play; as many as it wants.

    The score is the share of classmates who name the child, 0 to 1.
    """

    keep_items: bool = False
    liked: bool = True

    def administer(self, at: Occasion) -> dict[str, Records]:
        """Share of classmates who name each child."""
        named = self.named(at.scene)
        columns = {self.name: named.sum(axis=1) / max(named.shape[1] - 1, 1)}
        if self.keep_items:
            columns[f"{self.name}_by"] = voters(named)
        return columns

    def named(self, scene: Scene) -> Records:
        """Who names whom, shape (c, n, n)."""
        others = ~np.eye(scene.liking.shape[1], dtype=bool)
        return ((scene.liking >= LIKED_MOST) if self.liked else (scene.liking <= LIKED_LEAST)) & others

    def without_error(self, at: Occasion) -> dict[str, Records]:
        """Nominations are the truth of what they are about."""
        return self.administer(at)


@dataclass(frozen=True)
class PairRating(Instrument):
    """Every child rates every classmate, from 1 (dislikes very much) to 7 (likes very much).

    Liking is put on the scale by a straight line on which those whom a child would name as liked most get a 6 or 7, and
    those whom it would name as liked least a 1 or 2. The score is the mean of the ratings that a child is given.

    Attributes
    ----------
    sd
        Published standard deviation of the ratings.
    reliability
        Reliability of a single rating.
    keep_items
        Whether all ratings are a column ``name_given``, too: for each child those that it gives its classmates in turn,
        as text, "-" for itself.
    """

    sd: float = 1.42
    reliability: float = 0.8
    keep_items: bool = False

    def administer(self, at: Occasion) -> dict[str, Records]:
        """Ratings, in whole steps."""
        error = np.sqrt(max((1.0 - self.reliability) * self.sd**2 - ROUNDED, 0.0))
        seen = self.scale(at.scene) + error * at.luck.standard_normal(at.scene.liking.shape)
        return self.columns(np.clip(np.floor(seen + 0.5), *RATED))

    def without_error(self, at: Occasion) -> dict[str, Records]:
        """Ratings in whole steps, without error."""
        return self.columns(np.clip(np.floor(self.scale(at.scene) + 0.5), *RATED))

    def scale(self, scene: Scene) -> Records:
        """Liking on the scale of the ratings, where both ends are open; shape (c, n, n)."""
        dislikes, likes = RATED_AS_DISLIKED, RATED_AS_LIKED
        placed: Records = dislikes + (likes - dislikes) * (scene.liking - LIKED_LEAST) / (LIKED_MOST - LIKED_LEAST)
        return placed

    def columns(self, ratings: Records) -> dict[str, Records]:
        """What is kept of ratings, shape (c, n, n): row who rates."""
        n = ratings.shape[1]
        others = ~np.eye(n, dtype=bool)
        columns = {self.name: np.where(others, ratings, 0.0).sum(axis=1) / max(n - 1, 1)}
        if self.keep_items:
            columns[f"{self.name}_given"] = np.array(
                [[given(of_rater, rater) for rater, of_rater in enumerate(of_class)] for of_class in ratings],
                dtype=object,
            )
        return columns


@dataclass(frozen=True)
class Status(Instrument):
    """Sociometric status by the standard-score rule of Coie, Dodge & Coppotelli (1982), and the scores behind it."""

    def administer(self, at: Occasion) -> dict[str, Records]:
        """Status (text), and preference (liked minus disliked, standardized in the class)."""
        liked, disliked = (named.named(at.scene).sum(axis=1) for named in (LIKED, DISLIKED))
        preference, status = statuses(liked, disliked)
        return {self.name: np.array(STATUSES)[status], "preference": preference}

    def without_error(self, at: Occasion) -> dict[str, Records]:
        """As nominations have it, which are the truth of what they are about."""
        return self.administer(at)


def given(ratings: Records, rater: int) -> str:
    """Ratings that a child gives its classmates, as text with spaces between; "-" in its own place."""
    return " ".join("-" if other == rater else f"{rating:g}" for other, rating in enumerate(ratings))


def voters(named: Records) -> Records:
    """For each child the numbers of those who name it, as text with spaces between; shape (c, n)."""
    c, n, _ = named.shape
    return np.array(
        [[" ".join(map(str, np.flatnonzero(named[k, :, i]))) for i in range(n)] for k in range(c)], dtype=object
    )


def state(name: str) -> Level:
    """Level of a state of the child."""
    return lambda scene: scene.children[name]


def of_teacher(name: str) -> Level:
    """Level of a trait of the teacher: the same for all children of the class."""
    return lambda scene: np.broadcast_to(scene.teachers[name][:, None], scene.children.shape).copy()


def symptoms(name: str) -> Level:
    """SDQ symptoms of aggression, or of what self-regulation lacks."""
    if name == "self_regulation":
        return lambda scene: symptom_share(1.0 - scene.children[name])
    return lambda scene: symptom_share(scene.children[name])


def felt(name: str, good: bool) -> Level:
    """A side of the relationship as the child lives it: half what is between the two, half what the child expects."""
    sign = 1.0 if good else -1.0
    return lambda scene: 0.5 * scene.children[name] + 0.25 * (1.0 + sign * scene.children["felt_security"])


def signed(name: str) -> Level:
    """A state of -1…1 as a level of 0…1."""
    return lambda scene: 0.5 * (1.0 + scene.children[name])


def seen(name: str, per: str | None = None) -> Level:
    """What classmates saw so far this year, a school day (or for each of something else)."""

    def level(scene: Scene) -> Records:
        by = scene.days if per is None else np.maximum(scene.so_far[per], 1.0)
        return scene.so_far[name] / by

    return level


def counted(name: str, *, lately: bool = False) -> Level:
    """What was counted of each child's contacts, this year so far or in the days up to the occasion."""
    return lambda scene: (scene.lately if lately else scene.so_far)[name]


def observed_support(scene: Scene) -> Records:
    """Emotional support as an observer sees it: the teacher's mean tone to all children in the days before."""
    total = scene.lately["contacts"].sum(axis=1)
    mean = scene.lately["tones"].sum(axis=1) / np.maximum(total, 1.0)
    return np.broadcast_to(mean[:, None], scene.children.shape).copy()


def observed_sensitivity(scene: Scene) -> Records:
    """Sensitivity to one child as an observer sees it: the teacher's mean tone to it in the days before."""
    return scene.lately["tones"] / np.maximum(scene.lately["contacts"], 1.0)


def motivating(name: str, eyes: Eyes) -> Level:
    """What a teacher gives in motivation in class, lately, as somebody sees it; see `sim.year.interpersonal.Reading`.

    Of a child of whom there was nothing to see it is what is usual in the class; not a number where nobody saw any.
    """

    def level(scene: Scene) -> Records:
        n = scene.children.shape[1]
        in_lessons = (log[log["setting"] != Setting.SESSION] for log in scene.contacts)
        found = np.stack([getattr(reading(log, n, eyes), name) for log in in_lessons])
        seen = ~np.isnan(found)
        number = seen.sum(axis=1, keepdims=True)
        total = np.where(seen, found, 0.0).sum(axis=1, keepdims=True)
        return np.where(seen, found, np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0))

    return level


def in_class(scene: Scene) -> Records:
    """Contacts in class lately, the exchanges of one-to-one sessions left out; at least 1."""
    contacts: Records = np.maximum(scene.lately["contacts"] - scene.lately["sessions"], 1.0)
    return contacts


def disruption(scene: Scene) -> Records:
    """Hostile acts and reprimands a school day, lately: what disturbs the lesson."""
    disturbing: Records = scene.lately["hostile_acts"] + scene.lately["reprimands"]
    return disturbing / scene.days_lately


def negativity(scene: Scene) -> Records:
    """Share of the teacher's answers to a child that are harsh, lately."""
    return scene.lately["harsh_answers"] / in_class(scene)


def negativity_to_class(scene: Scene) -> Records:
    """Share of the teacher's answers to the class that are harsh, lately."""
    share = scene.lately["harsh_answers"].sum(axis=1) / in_class(scene).sum(axis=1)
    return np.broadcast_to(share[:, None], scene.children.shape).copy()


def praise(scene: Scene) -> Records:
    """Praises a school day, lately."""
    return scene.lately["praises"] / scene.days_lately


def on_task(scene: Scene) -> Records:
    """Share of the time at work: as engaged as the child is, as far as it does not disrupt the lesson."""
    disrupts = (scene.lately["hostile_acts"] + scene.lately["reprimands"]) / in_class(scene)
    engaged: Records = scene.children["engagement"]
    return engaged * (1.0 - np.minimum(disrupts, 1.0))


def strs(name: str, title: str, items: int, mean: float, sd: float, reliability: float, good: int) -> Rating:
    """A scale of the Student-Teacher Relationship Scale."""
    return Rating(
        f"{name}",
        title,
        "teacher",
        state(name),
        "STRS/LLRV; S1 (B), reliability S2 (C)",
        items=items,
        mean=mean,
        sd=sd,
        reliability=reliability,
        good=good,
    )


def accepted(scene: Scene) -> Records:
    """Mean liking by classmates, as a level."""
    return scene.acceptance


PAIRS = PairRating("rated_liking", "Liking by classmates, rated 1 to 7", "peers", accepted, "N3; reliability assumed")
LIKED = Liking("liked_most", "Named as liked most", "peers", accepted, "N1")
DISLIKED = Liking("liked_least", "Named as liked least", "peers", accepted, "N1", liked=False)
ALL: tuple[Instrument, ...] = (
    strs("closeness", "STRS closeness", 11, 4.16, 0.76, 0.88, good=1),
    strs("conflict", "STRS conflict", 12, 1.65, 0.87, 0.88, good=-1),
    strs("dependency", "STRS dependency", 6, 2.0, 0.7, 0.72, good=-1),
    Rating(
        "control",
        "Perceived control over the child",
        "teacher",
        state("perceived_control"),
        "D4; reliability assumed",
        items=6,
        mean=4.0,
        sd=0.7,
        reliability=0.8,
    ),
    Rating(
        "teacher_preference",
        "The teacher's liking of the child",
        "teacher",
        signed("representation"),
        "W5; one item",
        items=1,
        mean=3.8,
        sd=0.9,
        reliability=0.75,
    ),
    Rating(
        "aggression",
        "Teacher-rated aggression",
        "teacher",
        state("aggression"),
        "D1; reliability .90 (C)",
        items=7,
        mean=1.85,
        sd=0.75,
        reliability=0.9,
        good=-1,
        coloured=True,
    ),
    Rating(
        "conduct",
        "SDQ conduct problems",
        "teacher",
        symptoms("aggression"),
        "A1",
        items=SDQ_ITEMS // 2,
        steps=2,
        low=0.0,
        high=float(SDQ_ITEMS),
        good=-1,
        coloured=True,
    ),
    Rating(
        "hyperactivity",
        "SDQ hyperactivity",
        "teacher",
        symptoms("self_regulation"),
        "A2",
        items=SDQ_ITEMS // 2,
        steps=2,
        low=0.0,
        high=float(SDQ_ITEMS),
        good=-1,
        coloured=True,
    ),
    Rating(
        "engagement",
        "Engagement",
        "teacher",
        state("engagement"),
        "E1; reliability assumed",
        items=8,
        mean=3.5,
        sd=0.6,
        reliability=0.85,
    ),
    Rating(
        "child_closeness",
        "Closeness, the child's report (CARTS)",
        "child",
        felt("closeness", good=True),
        "D3; reliability assumed",
        items=6,
        mean=3.9,
        sd=0.7,
        reliability=0.65,
    ),
    Rating(
        "child_conflict",
        "Conflict, the child's report (CARTS)",
        "child",
        felt("conflict", good=False),
        "D3; reliability assumed",
        items=6,
        mean=2.0,
        sd=0.7,
        reliability=0.65,
        good=-1,
    ),
    Rating(
        "child_engagement",
        "Engagement, the child's report",
        "child",
        state("engagement"),
        "E3; reliability assumed",
        items=10,
        mean=3.5,
        sd=0.6,
        reliability=0.8,
    ),
    Rating(
        "self_global",
        "Global self-esteem (interview)",
        "child",
        state("self_global"),
        "D5, R3; reliability assumed",
        items=10,
        mean=3.6,
        sd=0.7,
        reliability=0.75,
    ),
    Rating(
        "self_academic",
        "Academic self-concept (interview)",
        "child",
        state("self_academic"),
        "R3; reliability assumed",
        items=6,
        mean=3.5,
        sd=0.7,
        reliability=0.75,
    ),
    Rating(
        "self_social",
        "Social self-concept (interview)",
        "child",
        state("self_social"),
        "R3; reliability assumed",
        items=6,
        mean=3.3,
        sd=0.5,
        reliability=0.75,
    ),
    Rating(
        "attachment",
        "Attachment security to the mother (story completion)",
        "observer",
        state("security"),
        "B3, R3; reliability assumed",
        items=5,
        mean=3.5,
        sd=0.75,
        reliability=0.8,
    ),
    Rating(
        "observed_closeness",
        "Closeness of the pair, observed",
        "observer",
        state("closeness"),
        "D3; reliability assumed",
        items=4,
        mean=4.16,
        sd=0.76,
        reliability=0.7,
    ),
    Rating(
        "observed_conflict",
        "Conflict of the pair, observed",
        "observer",
        state("conflict"),
        "D3; reliability assumed",
        items=4,
        mean=1.65,
        sd=0.87,
        reliability=0.7,
        good=-1,
    ),
    Rating(
        "observed_regulation",
        "Self-regulation, observed in class",
        "observer",
        state("self_regulation"),
        "R0; reliability assumed",
        items=6,
        mean=3.1,
        sd=0.9,
        reliability=0.8,
    ),
    Test(
        "regulation_task",
        "Self-regulation (tasks)",
        "test",
        state("self_regulation"),
        "R0; reliability assumed",
        sd=0.24,
        reliability=0.75,
    ),
    Test(
        "support",
        "Emotional support of the class (CLASS), observed",
        "observer",
        observed_support,
        "B1; reliability assumed",
        sd=0.15,
        reliability=0.8,
        of_class=True,
    ),
    Test(
        "sensitivity",
        "Sensitivity to the child, observed",
        "observer",
        observed_sensitivity,
        "B3, I3; reliability assumed",
        sd=0.2,
        reliability=0.7,
    ),
    Test(
        "achievement",
        "Achievement test",
        "test",
        state("achievement"),
        "E1; reliability assumed",
        sd=1.0,
        reliability=0.85,
    ),
    Observation(
        "observed_disruption", "Disruptions a day, observed", "observer", disruption, "F1, F3; reliability assumed"
    ),
    Observation(
        "observed_negativity",
        "Harsh answers of the teacher to the child, observed",
        "observer",
        negativity,
        "I4b; reliability assumed",
    ),
    Observation(
        "class_negativity",
        "Harsh answers of the teacher to the class, observed",
        "observer",
        negativity_to_class,
        "I6; reliability assumed",
        of_class=True,
    ),
    Observation("praise_rate", "Praises a day, observed", "observer", praise, "R4, R5; reliability assumed"),
    Observation("on_task", "On task, observed", "observer", on_task, "O2, I6; reliability assumed"),
    Test("stress", "Cortisol in class", "test", state("stress"), "R2; reliability assumed", sd=0.12, reliability=0.5),
    Observation(
        "child_autonomy_support",
        "Autonomy support, the pupil's report",
        "child",
        state("autonomy"),
        "M1; reliability assumed",
    ),
    Observation(
        "child_structure", "Structure, the pupil's report", "child", state("structure"), "M1; reliability assumed"
    ),
    *(
        Observation(
            f"{by}_{name}",
            f"{title}, {whose}",
            by,
            motivating(name, eyes),
            "M1; reliability assumed",
            reads_contacts=True,
        )
        for name, title in (("autonomy_support", "Autonomy support"), ("structure", "Structure"))
        for by, whose, eyes in (
            ("teacher", "the teacher's report", Eyes.TEACHER),
            ("observer", "observed", Eyes.OBSERVER),
        )
    ),
    PeerNomination(
        "peer_closeness",
        "Who gets on well with the teacher (classmates)",
        "peers",
        seen("warmth_seen"),
        "D2; noise assumed",
    ),
    PeerNomination(
        "peer_conflict",
        "Who has trouble with the teacher (classmates)",
        "peers",
        seen("reprimands"),
        "D2; noise assumed",
    ),
    PeerNomination(
        "peer_dependency", "Who is always near the teacher (classmates)", "peers", seen("seeking"), "D2; noise assumed"
    ),
    PeerNomination(
        "peer_aggression", "Who fights and calls names (classmates)", "peers", state("aggression"), "W5; noise assumed"
    ),
    PAIRS,
    LIKED,
    DISLIKED,
    Status("status", "Sociometric status", "peers", accepted, "Coie, Dodge & Coppotelli 1982"),
    Test(
        "teacher_efficacy",
        "How able the teacher feels (its own answer)",
        "teacher",
        of_teacher("self_efficacy"),
        "I3; reliability assumed",
        sd=0.15,
        reliability=0.8,
        of_class=True,
    ),
    Test(
        "teacher_strain",
        "How worn out the teacher is (its own answer)",
        "teacher",
        of_teacher("strain"),
        "P14; reliability assumed",
        sd=0.18,
        reliability=0.8,
        of_class=True,
    ),
)
INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType({instrument.name: instrument for instrument in ALL})
