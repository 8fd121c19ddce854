"""Analyses that published studies used, by way of well-known libraries: statsmodels, semopy, SciPy.

All take one row a child (`sim.studies.Sample.wide`) and give `sim.studies.Estimate`. Children who lack a score are left
out of the analysis that needs it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from sim.state import Records
from sim.studies import Estimate

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ancova",
    "cohens_d",
    "complete",
    "correlation",
    "cross_lagged",
    "indirect",
    "multilevel",
    "paths",
    "random_intercepts",
    "regression",
    "slopes",
    "z",
]

RESAMPLES = 500
LARGE = 20_000
"""Children from which a multilevel model is estimated by least squares with standard errors by class instead."""


def complete(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Rows without a gap in the columns `names` (and the classroom)."""
    return table.dropna(subset=list(names))


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

    Samples of more than `LARGE` children use generalized estimating equations' least-squares limit: ordinary
    coefficients with standard errors by class, which agree there and take seconds instead of hours.
    """
    fit = fitted(table, formula, groups)
    return {term: Estimate(float(fit.params[term]), float(fit.pvalues[term])) for term in terms}


def fitted(table: pd.DataFrame, formula: str, groups: str) -> Any:
    """A fitted regression with random intercepts, or its limit in large samples."""
    import statsmodels.formula.api as smf

    table = table.dropna(subset=[name for name in table.columns if name in formula])
    if len(table) > LARGE:
        return smf.ols(formula, table).fit(cov_type="cluster", cov_kwds={"groups": table[groups]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance at its bound of zero is a result, not a fault
        try:
            return smf.mixedlm(formula, table, groups=table[groups]).fit(reml=True, method=["lbfgs"])
        except np.linalg.LinAlgError:  # no variance between classes at all
            return smf.ols(formula, table).fit()


def slopes(
    table: pd.DataFrame,
    formula: str,
    slope: str,
    moderator: str,
    at: Sequence[float] = (-1.0, 1.0),
    groups: str = "classroom",
) -> list[Estimate]:
    """Simple slopes: of `slope` at values of `moderator`, from a multilevel model with their product.

    The formula must have ``slope * moderator``; `at` counts in the units of the moderator (standardize it first).
    """
    fit = fitted(table, formula, groups)
    names = list(fit.params.index)
    product = next(name for name in (f"{slope}:{moderator}", f"{moderator}:{slope}") if name in names)
    covariance = fit.cov_params()
    found = []
    for value in at:
        weight = np.array([1.0 if name == slope else value if name == product else 0.0 for name in names])
        estimate = float(weight @ fit.params.to_numpy())
        error = float(np.sqrt(weight @ covariance.loc[names, names].to_numpy() @ weight))
        found.append(Estimate(estimate, float(2.0 * stats.norm.sf(abs(estimate) / error))))
    return found


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


def paths(table: pd.DataFrame, model: str, *names: str) -> dict[str, Estimate]:
    """Standardized estimates of a structural equation model (semopy, maximum likelihood).

    Parameters
    ----------
    table
        Scores.
    model
        The model in lavaan's notation.
    names
        What is wanted, e.g. ``"y ~ x"`` or ``"a ~~ b"``; keys of the result. Covariances come as correlations.
    """
    import semopy

    observed = [name for name in table.columns if name in model]
    scores = z(complete(table, *observed), *observed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = semopy.Model(model)
        fit.fit(scores[observed])
        found = fit.inspect(std_est=True)
    keyed = {f"{row.lval} {row.op} {row.rval}": row for row in found.itertuples()}
    keyed |= {f"{row.rval} ~~ {row.lval}": row for row in found.itertuples() if row.op == "~~"}
    return {name: estimate_of(keyed[name], found.columns) for name in names}


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
    lines, wanted = [], {}
    for before, now in zip(waves, waves[1:], strict=False):
        for effect, other in ((x, y), (y, x)):
            lines.append(f"{effect}_{now} ~ {effect}_{before} + {other}_{before}")
            wanted[f"{effect} {before} {now}"] = f"{effect}_{now} ~ {effect}_{before}"
            wanted[f"{other} -> {effect} {before} {now}"] = f"{effect}_{now} ~ {other}_{before}"
    for wave in waves:
        lines.append(f"{x}_{wave} ~~ {y}_{wave}")
        wanted[f"{x} ~ {y} {wave}"] = f"{x}_{wave} ~~ {y}_{wave}"
    found = paths(table, "\n".join(lines), *wanted.values())
    return {name: found[key] for name, key in wanted.items()}


def random_intercepts(table: pd.DataFrame, x: str, y: str, waves: Sequence[str]) -> dict[str, Estimate]:
    """Random-intercept cross-lagged panel model (Hamaker, Kuiper & Grasman 2015): as `cross_lagged`, within children.

    Besides, ``"x ~ y between"`` is the correlation of what is stable between children.
    """
    lines = [f"i_{s} =~ " + " + ".join(f"1*{s}_{wave}" for wave in waves) for s in (x, y)]
    lines += [f"w_{s}_{wave} =~ 1*{s}_{wave}" for s in (x, y) for wave in waves]
    lines += [f"{s}_{wave} ~~ 0*{s}_{wave}" for s in (x, y) for wave in waves]
    lines += [f"i_{x} ~~ i_{y}"]
    lines += [f"i_{s} ~~ 0*w_{other}_{waves[0]}" for s in (x, y) for other in (x, y)]
    wanted = {f"{x} ~ {y} between": f"i_{x} ~~ i_{y}"}
    for before, now in zip(waves, waves[1:], strict=False):
        for effect, other in ((x, y), (y, x)):
            lines.append(f"w_{effect}_{now} ~ w_{effect}_{before} + w_{other}_{before}")
            wanted[f"{effect} {before} {now}"] = f"w_{effect}_{now} ~ w_{effect}_{before}"
            wanted[f"{other} -> {effect} {before} {now}"] = f"w_{effect}_{now} ~ w_{other}_{before}"
    for wave in waves:
        lines.append(f"w_{x}_{wave} ~~ w_{y}_{wave}")
        wanted[f"{x} ~ {y} {wave}"] = f"w_{x}_{wave} ~~ w_{y}_{wave}"
    found = paths(table, "\n".join(lines), *wanted.values())
    return {name: found[key] for name, key in wanted.items()}


def ancova(table: pd.DataFrame, post: str, pre: str, arm: str, groups: str = "school") -> Estimate:
    """Effect of a programme at `post` given `pre`, in standard deviations of `pre`; schools have random intercepts.

    `arm` is the name of the programme's arm in the column ``arm``.
    """
    spread = table[pre].std()
    ready = table.assign(
        treated=(table["arm"] == arm).astype(float), post=table[post] / spread, pre=table[pre] / spread
    )
    return multilevel(complete(ready, post, pre), "post ~ pre + treated", "treated", groups=groups)["treated"]
