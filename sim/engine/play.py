"""The step of play: at each turn every class of the group takes its own next bout, of whichever two children."""

from __future__ import annotations

import numpy as np

from sim import dynamics as d
from sim.compiled import compiled, kernel
from sim.engine.group import LOGGED_PLAY, Group, most, set_keys, sort_times
from sim.engine.lanes import child_lane, parameter_lane, teacher_lane
from sim.engine.layout import (
    CHILD_AT,
    FIRST_KEY,
    LIKED,
    LIKED_BACK,
    PARAMETERS_AT,
    PLAY_CHANGES,
    PLAY_READS,
    PLAYMATE_AT,
    RESPONSE,
    TEACHER_AT,
    TONE,
    WHICH,
    WHO,
    load,
    load_teachers,
    store,
)
from sim.luck import Stream, address, normal, uniform
from sim.state import Records

PLAY = int(Stream.PLAY)


@kernel
def play(group: Group, day: int) -> None:
    """Step: the day's play in the order of its times."""
    space, log = group.space, group.log.play
    lanes, turns = space.lanes, space.turns
    set_keys(group, FIRST_KEY, PLAY, day)
    for k in range(group.width):
        space.tones[k], space.met[k] = 0.0, 0
        draw_bouts(group, k)
    load_teachers(lanes, group.plain.teachers, group.first)
    for step in range(most(space.totals)):
        for k in range(group.width):
            find_playmate(group, k, step)
        play_lanes(lanes, turns)
        for k in range(group.width):
            if turns[WHO, k] >= 0:
                finish_bout(group, k)
                if log.shape[0] > 0:
                    entry = log[space.logged[LOGGED_PLAY]]
                    entry.day, entry.time = day, space.times[k, step]
                    entry.child, entry.partner = turns[WHO, k], space.partner[k]
                    entry.tone, entry.partner_tone = lanes[TONE], lanes[RESPONSE]
                    space.logged[LOGGED_PLAY] += 1
    for k in range(group.width):
        if space.met[k] > 0:
            group.classes.teachers[group.first + k].play_climate = space.tones[k] / (2 * space.met[k])


@kernel
def draw_bouts(group: Group, k: int) -> None:
    """All bouts of play of one class today: times and their order; weights of playmates."""
    classes, space, c = group.classes, group.space, group.first + k
    n, per_child = classes.children.shape[1], int(classes.parameters[c].play_bouts)
    stream = np.uint64(space.turns[FIRST_KEY, k])
    d.playmate_weights(classes.children[c], classes.liked[c].T, classes.parameters[c], space.weights[k])
    for i in range(n):
        for bout in range(per_child):
            event = i * per_child + bout
            space.when[k, event] = uniform(stream, address(i, bout * d.DRAWS_PER_BOUT + d.BOUT_TIME))
            space.whose[k, event], space.which[k, event] = i, bout
    space.totals[k] = n * per_child
    sort_times(space.when[k, : n * per_child], space.order[k], space.times[k], space.starts)


@compiled
def find_playmate(group: Group, k: int, step: int) -> None:
    """Bring the children of the next bout of one class into its lane."""
    values, liked, space, c = group.plain.children, group.classes.liked, group.space, group.first + k
    lanes, turns = space.lanes, space.turns
    turns[WHO, k] = -1
    if step >= space.totals[k]:
        return
    event = space.order[k, step]
    i, bout = space.whose[k, event], space.which[k, event]
    place = address(i, bout * d.DRAWS_PER_BOUT + d.BOUT_PARTNER)
    j = d.choose(space.weights[k], i, uniform(np.uint64(turns[FIRST_KEY, k]), place))
    if j < 0:
        return
    turns[WHO, k], turns[WHICH, k], space.partner[k] = i, bout, j
    load(lanes, CHILD_AT, values, c, i, k, PLAY_READS)
    load(lanes, PLAYMATE_AT, values, c, j, k, PLAY_READS)
    lanes[LIKED + k], lanes[LIKED_BACK + k] = liked[c, j, i], liked[c, i, j]


@kernel
def play_lanes(lanes: Records, turns: Records) -> None:
    """The next bout of play of every class."""
    for k in range(turns.shape[1]):
        child, playmate = child_lane(lanes, CHILD_AT + k), child_lane(lanes, PLAYMATE_AT + k)
        teacher, p = teacher_lane(lanes, TEACHER_AT + k), parameter_lane(lanes, PARAMETERS_AT + k)
        i, first = turns[WHO, k], turns[WHICH, k] * d.DRAWS_PER_BOUT
        stream = np.uint64(turns[FIRST_KEY, k])
        luck = normal(stream, address(i, first + d.BOUT_TONE))
        luck_of_playmate = normal(stream, address(i, first + d.BOUT_ANSWER))
        liked, liked_back = lanes[LIKED + k], lanes[LIKED_BACK + k]
        tone = d.play_tone(child, liked, 0.0, luck, p)
        answer = d.play_tone(playmate, liked_back, tone, luck_of_playmate, p)
        if i >= 0:
            lanes[LIKED + k] = d.liking_learns(liked, teacher, answer, p)
            d.play_learns(child, tone, answer, p)
            lanes[LIKED_BACK + k] = d.liking_learns(liked_back, teacher, tone, p)
            d.play_learns(playmate, answer, tone, p)
        lanes[TONE + k], lanes[RESPONSE + k] = tone, answer


@compiled
def finish_bout(group: Group, k: int) -> None:
    """Copy the two children back."""
    values, liked, space, c = group.plain.children, group.classes.liked, group.space, group.first + k
    lanes, i, j = space.lanes, space.turns[WHO, k], space.partner[k]
    store(lanes, CHILD_AT, values, c, i, k, PLAY_CHANGES)
    store(lanes, PLAYMATE_AT, values, c, j, k, PLAY_CHANGES)
    liked[c, j, i], liked[c, i, j] = lanes[LIKED + k], lanes[LIKED_BACK + k]
    space.tones[k] += lanes[TONE + k] + lanes[RESPONSE + k]
    space.met[k] += 1
