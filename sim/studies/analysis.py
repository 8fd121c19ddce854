"""Analyses that published studies used, by way of well-known libraries: statsmodels, semopy, SciPy.

All take one row a child (`sim.studies.Sample.wide`) and give `sim.studies.Estimate`. Children who lack a score are
left out of the analysis that needs it.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from sim.peers import network_facts, nominations
from sim.state import Records
from sim.studies.study import Estimate, Sample
from sim.year.interpersonal import Acts

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ancova",
    "by_group",
    "cohens_d",
    "complete",
    "contact_by_contact",
    "correlation",
    "cross_lagged",
    "indirect",
    "intraclass",
    "moderated",
    "multilevel",
    "network",
    "paths",
    "random_intercepts",
    "regression",
    "regression_by_class",
    "within",
    "z",
]

RESAMPLES = 500
LARGE = 20_000
"""Children above which an indirect effect is tested with fewer resamples."""
MANY = 2_000
"""Children above which a multilevel model is estimated by least squares with standard errors by class."""
NONE = 1e-12
"""What is divided by instead of nothing."""
CLOSE = 1e-10
"""How near to its optimum a structural equation model is taken: the usual 1e-6 stops far from it where it is flat."""


def complete(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Rows without a gap in the columns `names`."""
    return table.dropna(subset=list(names))


def named_in(table: pd.DataFrame, model: str) -> list[str]:
    """Columns that a formula or model names."""
    words = set(re.findall(r"\w+", model))
    return [name for name in table.columns if name in words]


def z(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Copy of the table with the columns `names` standardized."""
    return table.assign(**{name: (table[name] - table[name].mean()) / table[name].std() for name in names})


def correlation(table: pd.DataFrame, a: str, b: str) -> Estimate:
    """Pearson correlation."""
    pair = complete(table, a, b)
    found = stats.pearsonr(pair[a], pair[b])
    return Estimate(float(found.statistic), float(found.pvalue))


def cohens_d(table: pd.DataFrame, score: str, groups: str, first: str, second: str) -> Estimate:
    """Difference `second` minus `first` in pooled standard deviations, with Student's t test."""
    a, b = (table.loc[table[groups] == group, score].dropna() for group in (first, second))
    pooled = np.sqrt(((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / (len(a) + len(b) - 2))
    return Estimate(float((b.mean() - a.mean()) / pooled), float(stats.ttest_ind(a, b).pvalue))


def regression(table: pd.DataFrame, formula: str, term: str) -> Estimate:
    """Coefficient of `term` in an ordinary regression."""
    import statsmodels.formula.api as smf

    fit = smf.ols(formula, table).fit()
    return Estimate(float(fit.params[term]), float(fit.pvalues[term]))


def multilevel(table: pd.DataFrame, formula: str, *terms: str, groups: str = "classroom") -> dict[str, Estimate]:
    """Coefficients of `terms` in a regression with random intercepts of classes (REML).

    See `fitted` for large samples.
    """
    fit = fitted(table, formula, groups)
    return {term: Estimate(float(fit.params[term]), float(fit.pvalues[term])) for term in terms}


def moderated(
    table: pd.DataFrame, formula: str, slope: str, moderator: str, varying: str | None = None, groups: str = "classroom"
) -> dict[str, Estimate]:
    """A moderated effect out of one multilevel model whose formula has ``slope * moderator``.

    Parameters
    ----------
    varying
        The child's own score, where the other one is of the class: its slope differs between classes at random, or the
        test of the product would be too lenient.

    Returns
    -------
    dict
        ``"interaction"``: their product; ``"low"``, ``"high"``: the slope where the moderator is -1 and 1
        (standardize it first); and the other terms by name.
    """
    fit = fitted(table, formula, groups, varying)
    product = f"{slope}:{moderator}" if f"{slope}:{moderator}" in fit.params.index else f"{moderator}:{slope}"
    covariance = fit.cov_params()
    found = {name: Estimate(float(fit.params[name]), float(fit.pvalues[name])) for name in fit.model.exog_names}
    found["interaction"] = found.pop(product)
    for place, sign in (("low", -1.0), ("high", 1.0)):
        variance = covariance.loc[slope, slope] + covariance.loc[product, product]
        error = float(np.sqrt(variance + 2.0 * sign * covariance.loc[slope, product]))
        estimate = float(fit.params[slope] + sign * fit.params[product])
        found[place] = Estimate(estimate, float(2.0 * stats.norm.sf(abs(estimate) / error)))
    return found


def fitted(table: pd.DataFrame, formula: str, groups: str, varying: str | None = None) -> Any:
    """A regression with random intercepts, and slopes of `varying`, of classes (REML).

    Samples of more than `MANY` children, and those in which classes do not differ at all, use its limit: ordinary
    coefficients with standard errors by class.
    """
    import statsmodels.formula.api as smf
    from statsmodels.regression.mixed_linear_model import MixedLMParams

    table = complete(table, *named_in(table, formula))
    if len(table) <= MANY:
        model = smf.mixedlm(formula, table, groups=table[groups], re_formula=varying and f"~ {varying}")
        # From variances as large as the residual's, where the search begins by default, it runs into singular matrices.
        start = MixedLMParams.from_components(np.zeros(model.k_fe), cov_re=0.1 * np.eye(model.k_re))
        with warnings.catch_warnings(), contextlib.suppress(np.linalg.LinAlgError):
            warnings.simplefilter("ignore")  # a variance at its bound of zero is a result, not a fault
            fit = model.fit(start, reml=True, method=["lbfgs"])
            if np.isfinite(fit.bse_fe).all() and np.isfinite(fit.llf):
                return fit
    return smf.ols(formula, table).fit(cov_type="cluster", cov_kwds={"groups": table[groups]})


def indirect(
    table: pd.DataFrame, cause: str, mediator: str, outcome: str, given: Sequence[str] = (), seed: int = 1
) -> Estimate:
    """Indirect effect, standardized, with a percentile bootstrap over children.

    `given` are further predictors of both the mediator and the outcome, e.g. the outcome's earlier level.
    """
    names = [cause, mediator, outcome, *given]
    values = z(complete(table, *names), *names)[names].to_numpy()

    def product(rows: Records) -> float:
        x = rows - rows.mean(axis=0)
        on_cause = np.linalg.lstsq(x[:, [0, *range(3, x.shape[1])]], x[:, 1], rcond=None)[0][0]
        on_mediator = np.linalg.lstsq(x[:, [1, 0, *range(3, x.shape[1])]], x[:, 2], rcond=None)[0][0]
        return float(on_cause * on_mediator)

    luck, n = np.random.default_rng(seed), len(values)
    resamples = RESAMPLES if n <= LARGE else 100
    drawn = np.array([product(values[luck.integers(n, size=n)]) for _ in range(resamples)])
    below = (np.sum(drawn <= 0.0) + 1.0) / (resamples + 2.0)
    return Estimate(product(values), float(2.0 * min(below, 1.0 - below)))


def paths(table: pd.DataFrame, model: str, *names: str, standardize: bool = True) -> dict[str, Estimate]:
    """Standardized estimates of a structural equation model (semopy, maximum likelihood).

    Parameters
    ----------
    table
        Scores.
    model
        The model in lavaan's notation.
    names
        What is wanted, e.g. ``"y ~ x"`` or ``"a ~~ b"``; keys of the result. Covariances come as correlations, those of
        outcomes as correlations of what is left of them.
    standardize
        Whether scores are standardized before, each by itself; a model that has several scores on one scale wants them
        as they are.
    """
    import semopy

    observed = named_in(table, model)
    scores = complete(table, *observed)
    if standardize:
        scores = z(scores, *observed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = semopy.Model(model)
        fit.fit(scores[observed], options={"ftol": CLOSE})
        found = fit.inspect(std_est=True)
    keyed = {f"{row.lval} {row.op} {row.rval}": row for row in found.itertuples()}
    keyed |= {f"{row.rval} ~~ {row.lval}": row for row in found.itertuples() if row.op == "~~"}
    estimates = {name: estimate_of(row, found.columns) for name, row in keyed.items()}
    return {name: as_correlation(name, estimates) if " ~~ " in name else estimates[name] for name in names}


def as_correlation(name: str, estimates: Mapping[str, Estimate]) -> Estimate:
    """A covariance as a correlation (nan where nothing is left to correlate).

    semopy divides covariances by the whole spread of both, but what is left of two outcomes correlates by what is left.
    """
    whole = Estimate(1.0)
    left = [estimates.get(f"{variable} ~~ {variable}", whole).value for variable in name.split(" ~~ ")]
    spread = np.sqrt(left[0] * left[1]) if min(left) > 0.0 else np.nan
    return estimates[name]._replace(value=float(estimates[name].value / spread))


def estimate_of(row: Any, columns: Any) -> Estimate:
    """An estimate out of semopy's table."""
    values = dict(zip(columns, row[1:], strict=True))
    p = values["p-value"]
    return Estimate(float(values["Est. Std"]), float(p) if isinstance(p, int | float) else np.nan)


def cross_lagged(table: pd.DataFrame, x: str, y: str, waves: Sequence[str]) -> dict[str, Estimate]:
    """Cross-lagged panel model of two scores over waves.

    Returns
    -------
    dict
        ``"x T1 T2"``: stability of x; ``"x -> y T1 T2"``: path from x to y; ``"x ~ y T1"``: correlation at the first
        wave, and what is left of it in the later ones; with the names of the scores for x and y.
    """
    lines, wanted = panel(x, y, waves)
    found = paths(table, "\n".join(lines), *wanted.values())
    return {name: found[key] for name, key in wanted.items()}


def panel(x: str, y: str, waves: Sequence[str], of: str = "") -> tuple[list[str], dict[str, str]]:
    """Paths of two variables from wave to wave in lavaan's notation, and the key of each by what it is called.

    `of` stands before the names of the variables in the model.
    """
    lines, wanted = [], {}
    for before, now in pairwise(waves):
        for effect, other in ((x, y), (y, x)):
            lines.append(f"{of}{effect}_{now} ~ {of}{effect}_{before} + {of}{other}_{before}")
            wanted[f"{effect} {before} {now}"] = f"{of}{effect}_{now} ~ {of}{effect}_{before}"
            wanted[f"{other} -> {effect} {before} {now}"] = f"{of}{effect}_{now} ~ {of}{other}_{before}"
    for wave in waves:
        lines.append(f"{of}{x}_{wave} ~~ {of}{y}_{wave}")
        wanted[f"{x} ~ {y} {wave}"] = f"{of}{x}_{wave} ~~ {of}{y}_{wave}"
    return lines, wanted


def random_intercepts(table: pd.DataFrame, x: str, y: str, waves: Sequence[str]) -> dict[str, Estimate]:
    """Random-intercept cross-lagged panel model (Hamaker, Kuiper & Grasman 2015): as `cross_lagged`, within children.

    Besides, ``"x ~ y between"`` is the correlation of what is stable between children. The waves of a score keep their
    common scale, on which what is stable weighs the same in each.
    """
    for s in (x, y):
        scores = table[[f"{s}_{wave}" for wave in waves]]
        table = table.assign(**(scores / np.sqrt(scores.var().mean())))
    lines = [f"i_{s} =~ " + " + ".join(f"1*{s}_{wave}" for wave in waves) for s in (x, y)]
    lines += [f"w_{s}_{wave} =~ 1*{s}_{wave}" for s in (x, y) for wave in waves]
    lines += [f"{s}_{wave} ~~ 0*{s}_{wave}" for s in (x, y) for wave in waves]
    lines += [f"i_{x} ~~ i_{y}"]
    lines += [f"i_{s} ~~ 0*w_{other}_{waves[0]}" for s in (x, y) for other in (x, y)]
    within, wanted = panel(x, y, waves, of="w_")
    wanted = {f"{x} ~ {y} between": f"i_{x} ~~ i_{y}", **wanted}
    found = paths(table, "\n".join(lines + within), *wanted.values(), standardize=False)
    return {name: found[key] for name, key in wanted.items()}


def ancova(table: pd.DataFrame, post: str, pre: str, arm: str, groups: str = "school") -> Estimate:
    """Effect of a programme at `post` given `pre`, in standard deviations of `pre`, with standard errors by school.

    `arm` is the name of the programme's arm in the column ``arm``.
    """
    spread = table[pre].std()
    ready = table.assign(
        treated=(table["arm"] == arm).astype(float), post=table[post] / spread, pre=table[pre] / spread
    )
    return by_group(complete(ready, post, pre), "post ~ pre + treated", "treated", groups=groups)


def by_group(table: pd.DataFrame, formula: str, term: str, groups: str = "school") -> Estimate:
    """Coefficient of `term` in a regression whose standard errors allow for any dependence within `groups`."""
    import statsmodels.formula.api as smf

    options = {"groups": table[groups], "use_correction": True, "df_correction": True}
    fit = smf.ols(formula, table).fit(cov_type="cluster", cov_kwds=options, use_t=True)
    return Estimate(float(fit.params[term]), float(fit.pvalues[term]))


def network(sample: Sample, wave: str) -> dict[str, Estimate]:
    """Figures of playmate nominations, pooled over classes; what they mean is told by `sim.peers.NetworkFacts`."""
    scene = sample.scenes[wave]
    liked, _ = nominations(scene.liking)
    facts = network_facts(liked, scene.children["sex"])
    return {name.replace("_", " "): Estimate(value) for name, value in vars(facts).items()}


def regression_by_class(outcome: Records, terms: Mapping[str, Records]) -> dict[str, Estimate]:
    """Regression within classes: fixed effects of classes, standard errors that allow for any dependence in a class.

    Arrays have the shape (classes, observations of a class): pairs of children, for instance.
    """
    y, *columns = ((values - values.mean(axis=1, keepdims=True)).ravel() for values in (outcome, *terms.values()))
    x = np.stack(columns, axis=1)
    return clustered(y, x, np.linalg.inv(x.T @ x), np.repeat(np.arange(len(outcome)), outcome.shape[1]), terms)


def within(
    table: pd.DataFrame, outcome: str, terms: Sequence[str], units: str = "child", groups: str = "classroom"
) -> dict[str, Estimate]:
    """Regression within units that were seen many times, whose means may be anything.

    Standard errors allow for any dependence within `groups`, of which there have to be two or more.
    """
    columns = table[[outcome, *terms]]
    y, *others = (columns - columns.groupby(table[units]).transform("mean")).to_numpy().T
    x = np.column_stack(others)
    _, group = np.unique(table[groups], return_inverse=True)
    return clustered(y, x, np.linalg.pinv(x.T @ x), group, terms)


def clustered(y: Records, x: Records, bread: Records, group: Records, terms: Iterable[str]) -> dict[str, Estimate]:
    """Least squares of centred numbers; standard errors allow for any dependence in a group.

    Shapes (observations,), (observations, terms), that of the inverse of ``x.T @ x``, and (observations,): which group.
    """
    slope = bread @ x.T @ y
    left = x * (y - x @ slope)[:, None]
    score = np.stack([np.bincount(group, part) for part in left.T], axis=1)
    g = len(score)
    error = np.sqrt(np.diag(bread @ (score.T @ score) @ bread) * g / (g - 1))
    p = 2.0 * stats.t.sf(np.abs(slope) / np.maximum(error, NONE), g - 1)
    return {name: Estimate(float(b), float(chance)) for name, b, chance in zip(terms, slope, p, strict=True)}


def contact_by_contact(table: pd.DataFrame, seen: str, *names: str) -> pd.DataFrame:
    """One row for each contact of `sim.studies.instruments.ContactRating`, whose column is `seen`.

    Columns are the acts (`sim.year.interpersonal.Acts`), ``child``, ``classroom``, and `names` of the table.
    """
    import pandas as pd

    of_child = table.loc[table.index.repeat(table[seen].map(len)), ["child", "classroom", *names]]
    acts = pd.DataFrame(np.concatenate(table[seen].to_list()), columns=list(Acts._fields))
    return of_child.reset_index(drop=True).join(acts)


def intraclass(table: pd.DataFrame, score: str, groups: str = "classroom") -> Estimate:
    """Share of the variance of `score` that lies between groups, with the F test of an analysis of variance."""
    of_groups = [values.to_numpy() for _, values in complete(table, score).groupby(groups)[score]]
    sizes = np.array([len(values) for values in of_groups], dtype=float)
    total, g = sizes.sum(), len(of_groups)
    grand = sum(values.sum() for values in of_groups) / total
    between = sum(len(values) * (values.mean() - grand) ** 2 for values in of_groups) / (g - 1)
    inside = sum(np.square(values - values.mean()).sum() for values in of_groups) / (total - g)
    usual = (total - np.square(sizes).sum() / total) / (g - 1)
    share = (between - inside) / (between + (usual - 1.0) * inside)
    return Estimate(float(share), float(stats.f.sf(between / inside, g - 1, total - g)))
