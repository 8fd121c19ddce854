"""Contacts as trajectories on state-space grids, as a project that GridWare opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from sim.files.language import _
from sim.files.spreadsheet import harmless

if TYPE_CHECKING:
    from sim.state import Records

__all__ = ["Trajectory", "project", "trajectory"]

TONES: Final = np.linspace(-1, 1, 6)[1:-1]
"""Where one of the five columns of a state-space grid ends and the next begins."""
PREFERENCES: Final = (
    ("MinReturns", "2"),
    ("MaxReturnTime", "10"),
    ("MaxReturnVisits", "6"),
    ("MinEventDuration", "0"),
    ("MinCellDuration", "0"),
    ("MissingValueSymbol", "--"),
)


class Trajectory(NamedTuple):
    """The contacts of one child in one class.

    Attributes
    ----------
    arm
        The class, in ASCII letters.
    label
        What the class is called.
    child
        Number of the child, from 0.
    name
        Its name.
    contacts
        Records with `tone` and `response`, in order.
    """

    arm: str
    label: str
    child: int
    name: str
    contacts: Records

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.arm}-{self.child + 1:02d}.trj"


def project(trajectories: Iterable[Trajectory]) -> dict[str, bytes]:
    """The files of a project, by name.

    `spiraal.gwf` is the project, which has classes and numbers of children; names stand in ``trajectories.txt`` alone.
    """
    listed = list(trajectories)
    files = {each.file: trajectory(each.contacts).encode("ascii") for each in listed}
    arms = dict.fromkeys(each.arm for each in listed)
    children = dict.fromkeys(f"{each.child + 1:02d}" for each in listed)
    steps = [str(step) for step in range(1, len(TONES) + 2)]
    rows = [
        ("<GridWare>",),
        ("<Config>",),
        ("identifier", "categorical", "Class", *arms),
        ("identifier", "categorical", "Number", *children),
        *(("state", "integer", who, steps[0], steps[-1], *steps) for who in ("Child", "Teacher")),
        *PREFERENCES,
        ("</Config>",),
        ("<Trajectories>",),
        ("Class", "Number", "Filename"),
        *((each.arm, f"{each.child + 1:02d}", each.file) for each in listed),
        ("</Trajectories>",),
        ("</GridWare>",),
    ]
    files["spiraal.gwf"] = lines(rows).encode("ascii")
    names = [(each.file, harmless(each.label), harmless(each.name)) for each in listed]
    files["trajectories.txt"] = lines([(_("file"), _("class"), _("child")), *names]).encode("utf-8-sig")
    return files


def trajectory(met: Records) -> str:
    """Write contacts as GridWare reads them: onset and tones of 1 to 5; the last line has the end alone.

    A contact lasts one unit, so that what counts durations counts contacts.
    """
    cells = [np.digitize(met[tone], TONES) + 1 for tone in ("tone", "response")]
    rows = [f"{onset}\t{child}\t{teacher}" for onset, (child, teacher) in enumerate(zip(*cells, strict=True))]
    return "\n".join(["Onset\tChild\tTeacher", *rows, str(len(met))])


def lines(rows: Iterable[Iterable[str]]) -> str:
    """Rows as lines, with tabs between cells."""
    return "".join("\t".join(row) + "\n" for row in rows)
