"""D1 · Conflict and aggression over three trimesters of kindergarten (Doumen et al. 2008).

The study that the vicious cycle is known from. Which of its two cross-lagged paths is .30 and which .21 is not
certain, so that each is held against the range of the two.
"""

from __future__ import annotations

from scipy import stats

from sim.engine.years import run
from sim.school_years import first_year
from sim.studies import Claim, Design, Estimate, Sample, Selection, Study, Wave, kindergarten
from sim.studies.analysis import cross_lagged, random_intercepts

WAVES = ("T1", "T2", "T3")
WEEKS = 11
"""Between the first two waves."""
CLASSES = 800


def analyse(sample: Sample) -> dict[str, Estimate]:
    """The published model."""
    return cross_lagged(sample.wide, "conflict", "aggression", WAVES)


def beside(seen: Sample, _true: Sample) -> dict[str, Estimate]:
    """What of the paths lies within children, and what one state does to the other in a trimester."""
    within = random_intercepts(seen.wide, "conflict", "aggression", WAVES)
    paths = {f"within children, {name}": found for name, found in within.items()}
    pairs = (("aggression", "conflict"), ("conflict", "aggression"))
    return paths | {f"caused in {WEEKS} weeks, {cause} -> {effect}": caused(cause, effect) for cause, effect in pairs}


def caused(cause: str, effect: str) -> Estimate:
    """What one standard deviation more of `cause` in one child of a class does to its `effect`, in the same luck.

    In standard deviations, with the mean and its test over classes.
    """
    scenario, numbers = STUDY.design.population, range(CLASSES)
    as_it_is, raised = (first_year(scenario, numbers, ()) for _ in range(2))
    spread = raised.children[cause].std()
    raised.children[cause][:, 0] += spread * (1.0 - raised.children[cause][:, 0])
    step = (raised.children[cause][:, 0] - as_it_is.children[cause][:, 0]).mean() / spread
    days = range(scenario.calendar().last_day(WEEKS) + 1)
    found = [run(one._replace(nights=one.nights[: len(days)]), [days[-1]])[0] for one in (as_it_is, raised)]
    without, with_ = (evenings.children[effect][:, 0, 0] for evenings in found)
    test = stats.ttest_1samp(with_ - without, 0.0)
    return Estimate(float((with_ - without).mean() / found[0].children[effect].std() / step), float(test.pvalue))


STUDY = Study(
    id="D1",
    pattern="P1",
    title="Conflict and aggression over three trimesters",
    source="Doumen, Verschueren et al. 2008, J Clin Child Adolesc Psychol 37:588",
    design=Design(
        population=kindergarten(),
        classes=35,
        children=148,
        selection=Selection(per_class=5),
        waves={"T1": Wave(9), "T2": Wave(20), "T3": Wave(34)},
        measures=("conflict", "aggression"),
    ),
    analyse=analyse,
    beside=beside,
    claims=(
        Claim("conflict T1 T2", "Stability of conflict", 0.69, role="fit"),
        Claim("conflict T2 T3", "Stability of conflict, later", 0.90, role="fit"),
        Claim("aggression T1 T2", "Stability of aggression", 0.82, role="fit"),
        Claim("aggression T2 T3", "Stability of aggression, later", 0.63, role="fit"),
        Claim("conflict ~ aggression T1", "Correlation at T1", 0.69, role="fit"),
        Claim("conflict ~ aggression T2", "What is left of it at T2", 0.17, role="fit", trust="B"),
        Claim(
            "aggression -> conflict T1 T2",
            "Aggression, then conflict",
            between=(0.21, 0.30),
            direction=1,
            role="fit",
            trust="B",
        ),
        Claim(
            "conflict -> aggression T2 T3",
            "Conflict, then aggression",
            between=(0.21, 0.30),
            direction=1,
            role="fit",
            trust="B",
        ),
    ),
    notes="The number of classes is that of other studies of the same sample; it was not printed.",
)
