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
    SECOND_RESPONSE,
    SECOND_TONE,
    TEACHER_AT,
    TONE,
    WHICH,
    WHO,
    load,
    load_teachers,
    store,
)
from sim.luck import Stream, address, normal, quarters, uniform
from sim.state import COUNTED, Record, Records

PLAY = np.int64(Stream.PLAY)
HOSTILE_PLAY = COUNTED.index("hostile_play")


@kernel
def play(group: Group, day: int) -> None:
    """Step: the day's play in the order of its times."""
    space, log = group.space, group.log.play
    lanes, turns = space.lanes, space.turns
    set_keys(group, turns[FIRST_KEY], PLAY, day)
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
                    entry.turns = 4 if d.goes_on(lanes[TONE], lanes[RESPONSE]) else 2
                    entry.second_tone, entry.second_partner_tone = lanes[SECOND_TONE], lanes[SECOND_RESPONSE]
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
        draws = quarters(stream, address(i, first + d.BOUT_TURNS))
        liked, liked_back = lanes[LIKED + k], lanes[LIKED_BACK + k]
        if i >= 0:
            tones, _ = bout(child, playmate, liked, liked_back, (luck, luck_of_playmate), draws, p)
            tone, answer, second, second_answer = tones
            on = d.goes_on(tone, answer)
            whole, whole_answer = d.as_a_whole(tone, second, on), d.as_a_whole(answer, second_answer, on)
            lanes[LIKED + k] = d.liking_learns(liked, teacher, whole_answer, p)
            d.play_learns(child, liked, whole, whole_answer, p)
            lanes[LIKED_BACK + k] = d.liking_learns(liked_back, teacher, whole, p)
            d.play_learns(playmate, liked_back, whole_answer, whole, p)
            lanes[TONE + k], lanes[RESPONSE + k] = tone, answer
            lanes[SECOND_TONE + k] = d.either(on, second, 0.0)
            lanes[SECOND_RESPONSE + k] = d.either(on, second_answer, 0.0)


@compiled
def bout(
    child: Record,
    playmate: Record,
    liked: float,
    liked_back: float,
    luck: tuple[float, float],
    draws: tuple[float, float, float, float],
    p: Record,
) -> tuple[tuple[float, float, float, float], tuple[float, float, float, float]]:
    """Tones of a bout of play, turn by turn, and the chances of hostility that the draws were compared with.

    The second turns count only where the bout goes on (`sim.dynamics.goes_on`). Nothing is learned here.
    """
    push, push_back = d.play_push(child, liked, p), d.play_push(playmate, liked_back, p)
    begin = d.pushed_on(push, 0.0, 0.0, child.self_regulation, p)
    tone = d.turn(begin, draws[0], d.play_tone(child, liked, 0.0, luck[0], p), luck[0], False, p)
    reply = d.pushed_on(push_back, 0.0, tone, playmate.self_regulation, p)
    answer = d.turn(reply, draws[1], d.play_tone(playmate, liked_back, tone, luck[1], p), luck[1], False, p)
    go_on = d.pushed_on(push, tone, answer, child.self_regulation, p)
    second = d.turn(go_on, draws[2], d.play_tone(child, liked, answer, luck[0], p), luck[0], True, p)
    close = d.pushed_on(push_back, answer, second, playmate.self_regulation, p)
    last = d.turn(close, draws[3], d.play_tone(playmate, liked_back, second, luck[1], p), luck[1], True, p)
    chances = d.chance(begin), d.chance(reply), d.chance(go_on), d.chance(close)
    return (tone, answer, second, last), chances


@compiled
def finish_bout(group: Group, k: int) -> None:
    """Copy the two children back."""
    values, liked, space, c = group.plain.children, group.classes.liked, group.space, group.first + k
    lanes, i, j = space.lanes, space.turns[WHO, k], space.partner[k]
    store(lanes, CHILD_AT, values, c, i, k, PLAY_CHANGES)
    store(lanes, PLAYMATE_AT, values, c, j, k, PLAY_CHANGES)
    liked[c, j, i], liked[c, i, j] = lanes[LIKED + k], lanes[LIKED_BACK + k]
    space.tones[k] += lanes[TONE + k] + lanes[RESPONSE + k]
    space.counts[k, HOSTILE_PLAY, i] += 1.0 if lanes[TONE + k] < 0.0 else 0.0
    space.counts[k, HOSTILE_PLAY, j] += 1.0 if lanes[RESPONSE + k] < 0.0 else 0.0
    space.met[k] += 1
