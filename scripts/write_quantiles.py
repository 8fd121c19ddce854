"""Write the quantiles of the population's distributions, ``quantiles.npz``; see `sim.population.quantiles`.

Run it after the shape of a distribution has changed; it needs SciPy, which the program's own draws do not. The rows
are held to SciPy by ``tests/test_same_bytes.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from sim.files.packaged import PACKAGE
from sim.population import MARGINALS, ORDER, STEPS, TEACHER_MARGINALS, VISIBILITY, VISIBILITY_SHAPE, WIDEST

FILE = PACKAGE / "files" / "shipped" / "quantiles.npz"


def rows() -> dict[str, Any]:
    """Quantiles of every distribution, by the name of its row."""
    places = np.arange(-WIDEST * STEPS, WIDEST * STEPS + 1) / STEPS
    low, high = special.ndtr(places), special.ndtr(-places)
    found = {VISIBILITY: np.where(places < 0.0, special.gammaincinv(VISIBILITY_SHAPE, low), 0.0)}
    found[VISIBILITY][places >= 0.0] = special.gammainccinv(VISIBILITY_SHAPE, high[places >= 0.0])
    for marginal in (*MARGINALS.values(), *TEACHER_MARGINALS.values()):
        if marginal.alpha is not None and marginal.beta is not None:
            found[marginal.row] = special.betaincinv(marginal.alpha, marginal.beta, low)
    return found


def in_differences(values: Any) -> Any:
    """Numbers as `sim.population.from_differences` reads them."""
    bits = values.astype("<f8").view("<i8")
    for _ in range(ORDER):
        bits = np.diff(bits, prepend=0)
    return np.ascontiguousarray(bits.view("u1").reshape(-1, 8).T)


if __name__ == "__main__":
    np.savez_compressed(FILE, **{row: in_differences(values) for row, values in rows().items()})
    print(f"{FILE}: {FILE.stat().st_size:,} bytes")
