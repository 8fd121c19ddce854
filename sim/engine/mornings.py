"""Steps of the morning: children and teacher arrive, and interventions say what is in force today."""

from __future__ import annotations

import numpy as np

from sim import dynamics as d
from sim.compiled import kernel
from sim.engine.group import Group, set_keys
from sim.engine.hooks import call_hook, set_day
from sim.engine.lanes import child_lane, parameter_lane
from sim.engine.layout import (
    CHILD_AT,
    FIRST_KEY,
    MORNING_CHANGES,
    MORNING_READS,
    PARAMETERS_AT,
    SECOND_KEY,
    WHO,
    load,
    store,
)
from sim.luck import Stream, address, normal
from sim.state import Records
from sim.target import choose

MOODS, WEEKENDS = np.int64(Stream.MOODS), np.int64(Stream.WEEKENDS)


@kernel
def arrive(group: Group, day: int) -> None:
    """Step: moods of the day, recovery of stress."""
    classes, values, space, first = group.classes, group.plain.children, group.space, group.first
    lanes, turns = space.lanes, space.turns
    n, nights = classes.children.shape[1], classes.nights[day]
    set_keys(group, turns[FIRST_KEY], MOODS, day)
    for i in range(n):
        for k in range(group.width):
            turns[WHO, k] = i
            load(lanes, CHILD_AT, values, first + k, i, k, MORNING_READS)
        arrive_lanes(lanes, turns, nights)
        for k in range(group.width):
            store(lanes, CHILD_AT, values, first + k, i, k, MORNING_CHANGES)
    for k in range(group.width):
        teacher, p = classes.teachers[first + k], classes.parameters[first + k]
        luck = normal(np.uint64(turns[FIRST_KEY, k]), address(n, 0))
        for _ in range(nights):
            d.teacher_rests(teacher, p)
        d.teacher_arrives(teacher, luck, p)
    if nights > 1:
        weekend(group, day)


@kernel
def weekend(group: Group, day: int) -> None:
    """What happens between children on days without school."""
    classes, n = group.classes, group.classes.children.shape[1]
    set_keys(group, group.space.turns[SECOND_KEY], WEEKENDS, day)
    for k in range(group.width):
        c, stream = group.first + k, np.uint64(group.space.turns[SECOND_KEY, k])
        liked, p = classes.liked[c], classes.parameters[c]
        for i in range(n):
            fame_of_i = normal(stream, address(i, d.FAME))
            for j in range(i + 1, n):
                shared, fame_of_j = normal(stream, address(i, j)), normal(stream, address(j, d.FAME))
                of_i, of_j = normal(stream, address(i, d.PAIR_DRAWS + j)), normal(stream, address(j, d.PAIR_DRAWS + i))
                liked[j, i] = d.liking_drifts(liked[j, i], shared, of_i, fame_of_j, p)
                liked[i, j] = d.liking_drifts(liked[i, j], shared, of_j, fame_of_i, p)


@kernel
def arrive_lanes(lanes: Records, turns: Records, nights: int) -> None:
    """Nights of one child of every class, and its mood of the new day."""
    for _ in range(nights):
        for k in range(turns.shape[1]):
            d.child_rests(child_lane(lanes, CHILD_AT + k), parameter_lane(lanes, PARAMETERS_AT + k))
    for k in range(turns.shape[1]):
        luck = normal(np.uint64(turns[FIRST_KEY, k]), address(turns[WHO, k], 0))
        d.child_arrives(child_lane(lanes, CHILD_AT + k), luck, parameter_lane(lanes, PARAMETERS_AT + k))


@kernel
def intervene(group: Group, day: int) -> None:
    """Step: interventions say what is in force today."""
    classes = group.classes
    if classes.hooks.shape[0] == 0:
        return
    for c in range(group.first, group.first + group.width):
        children, teacher = classes.children[c], classes.teachers[c]
        d.clear_levers(children, teacher)
        for j in range(classes.hooks.shape[0]):
            course = classes.courses[c, j]
            if day < course.first_day:
                continue
            set_day(course, day)
            chosen = classes.chosen[c, j]
            if day == course.first_day:
                choose(children, classes.liked[c].T, int(course.rule), int(course.count), classes.named[c, j], chosen)
            for place in range(chosen.shape[0]):
                if chosen[place] < 0 or (course.whole_class > 0.0 and place > 0):
                    break
                call_hook(
                    classes.hooks[j],
                    children,
                    classes.teachers[c : c + 1],
                    chosen[place],
                    classes.courses[c, j : j + 1],
                    classes.parameters[c : c + 1],
                )
