"""Where everything stands in the lanes of a group, and how records get there and back.

Lane k is class number k of the group, from 0. A step of the day copies what it reads of one child of every class
into the lanes, works on all lanes, and copies back what it may have changed.
"""

from __future__ import annotations

from sim.compiled import compiled
from sim.engine.lanes import WIDTH
from sim.parameters import PARAMETERS_DTYPE
from sim.state import CHILD_DTYPE, TEACHER_DTYPE, Records

# Rows of the lanes: a child, a playmate, the teacher, the parameters, what a step takes and what it gives.
CHILD_NAMES: tuple[str, ...] = CHILD_DTYPE.names or ()
CHILD_FIELDS, TEACHER_FIELDS = len(CHILD_NAMES), len(TEACHER_DTYPE.names or ())
PARAMETERS = len(PARAMETERS_DTYPE.names or ())
CHILD_AT = 0
PLAYMATE_AT = CHILD_FIELDS * WIDTH
TEACHER_AT = PLAYMATE_AT + CHILD_FIELDS * WIDTH
PARAMETERS_AT = TEACHER_AT + TEACHER_FIELDS * WIDTH
STEP_AT = PARAMETERS_AT + PARAMETERS * WIDTH
ANSWERED, KIND, TIME, DRAW = (STEP_AT + row * WIDTH for row in range(4))
TONE, PERCEIVED, RESPONSE, FELT = (STEP_AT + row * WIDTH for row in range(4, 8))
LIKED, LIKED_BACK, ACCEPTED = (STEP_AT + row * WIDTH for row in range(8, 11))
SEEK, BEGIN, MISBEHAVE, RATE, CHANCE, TOTAL, COUNT = (STEP_AT + row * WIDTH for row in range(11, 18))
SECOND_TONE, SECOND_RESPONSE, ACTED, SEEN, SHOWN, TAKEN = (STEP_AT + row * WIDTH for row in range(18, 24))
PUSH, CHILD_LUCK, TEACHER_LUCK, CONTINUATION, REPAIR, LEAD = (STEP_AT + row * WIDTH for row in range(24, 30))
PUSH_BACK = SEEN
LANES_SIZE = STEP_AT + 30 * WIDTH
# Rows of whole numbers: whose turn it is in each class (-1: nobody's), which of its contacts or bouts, keys of luck.
WHO, WHICH, FIRST_KEY, SECOND_KEY = range(4)
TURNS = 4

# What is copied: ranges of fields that lie side by side (see `sim.state.CHILD`).
CONTACT_READS = CHILD_NAMES.index("visibility"), CHILD_NAMES.index("session_lead") + 1
CONTACT_CHANGES = CHILD_NAMES.index("liability"), CHILD_NAMES.index("structure") + 1
PLAY_READS = CHILD_NAMES.index("mood"), CHILD_NAMES.index("stress") + 1
PLAY_CHANGES = CHILD_NAMES.index("self_social"), CHILD_NAMES.index("stress") + 1
MORNING_READS = CHILD_NAMES.index("visibility"), CHILD_NAMES.index("felt_security") + 1
MORNING_CHANGES = CHILD_NAMES.index("mood"), CHILD_NAMES.index("stress") + 1
EVENING_READS = 0, CHILD_NAMES.index("achievement") + 1
EVENING_CHANGES = CHILD_NAMES.index("self_social"), CHILD_NAMES.index("achievement") + 1


@compiled
def load(lanes: Records, at: int, values: Records, c: int, i: int, k: int, fields: tuple[int, int]) -> None:
    """Copy a range of fields of child `i` of class `c` into lane `k`."""
    for field in range(fields[0], fields[1]):
        lanes[at + field * WIDTH + k] = values[c, i, field]


@compiled
def store(lanes: Records, at: int, values: Records, c: int, i: int, k: int, fields: tuple[int, int]) -> None:
    """Copy a range of fields of child `i` of class `c` back from lane `k`."""
    for field in range(fields[0], fields[1]):
        values[c, i, field] = lanes[at + field * WIDTH + k]


@compiled
def load_teachers(lanes: Records, teachers: Records, first: int) -> None:
    """Copy the teachers' fields into lanes; `teachers` has shape (c, fields)."""
    for k in range(min(WIDTH, teachers.shape[0] - first)):
        for field in range(TEACHER_FIELDS):
            lanes[TEACHER_AT + field * WIDTH + k] = teachers[first + k, field]


@compiled
def store_teachers(lanes: Records, teachers: Records, first: int) -> None:
    """Copy the teachers' fields back."""
    for k in range(min(WIDTH, teachers.shape[0] - first)):
        for field in range(TEACHER_FIELDS):
            teachers[first + k, field] = lanes[TEACHER_AT + field * WIDTH + k]


@compiled
def load_parameters(lanes: Records, parameters: Records, first: int) -> None:
    """Copy the parameters into lanes; `parameters` has shape (c, fields)."""
    for k in range(min(WIDTH, parameters.shape[0] - first)):
        for field in range(PARAMETERS):
            lanes[PARAMETERS_AT + field * WIDTH + k] = parameters[first + k, field]
