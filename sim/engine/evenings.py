"""Steps at the end of the day: learning, and what is kept of the evening."""

from __future__ import annotations

from sim import dynamics as d
from sim.compiled import kernel
from sim.engine.group import Group
from sim.engine.lanes import child_lane, parameter_lane, teacher_lane
from sim.engine.layout import (
    ACCEPTED,
    CHILD_AT,
    EVENING_CHANGES,
    EVENING_READS,
    PARAMETERS_AT,
    TEACHER_AT,
    load,
    load_teachers,
    store,
)
from sim.state import Records


@kernel
def learn(group: Group, day: int) -> None:  # noqa: ARG001 - as all steps
    """Step: engagement, achievement, and the slow return of every memory."""
    classes, values, space, first = group.classes, group.plain.children, group.space, group.first
    lanes, n = space.lanes, classes.children.shape[1]
    load_teachers(lanes, group.plain.teachers, first)
    for k in range(group.width):
        liking, accepted = classes.liked[first + k].T, space.weights[k, 0]
        for i in range(n):
            accepted[i] = d.acceptance(liking, i)
    for i in range(n):
        for k in range(group.width):
            load(lanes, CHILD_AT, values, first + k, i, k, EVENING_READS)
            lanes[ACCEPTED + k] = space.weights[k, 0, i]
        learn_lanes(lanes, space.turns)
        for k in range(group.width):
            store(lanes, CHILD_AT, values, first + k, i, k, EVENING_CHANGES)
    for c in range(first, first + group.width):
        d.liking_settles(classes.liked[c].T, classes.affinity[c].T, classes.parameters[c])
        d.class_settles(classes.teachers[c], classes.parameters[c])


@kernel
def learn_lanes(lanes: Records, turns: Records) -> None:
    """Learning, and the slow return of every memory, for one child of every class."""
    for k in range(turns.shape[1]):
        child, teacher = child_lane(lanes, CHILD_AT + k), teacher_lane(lanes, TEACHER_AT + k)
        p = parameter_lane(lanes, PARAMETERS_AT + k)
        d.child_studies(child, lanes[ACCEPTED + k], p)
        d.child_settles(child, teacher, p)


@kernel
def record(group: Group, day: int) -> None:
    """Step: the state of the evening is kept, where it was asked for."""
    classes, kept, slot, n = group.classes, group.kept, group.kept.slots[day], group.classes.children.shape[1]
    if slot < 0:
        return
    for k in range(group.width):
        c = group.first + k
        kept.teachers[c, slot] = classes.teachers[c]
        liking = classes.liked[c].T
        for i in range(n):
            kept.children[c, slot, i] = classes.children[c, i]
            kept.acceptance[c, slot, i] = d.acceptance(liking, i)
            for row in range(group.space.counts.shape[1]):
                kept.counts[c, slot, row, i] = group.space.counts[k, row, i]
        if kept.liking.shape[1] > 0:
            for i in range(n):
                for j in range(n):
                    kept.liking[c, slot, i, j] = liking[i, j]
