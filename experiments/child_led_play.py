"""F5 · Children seldom act up where they lead: play for two against the same children's day in class.

In functional analyses children act up to escape from demands; with choice, and where they lead, they seldom do. Here
the child of a class whom its teacher rates highest in aggression plays with the teacher twice a week, and leads.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from sim.state import Records
from sim.studies import Claim, Design, Estimate, Programme, Sample, Selection, Study, Wave, kindergarten
from sim.studies.cohort import Scene
from sim.studies.instruments import Observation, in_class

START, WEEKS = 9, 6


def in_play(scene: Scene) -> Records:
    """Share of the exchanges of play for two in which the child is hostile."""
    hostile: Records = scene.lately["hostile_in_sessions"]
    return hostile / np.maximum(scene.lately["sessions"], 1.0)


def in_lessons(scene: Scene) -> Records:
    """Share of the contacts in class in which the child is hostile."""
    hostile: Records = scene.lately["hostile_acts"]
    return hostile / in_class(scene)


def analyse(sample: Sample) -> dict[str, Estimate]:
    """Hostile acts in play and in class, of the same children."""
    play, lessons = sample.wide["hostile_in_play_end"], sample.wide["hostile_in_class_end"]
    return {
        "in play": Estimate(float(play.mean())),
        "in class": Estimate(float(lessons.mean())),
        "play - class": Estimate(float((play - lessons).mean()), float(stats.ttest_rel(play, lessons).pvalue)),
    }


STUDY = Study(
    id="F5",
    title="Hostile acts where the child leads",
    source="Functional analyses of demand and choice (data of the package ARPobservation)",
    design=Design(
        population=kindergarten(),
        classes=40,
        children=40,
        selection=Selection(per_class=1, by="aggression", highest=True),
        arms={"play": (Programme("relationship-play", start_week=START),)},
        waves={"end": Wave(START + WEEKS - 1)},
        measures=(
            Observation("hostile_in_play", "Hostile acts in play for two", "observer", in_play, "F5", reliability=0.8),
            Observation("hostile_in_class", "Hostile acts in class", "observer", in_lessons, "F5", reliability=0.8),
        ),
        lookback=5 * WEEKS,
    ),
    analyse=analyse,
    claims=(Claim("play - class", "Children are hostile less often where they lead", direction=-1, built_in=True),),
    notes=(
        "The finding is one of direction, from many single cases of other ages and settings. The six weeks of "
        "relationship play are those of Samen-Spel; hostile acts are counted for each exchange in play and for each "
        "contact in class, over the same weeks, with a reliability of .8, which is assumed. That demand provokes, and "
        "that the child's own lead asks little, is put in by hand. Size of the study is assumed."
    ),
)
