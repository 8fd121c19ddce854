"""Lanes: several classes side by side in one array, so that the processor works on all of them at once.

A *lane* looks like a record to an equation (``child.closeness`` is read and set in the same way), but the same field
of all lanes lies side by side in memory. A loop over lanes around an equation is therefore turned into vector
instructions by the compiler, without a second copy of the equation. All arithmetic is the same IEEE arithmetic, so that
a lane gives the same bits as a record.

An array of lanes is one-dimensional: row after row, a row for each field, each of `WIDTH` numbers.
"""

from __future__ import annotations

import hashlib
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.extending import intrinsic, models, register_model
from numba.core.imputils import lower_getattr_generic, lower_setattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr

from sim.parameters import PARAMETERS_DTYPE
from sim.state import CHILD_DTYPE, TEACHER_DTYPE

__all__ = ["WIDTH", "child_lane", "parameter_lane", "teacher_lane"]

WIDTH = 8
"""Classes side by side: as many double-precision numbers as the widest vector registers hold."""


class Lane(types.Type):
    """Type of one lane: a pointer to its entry in the row of the first field."""

    def __init__(self, what: str, fields: tuple[str, ...]) -> None:
        self.fields = fields
        # Compiled code is kept by the names of types, and holds where every field is.
        layout = hashlib.sha256(repr((WIDTH, fields)).encode()).hexdigest()[:8]
        super().__init__(name=f"Lane({what}, {layout})")


@register_model(Lane)
class LaneModel(models.PrimitiveModel):
    """In memory a lane is a pointer."""

    def __init__(self, manager: Any, lane: Lane) -> None:
        super().__init__(manager, lane, ir.DoubleType().as_pointer())


@infer_getattr
class LaneFields(AttributeTemplate):
    """Every field of a lane is a double-precision number."""

    key = Lane

    def generic_resolve(self, lane: Lane, name: str) -> Any:  # type: ignore[override]
        """Type of a field; None where the lane has no such field."""
        return types.float64 if name in lane.fields else None


def entry(context: Any, builder: Any, lane: Lane, pointer: Any, name: str) -> Any:
    """Pointer to the entry of this lane in the row of a field."""
    offset = context.get_constant(types.intp, lane.fields.index(name) * WIDTH)
    return builder.gep(pointer, [offset], inbounds=True)


@lower_getattr_generic(Lane)
def get_field(context: Any, builder: Any, lane: Lane, pointer: Any, name: str) -> Any:
    """Read a field."""
    return builder.load(entry(context, builder, lane, pointer, name))


@lower_setattr_generic(Lane)
def set_field(context: Any, builder: Any, signature: Any, arguments: Any, name: str) -> None:
    """Set a field."""
    lane, kind = signature.args
    pointer, value = arguments
    number = context.cast(builder, value, kind, types.float64)
    builder.store(number, entry(context, builder, lane, pointer, name))


def lane_of(what: str, fields: tuple[str, ...]) -> Any:
    """A function ``(array, place) -> lane`` for compiled code; `place` is that of the lane in its first row."""
    lane = Lane(what, fields)

    @intrinsic
    def make(_typing: Any, array: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            index = context.cast(builder, arguments[1], signature.args[1], types.intp)
            return builder.gep(data, [index], inbounds=True)

        return lane(array, place), generate

    return make


child_lane = lane_of("child", CHILD_DTYPE.names or ())
teacher_lane = lane_of("teacher", TEACHER_DTYPE.names or ())
parameter_lane = lane_of("parameters", PARAMETERS_DTYPE.names or ())
