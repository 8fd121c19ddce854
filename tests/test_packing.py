"""What is packed for the browser says the same there."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("solara", reason="the dashboard is not installed: pip install spiraal[app]")

from sim.dashboard.picture import TONES, contacts
from sim.state import CONTACT_DTYPE, Records
from sim.year.dyad import state_space_grid

CHILD = 3


def packed(tones: Records) -> tuple[Records, Records]:
    """Contacts with these tones, and the tones as the browser has them: the middles of their steps, or 0."""
    met = np.zeros(len(tones), CONTACT_DTYPE)
    met["child"], met["tone"], met["response"] = CHILD, tones, tones[::-1]
    record: Any = SimpleNamespace(contacts=met)
    seen = met.copy()
    for name in ("tone", "response"):
        steps = np.frombuffer(base64.b64decode(contacts(record, CHILD)[name]), dtype="u1")
        seen[name] = np.where(steps < TONES, (2.0 * steps + 1.0) / TONES - 1.0, 0.0)
    return met, seen


def test_tones_keep_their_sign_their_cell_and_nearly_their_size() -> None:
    edges = [tone + by for tone in (-0.6, -0.2, 0.0, 0.2, 0.6) for by in (-1e-9, 1e-9)]
    met, seen = packed(np.array([-1.0, *np.linspace(-0.999, 0.999, 98), *edges, 0.0, 1.0]))
    np.testing.assert_array_equal(np.sign(seen["tone"]), np.sign(met["tone"]))
    np.testing.assert_allclose(seen["tone"], met["tone"], atol=1.0 / TONES + 1e-12)
    there, here = state_space_grid(met), state_space_grid(seen)
    np.testing.assert_array_equal(here.counts, there.counts)
    assert (here.mutual_negative, here.mutual_positive) == (there.mutual_negative, there.mutual_positive)
