"""I6 · The Good Behavior Game in Flemish classes (Leflot et al. 2010, 2013).

Teachers who learned the game made fewer negative remarks; their pupils were more on task, and oppositional behaviour
grew less. The sizes of comparable class programmes (O2: 19 trials) are held against it, too.

The game here is the study's own intervention: the teacher praises the whole class more and answers misbehaviour calmly.
"""

from __future__ import annotations

import pandas as pd

from sim.compiled import kernel
from sim.interventions import Hook, Intervention, raised
from sim.state import Record, Records
from sim.studies import Claim, Design, Estimate, Programme, Sample, Selection, Study, Wave, primary
from sim.studies.analysis import ancova, by_group, complete, indirect

START = 8
PRAISE = CALM = 0.5
"""How far the game moves what the teacher does, of all that is possible; a judgement."""


@kernel
def play_the_game(children: Records, teacher: Record, i: int, course: Record, p: Record) -> None:  # noqa: ARG001
    """Praise for all, and calm, on every day."""
    for number in range(children.shape[0]):
        child = children[number]
        child.praise = raised(child.praise, PRAISE, course)
        child.calm = raised(child.calm, CALM, course)


class GoodBehaviorGame(Intervention):
    """The Good Behavior Game, as far as it is what the teacher does: praise for all, calm with misbehaviour."""

    name = "good-behavior-game"
    title = "Good Behavior Game"
    whole_class = True
    hook = Hook(play_the_game)


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Effects on the teacher's remarks, on work, on the growth of oppositional behaviour, and the way between them."""
    wide = sample.wide
    found = {
        name: ancova(wide, f"{score}_{wave}", f"{score}_autumn", "game", groups="classroom")
        for name, score, wave in (
            ("negative remarks", "class_negativity", "winter"),
            ("on task", "on_task", "winter"),
            ("oppositional", "aggression", "spring"),
        )
    }
    table = wide.assign(game=(wide["arm"] == "game").astype(float))
    table = complete(table, "class_negativity_winter", "on_task_winter", "aggression_autumn", "aggression_spring")
    found["remarks, then work"] = indirect(
        table, "game", "class_negativity_winter", "on_task_winter", given=("on_task_autumn",)
    )
    found["work, then behaviour"] = work(table)
    found["work, winter to spring"] = growth(table)
    return found | {f"size: {name}": found[name] for name in ("on task", "oppositional")}


def work(table: pd.DataFrame) -> Estimate:
    """On task in winter, and the growth of oppositional behaviour until spring; standardized."""
    names = ("on_task_winter", "aggression_autumn", "aggression_spring")
    table = table.assign(**{name: (table[name] - table[name].mean()) / table[name].std() for name in names})
    formula = "aggression_spring ~ aggression_autumn + on_task_winter"
    return by_group(table, formula, "on_task_winter", groups="classroom")


def growth(table: pd.DataFrame) -> Estimate:
    """What the game adds to the change in work from winter to spring, in standard deviations of autumn."""
    table = complete(table, "on_task_spring")
    gain = (table["on_task_spring"] - table["on_task_winter"]) / table["on_task_autumn"].std()
    return by_group(table.assign(gain=gain), "gain ~ game", "game", groups="classroom")


STUDY = Study(
    id="I6",
    title="The Good Behavior Game",
    source="Leflot et al. 2010, J Abnorm Child Psychol 38:869; 2013; sizes: Veenman et al. 2018",
    design=Design(
        population=primary(2, size=20),
        classes=30,
        children=570,
        schools=15,
        selection=Selection(per_class=19),
        arms={"usual": (), "game": (Programme(GoodBehaviorGame, start_week=START),)},
        assigned="class",
        waves={"autumn": Wave(START - 1), "winter": Wave(22), "spring": Wave(34)},
        measures=("class_negativity", "on_task", "aggression"),
    ),
    analyse=analyse,
    claims=(
        Claim("negative remarks", "Teachers make fewer negative remarks", direction=-1),
        Claim("on task", "Pupils are more on task", direction=1),
        Claim("oppositional", "Oppositional behaviour grows less", direction=-1),
        Claim("remarks, then work", "Fewer remarks carry the effect on work", direction=1),
        Claim("work, then behaviour", "Those who are on task grow less oppositional", direction=-1),
        Claim("work, winter to spring", "The effect on work grows no further (O2)", direction=0, significant=False),
        Claim("size: on task", "Size for work, as comparable class programmes (O2)", 0.39),
        Claim("size: oppositional", "Size for rated disruption, as comparable class programmes (O2)", -0.20),
    ),
    notes=(
        "The study followed pupils from grade 2 to the end of grade 3 and had the game in both years; here it is "
        "played in one year, from week 8 on, which is assumed. Of the game only what the teacher does is in the "
        "model: more praise for all and calm with misbehaviour, each half of the way, which is a judgement; teams, "
        "rules on the wall and prizes are not. Oppositional behaviour is teacher-rated aggression. The bootstrap of "
        "the indirect effect is over children, not classes, and so too sure of itself. That rejection falls before "
        "aggression does, in pupils who are seldom on task, is not looked at."
    ),
)
