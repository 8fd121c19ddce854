"""Write the quantiles of the population's distributions, ``quantiles.npz``; see `sim.population.quantiles`.

Run it after the shape of a distribution has changed; it needs SciPy, which the program's own draws do not. The rows
are held to SciPy by ``tests/test_same_bytes.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from sim.files.packaged import PACKAGE
from sim.planes import in_planes
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


if __name__ == "__main__":
    kept: dict[str, Any] = {row: in_planes(values.view("u8"), ORDER) for row, values in rows().items()}
    np.savez_compressed(FILE, **kept)
    print(f"{FILE}: {FILE.stat().st_size:,} bytes")
