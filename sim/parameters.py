"""Every parameter: value, range, unit, meaning, where its value comes from.

A parameter describes what one teacher or one child does in one contact, or how long a memory lasts. None is
named after a finding, and none is a published coefficient. Provenance is one of

calibrated
    adjusted, together with the other calibrated ones, so that virtual studies of simulated classes find the published
    facts (``experiments/calibrate.py``, which writes ``calibrated.toml``: value, interval, facts that tell most);
replicated
    the mechanism, not the number, is taken from an experiment on single contacts;
assumed
    a judgement within the range; the facts named under `source`, if any, make it plausible.

Sources are rows of the evidence table in ``docs/evidence.md``. The values of every release are kept in the folder
``releases``, a file each, so that an older model can be tried again (`replayed`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.files.packaged import packaged

__all__ = ["PARAMETERS", "PARAMETERS_DTYPE", "Parameter", "Parameters", "Replayed", "releases", "replayed"]

HALF_LIFE = "_half_life"
FADE = "_fade"


@dataclass(frozen=True)
class Parameter:
    """One parameter of the model."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    meaning: str
    provenance: str
    source: str
    group: str
    interval: tuple[float, float] | None = None
    """Of calibrated ones: where the value lies with a probability of 95 %, given the facts and the range searched."""

    @property
    def field(self) -> str:
        """Name in the compiled record: half-lives become the share that fades in one school day."""
        if self.name.endswith(HALF_LIFE):
            return self.name.removesuffix(HALF_LIFE) + FADE
        return self.name

    def rate(self, value: float) -> float:
        """What the equations use for `value`."""
        return faded(value) if self.name.endswith(HALF_LIFE) else value


@lru_cache(4096)
def faded(half_life: float) -> float:
    """Share that fades in one school day; in decimals, whose powers have the same digits on every computer."""
    with localcontext(Context(prec=30)):
        return 1.0 - float(Decimal("0.5") ** (1 / Decimal(half_life)))


CALIBRATED_FILE = packaged("calibrated.toml")
CALIBRATED = tomllib.loads(CALIBRATED_FILE.read_text(encoding="utf-8"))


def calibrated(name: str, low: float, high: float, unit: str, meaning: str, group: str) -> Parameter:
    """A parameter whose value was found by calibration."""
    entry = CALIBRATED[name]
    source, interval = ", ".join(entry["facts"]), (entry["low"], entry["high"])
    return Parameter(name, entry["value"], low, high, unit, meaning, "calibrated", source, group, interval)


TABLE = (
    # Moods and stress
    Parameter("mood_carry_over", 0.2, 0.0, 0.9, "correlation from day to day", "Carry-over of mood from one day to the next", "assumed", "R6", "Moods and stress"),
    Parameter("child_stress_rest", 0.2, 0.0, 0.6, "level", "Stress that an entirely insecure child returns to", "assumed", "R2", "Moods and stress"),
    Parameter("child_recovery", 0.5, 0.1, 0.9, "share a night", "Recovery of a child's stress overnight", "assumed", "R2", "Moods and stress"),
    Parameter("child_recovery_safety", 0.5, 0.0, 0.9, "share", "How much of that recovery depends on feeling safe with the teacher", "assumed", "R2", "Moods and stress"),
    calibrated("teacher_stress_rest", 0.0, 0.9, "level", "Stress that a fully strained teacher returns to", "Moods and stress"),
    Parameter("teacher_recovery", 0.4, 0.1, 0.9, "share a night", "Recovery of the teacher's stress overnight", "assumed", "", "Moods and stress"),
    # Bids and attention
    calibrated("seek_rate", 0.1, 8.0, "bids a day", "Contacts that a child seeks", "Bids and attention"),
    calibrated("seek_closeness", 0.0, 6.0, "factor", "More bids of a child that is close to the teacher", "Bids and attention"),
    calibrated("seek_dependency", 0.0, 6.0, "factor", "More bids of a dependent child", "Bids and attention"),
    Parameter("seek_insecurity", 0.6, 0.0, 3.0, "factor", "More bids of an insecure child", "assumed", "", "Bids and attention"),
    calibrated("bid_mood", 0.0, 0.9, "factor", "How often a child comes into view varies with the mood of the day", "Bids and attention"),
    calibrated("approach_rate", 1.0, 15.0, "bids a day", "Contacts that the teacher begins", "Bids and attention"),
    calibrated("approach_preference", 0.0, 0.9, "factor", "Teachers approach the children they expect warmth from", "Bids and attention"),
    calibrated("misbehaviour_rate", 0.0, 60.0, "bids a day", "Contacts that unrestrained aggression forces", "Bids and attention"),
    Parameter("attention_recovery", 15.0, 5.0, 100.0, "a day", "How fast attention is restored", "assumed", "R1", "Bids and attention"),
    Parameter("attention_cost", 0.034, 0.01, 0.2, "share", "Attention that one contact uses", "assumed", "R1", "Bids and attention"),
    Parameter("attention_strain", 0.4, 0.0, 0.9, "share", "Attention that a wholly worn-out teacher lacks", "assumed", "", "Bids and attention"),
    Parameter("social_share", 0.3, 0.0, 1.0, "share", "Bids that are social rather than about a task", "assumed", "", "Bids and attention"),
    Parameter("public_task", 0.4, 0.0, 1.0, "share", "Task contacts that classmates see", "assumed", "", "Bids and attention"),
    Parameter("public_social", 0.2, 0.0, 1.0, "share", "Social contacts that classmates see", "assumed", "", "Bids and attention"),
    Parameter("public_discipline", 0.7, 0.0, 1.0, "share", "Corrections that classmates see", "assumed", "", "Bids and attention"),
    # The child's act
    calibrated("act_baseline", -6.0, -1.0, "push", "Push towards hostility of a child whom nothing provokes", "The child's act"),
    calibrated("act_misbehaviour", 0.0, 10.0, "push", "Aggression that gets past self-regulation, where work is asked", "The child's act"),
    calibrated("act_stress", 0.0, 3.0, "push", "Stress provokes", "The child's act"),
    calibrated("act_conflict", 0.0, 3.0, "push", "Conflict with this teacher provokes", "The child's act"),
    calibrated("act_mismatch", 0.0, 3.0, "push", "Two who do not suit each other grate", "The child's act"),
    calibrated("act_security", 0.0, 2.0, "push", "Feeling safe with this teacher holds back", "The child's act"),
    Parameter("act_mood", 0.5, 0.0, 1.0, "push", "A good day of the child holds back", "assumed", "", "The child's act"),
    Parameter("act_day", 0.85, 0.0, 1.0, "push", "A good day of the teacher holds the class back", "assumed", "F3", "The child's act"),
    Parameter("demand_social", 0.5, 0.0, 1.0, "share", "Demand of a social contact, relative to one about a task", "assumed", "F5", "The child's act"),
    Parameter("demand_lead", 0.2, 0.0, 1.0, "share", "Demand where the child leads", "assumed", "F5", "The child's act"),
    Parameter("demand_discipline", 1.2, 0.0, 3.0, "share", "Demand of a correction", "assumed", "F5", "The child's act"),
    # Turns
    Parameter("hostile_strength", 1.0, 0.1, 2.0, "tone", "Strength of a hostile act", "assumed", "", "Turns"),
    Parameter("hostile_spread", 0.25, 0.0, 0.28, "share", "Spread of that strength", "assumed", "", "Turns"),
    Parameter("escalation", 0.3, 0.0, 2.0, "share", "How much sharper a second turn is", "assumed", "", "Turns"),
    Parameter("persistence", 1.2, 0.0, 4.0, "push", "Whoever has begun goes on", "assumed", "", "Turns"),
    Parameter("provocation", 2.0, 0.0, 6.0, "push", "Hostility that is met provokes", "assumed", "", "Turns"),
    Parameter("soothing", 1.0, 0.0, 6.0, "push", "Warmth that is met soothes", "assumed", "", "Turns"),
    Parameter("suppression", 1.5, 0.0, 6.0, "push", "A calm answer stops hostility here and now", "assumed", "F4", "Turns"),
    # The child's tone
    calibrated("tone_baseline", -1.0, 1.5, "tone", "Tone of a child without closeness, security or stress", "The child's tone"),
    calibrated("tone_closeness", 0.0, 2.0, "tone", "Closeness warms the tone", "The child's tone"),
    calibrated("tone_felt_security", 0.0, 2.0, "tone", "Feeling safe warms the tone", "The child's tone"),
    Parameter("tone_mood", 0.2, 0.0, 0.6, "tone", "Mood colours the tone", "assumed", "", "The child's tone"),
    calibrated("tone_stress", 0.0, 3.0, "tone", "Stress cools the tone", "The child's tone"),
    Parameter("tone_discipline", 0.4, 0.0, 1.5, "tone", "A correction cools the tone", "assumed", "", "The child's tone"),
    Parameter("tone_session", 0.5, 0.0, 1.5, "tone", "Undivided attention that follows the child's lead is pleasant", "assumed", "I1, I4", "The child's tone"),
    Parameter("tone_luck", 0.5, 0.1, 1.0, "SD", "Luck in the child's tone", "assumed", "", "The child's tone"),
    # Perception
    calibrated("teacher_bias", 0.0, 0.9, "share", "Pull of the teacher's working model on what it perceives, without reflection", "Perception"),
    calibrated("child_bias", 0.0, 0.9, "share", "Pull of the child's working model on what it perceives, when wholly insecure", "Perception"),
    Parameter("negativity", 1.5, 1.0, 3.0, "factor", "Negative experience weighs more than positive", "assumed", "W2", "Perception"),
    # The teacher's act
    calibrated("harsh_baseline", -6.0, 0.0, "push", "Push towards harshness of an unsupportive teacher whom nothing provokes", "The teacher's act"),
    calibrated("harsh_support", 0.0, 4.0, "push", "Emotional support holds back", "The teacher's act"),
    calibrated("harsh_hostility", 0.0, 10.0, "push", "Hostility that is perceived provokes", "The teacher's act"),
    calibrated("harsh_helplessness", 0.0, 8.0, "push", "More so without perceived control", "The teacher's act"),
    calibrated("harsh_conflict", 0.0, 3.0, "push", "Conflict with this child provokes", "The teacher's act"),
    calibrated("harsh_stress", 0.0, 8.0, "push", "Stress provokes, with every child", "The teacher's act"),
    Parameter("harsh_mood", 0.15, 0.0, 1.0, "push", "A good day holds back", "assumed", "", "The teacher's act"),
    # The teacher's tone
    calibrated("response_baseline", -1.0, 1.5, "tone", "Tone of an unsupportive teacher to a neutral child", "The teacher's tone"),
    calibrated("response_support", 0.0, 2.0, "tone", "Emotional support warms every answer", "The teacher's tone"),
    calibrated("response_warmth", 0.0, 2.0, "tone", "Warmth answers warmth", "The teacher's tone"),
    calibrated("response_conflict", 0.0, 2.0, "tone", "Conflict cools the tone towards this child", "The teacher's tone"),
    calibrated("response_stress", 0.0, 3.0, "tone", "Stress cools the tone towards every child", "The teacher's tone"),
    calibrated("response_discipline", 0.0, 1.5, "tone", "A correction is cooler", "The teacher's tone"),
    Parameter("response_mood", 0.15, 0.0, 0.6, "tone", "Mood colours the tone", "assumed", "", "The teacher's tone"),
    Parameter("response_attunement", 0.6, 0.0, 1.5, "tone", "Attunement to the child's lead warms the answer", "assumed", "I1, I4", "The teacher's tone"),
    Parameter("response_praise", 0.6, 0.0, 1.5, "tone", "Looking for occasions to praise warms the answer at work", "assumed", "I1", "The teacher's tone"),
    Parameter("response_luck", 0.35, 0.1, 1.0, "SD", "Luck in the teacher's tone", "assumed", "", "The teacher's tone"),
    # The dyad
    calibrated("closeness_gain", 0.001, 0.2, "share a contact", "Growth of closeness from warmth", "The dyad"),
    calibrated("closeness_hurt", 0.0, 0.2, "share a contact", "Loss of closeness from felt hostility", "The dyad"),
    calibrated("closeness_half_life", 5.0, 120.0, "school days", "Half-life of closeness", "The dyad"),
    calibrated("closeness_rest", 0.0, 1.0, "share", "How far closeness returns to the rapport of the two", "The dyad"),
    calibrated("intimacy_task", 0.0, 1.0, "share", "Room for closeness in a contact about a task", "The dyad"),
    Parameter("intimacy_social", 1.0, 0.0, 1.0, "share", "Room for closeness in a social contact", "assumed", "", "The dyad"),
    Parameter("intimacy_discipline", 0.1, 0.0, 1.0, "share", "Room for closeness in a correction", "assumed", "", "The dyad"),
    Parameter("intimacy_session", 0.5, 0.0, 1.0, "share", "Room for closeness in an exchange of a session that the child leads", "assumed", "I1", "The dyad"),
    Parameter("intimacy_public", 0.7, 0.0, 1.0, "share", "What is left of it in public", "assumed", "", "The dyad"),
    calibrated("conflict_gain", 0.001, 0.5, "share a contact", "Growth of conflict towards the friction of a contact", "The dyad"),
    Parameter("conflict_repair", 0.004, 0.0, 0.05, "share a contact", "Repair of conflict by warmth", "assumed", "I1", "The dyad"),
    calibrated("conflict_half_life", 20.0, 400.0, "school days", "Half-life of conflict", "The dyad"),
    calibrated("conflict_rest", 0.0, 1.0, "share", "How far conflict returns to the mismatch of the two", "The dyad"),
    calibrated("dependency_gain", 0.0, 0.2, "share a contact", "Comfort sought in distress makes a child cling", "The dyad"),
    calibrated("dependency_growth", 0.0, 0.2, "share a contact", "Being met with warmth lets it explore", "The dyad"),
    calibrated("dependency_half_life", 10.0, 300.0, "school days", "Half-life of dependency", "The dyad"),
    calibrated("dependency_rest", 0.0, 1.0, "level", "Dependency that a wholly insecure child returns to", "The dyad"),
    # What the teacher learns
    calibrated("representation_rate", 0.001, 0.3, "share a contact", "Learning rate of the teacher's working model", "What the teacher learns"),
    Parameter("representation_rest", 0.6, 0.0, 1.0, "level", "Image of a child that a wholly supportive teacher returns to", "assumed", "", "What the teacher learns"),
    Parameter("representation_half_life", 120.0, 20.0, 400.0, "school days", "Half-life of the teacher's working model", "assumed", "", "What the teacher learns"),
    calibrated("control_gain", 0.0, 0.2, "share a contact", "Warmth restores perceived control", "What the teacher learns"),
    calibrated("control_loss", 0.0, 0.3, "share a contact", "Hostility takes perceived control away", "What the teacher learns"),
    Parameter("control_half_life", 40.0, 5.0, 200.0, "school days", "Half-life of perceived control", "assumed", "D4", "What the teacher learns"),
    calibrated("teacher_stress_gain", 0.0, 0.3, "share a contact", "Hostility that cannot be controlled stresses the teacher", "What the teacher learns"),
    Parameter("teacher_stress_relief", 0.0007, 0.0, 0.05, "share a contact", "Warmth relieves the teacher", "assumed", "", "What the teacher learns"),
    # What the child learns
    calibrated("felt_security_rate", 0.001, 0.3, "share a contact", "Learning rate of the child's working model", "What the child learns"),
    Parameter("felt_security_rest", 0.22, 0.0, 1.0, "level", "Attachment security at which the child expects nothing good nor bad", "assumed", "", "What the child learns"),
    Parameter("felt_security_half_life", 95.0, 10.0, 400.0, "school days", "Half-life of the child's working model", "assumed", "", "What the child learns"),
    Parameter("guidance_rate", 0.01, 0.001, 0.2, "share a contact", "Learning rate of how much room and structure the child finds", "assumed", "M1", "What the child learns"),
    Parameter("autonomy_trust", 0.5, 0.0, 1.0, "share", "How far the lead is left to children who take part, rather than to all alike", "assumed", "M1", "What the child learns"),
    Parameter("felt_security_carry_over", 0.4, 0.0, 1.0, "share", "What a child goes on expecting of teachers when a new one takes over", "assumed", "", "What the child learns"),
    calibrated("child_stress_gain", 0.0, 0.5, "share a contact", "Felt hostility stresses the child", "What the child learns"),
    calibrated("child_stress_relief", 0.0, 0.3, "share a contact", "Felt warmth calms the child", "What the child learns"),
    Parameter("goodwill_gain", 0.4, 0.0, 0.9, "share a contact", "Approval makes willing at once", "assumed", "F1, F4", "What the child learns"),
    Parameter("goodwill_loss", 0.5, 0.0, 0.9, "share a contact", "Felt hostility undoes it", "assumed", "F1", "What the child learns"),
    Parameter("goodwill_ignored", 0.06, 0.0, 0.9, "share a bid", "A bid that is not answered undoes some of it", "assumed", "", "What the child learns"),
    Parameter("goodwill_half_life", 1.6, 0.3, 10.0, "school days", "Half-life of goodwill", "assumed", "F1", "What the child learns"),
    Parameter("goodwill_restraint", 0.85, 0.0, 0.9, "share", "Readiness for hostility that goodwill holds back", "assumed", "F1", "What the child learns"),
    calibrated("habit_weight", 0.0, 1.0, "share", "Readiness that a full habit of hostility with this teacher adds", "What the child learns"),
    calibrated("habit_rest", 0.0, 1.0, "share", "How far that habit returns to the mismatch of the two", "What the child learns"),
    Parameter("habit_half_life", 20.0, 5.0, 120.0, "school days", "Half-life of that habit", "assumed", "F2", "What the child learns"),
    calibrated("coercion_habit", 0.0, 0.9, "share a contact", "Growth of that habit, where hostility is acted and meets hostility", "What the child learns"),
    Parameter("habit_relief", 0.002, 0.0, 0.1, "share a contact", "It fades where warmth is felt", "assumed", "", "What the child learns"),
    calibrated("coercion_teacher", 0.0, 0.3, "share a contact", "Growth of the liability, where hostility is acted and meets hostility", "What the child learns"),
    calibrated("coercion_relief", 0.0, 0.1, "share a contact", "The liability fades where warmth is felt", "What the child learns"),
    Parameter("liability_half_life", 150.0, 40.0, 800.0, "school days", "Half-life of what the liability has learned", "assumed", "F2", "What the child learns"),
    calibrated("aggression_liability", 0.0, 1.0, "share", "Liability that a child of the highest externalizing trait returns to", "What the child learns"),
    calibrated("aggression_norms", 0.0, 0.9, "share", "Internalized norms restrain the liability to aggression", "What the child learns"),
    calibrated("aggression_esteem", 0.0, 0.5, "level", "Low self-esteem adds to the liability to aggression", "What the child learns"),
    Parameter("regulation_gain", 0.0003, 0.0, 0.05, "share a contact", "Warmth in a close relationship co-regulates", "assumed", "R0", "What the child learns"),
    calibrated("regulation_loss", 0.0, 0.3, "share a contact", "Felt hostility under stress undoes regulation", "What the child learns"),
    Parameter("regulation_half_life", 90.0, 20.0, 400.0, "school days", "Half-life of what self-regulation has gained", "assumed", "R0", "What the child learns"),
    Parameter("self_global_rate", 0.0013, 0.0, 0.1, "share a contact", "Feedback moves the global self-concept", "assumed", "R3", "What the child learns"),
    Parameter("self_global_half_life", 80.0, 10.0, 400.0, "school days", "Half-life of what feedback did to it", "assumed", "D5", "What the child learns"),
    Parameter("self_global_rest", 1.0, 0.0, 1.0, "level", "Global self-concept of a wholly secure child", "assumed", "R3", "What the child learns"),
    Parameter("self_academic_rate", 0.007, 0.0, 0.1, "share a contact", "Feedback at work moves the academic self-concept", "assumed", "R3", "What the child learns"),
    Parameter("self_academic_half_life", 80.0, 10.0, 400.0, "school days", "Half-life with which it follows achievement", "assumed", "R3", "What the child learns"),
    Parameter("self_social_rate", 0.02, 0.0, 0.2, "share a bout", "Play moves the social self-concept", "assumed", "R3", "What the child learns"),
    Parameter("aggression_rejection", 0.01, 0.0, 0.2, "share a day", "Growth of the liability that is there already, in a rejected child", "assumed", "W6", "What the child learns"),
    Parameter("self_social_comparison", 3.0, 1.0, 6.0, "slope", "How sharply a child reads its place among classmates from how they treat it", "assumed", "R3", "What the child learns"),
    Parameter("self_social_half_life", 30.0, 10.0, 400.0, "school days", "Half-life with which it follows acceptance", "assumed", "R3", "What the child learns"),
    Parameter("norms_gain", 0.001, 0.0, 0.05, "share a contact", "Norms are taken over from a warm teacher in a close relationship", "assumed", "", "What the child learns"),
    Parameter("norms_loss", 0.013, 0.0, 0.2, "share a contact", "Felt hostility undoes them", "assumed", "", "What the child learns"),
    Parameter("norms_rest", 0.4, 0.0, 1.0, "level", "Norms that a wholly secure child keeps", "assumed", "", "What the child learns"),
    Parameter("norms_half_life", 100.0, 20.0, 400.0, "school days", "Half-life of internalized norms", "assumed", "", "What the child learns"),
    # Social referencing
    calibrated("reference_warmth", 0.0, 1.0, "share a contact", "Liking of an unknown child gained from a teacher's warmth that is seen", "Social referencing"),
    calibrated("reference_derogation", 0.0, 0.9, "share a contact", "Liking of an unknown child lost from derogation that is seen", "Social referencing"),
    calibrated("reference_familiar", 0.0, 1.0, "share", "What is left of that where children have known each other for long", "Social referencing"),
    Parameter("acquaintance_rate", 0.5, 0.0, 1.0, "share a day", "How fast children of a class get to know each other", "assumed", "W1, W2", "Social referencing"),
    Parameter("derogation_threshold", 0.5, 0.1, 0.9, "tone", "Tone below which correction becomes derogation", "replicated", "W1", "Social referencing"),
    Parameter("reference_own_closeness", 0.6, 0.0, 1.0, "share", "How much the witness's own closeness scales the effect of derogation", "replicated", "W3", "Social referencing"),
    # Play
    Parameter("play_bouts", 3.0, 0.0, 8.0, "bouts a day", "Bouts of play that each child begins", "assumed", "", "Play"),
    calibrated("play_cross_sex", 0.0, 1.0, "share", "Weight of a playmate of the other sex", "Play"),
    calibrated("play_act_baseline", -6.0, 0.0, "push", "Push towards hostility in play between strangers", "Play"),
    Parameter("play_hold", 0.8, 0.0, 3.0, "push", "Liking holds back", "assumed", "", "Play"),
    calibrated("play_baseline", -1.0, 1.5, "tone", "Tone of play between strangers", "Play"),
    calibrated("play_liking", 0.0, 2.0, "tone", "Liking warms play", "Play"),
    Parameter("play_mood", 0.2, 0.0, 0.6, "tone", "Mood colours play", "assumed", "", "Play"),
    calibrated("play_misbehaviour", 0.0, 10.0, "push", "Liability that gets past self-regulation", "Play"),
    Parameter("play_stress", 0.5, 0.0, 3.0, "push", "Stress provokes", "assumed", "", "Play"),
    Parameter("play_reciprocity", 0.4, 0.0, 2.0, "tone", "Warmth answers warmth", "assumed", "", "Play"),
    Parameter("play_luck", 0.5, 0.1, 1.0, "SD", "Luck in the tone of play", "assumed", "", "Play"),
    Parameter("play_adaptation", 1.0, 0.0, 1.0, "share", "How far children judge a tone by what is usual in class", "assumed", "W7", "Play"),
    Parameter("play_stress_gain", 0.02, 0.0, 0.5, "share a bout", "Hostility of a classmate stresses", "assumed", "", "Play"),
    calibrated("liking_rate", 0.0, 0.08, "share a bout", "Learning rate of liking", "Play"),
    calibrated("liking_half_life", 10.0, 1200.0, "school days", "Half-life with which liking returns to affinity", "Play"),
    calibrated("liking_luck", 0.0, 0.14, "share a weekend", "What moves liking where nobody sees it", "Play"),
    Parameter("liking_luck_fame", 0.18, 0.0, 1.0, "share", "Part of that which is about the child that is liked, for all who like it", "assumed", "N3", "Play"),
    Parameter("liking_luck_shared", 0.45, 0.0, 1.0, "share", "Part of that which both children share", "assumed", "N3", "Play"),
    calibrated("coercion_peers", 0.0, 0.5, "share a bout", "Growth of the liability, where hostility is acted and meets hostility", "Play"),
    Parameter("coercion_peers_relief", 0.001, 0.0, 0.1, "share a bout", "The liability fades in friendly play", "assumed", "", "Play"),
    calibrated("contagion", 0.0, 0.1, "share a bout", "Hostility met is imitated", "Play"),
    # Learning at school
    Parameter("engage_relation", 0.3, 0.0, 1.0, "weight", "Engagement follows the relationship", "assumed", "E1", "Learning at school"),
    Parameter("engage_guidance", 0.25, 0.0, 1.0, "weight", "Engagement follows room within structure", "assumed", "M1", "Learning at school"),
    Parameter("engage_acceptance", 0.2, 0.0, 1.0, "weight", "Engagement follows acceptance", "assumed", "E3", "Learning at school"),
    Parameter("engage_self", 0.25, 0.0, 1.0, "weight", "Engagement follows the academic self-concept", "assumed", "R3", "Learning at school"),
    Parameter("engage_regulation", 0.25, 0.0, 1.0, "weight", "Engagement follows self-regulation", "assumed", "", "Learning at school"),
    Parameter("engagement_half_life", 100.0, 5.0, 200.0, "school days", "Half-life of engagement", "assumed", "E1", "Learning at school"),
    calibrated("engage_age", 0.0, 0.09, "share a year", "Engagement that each year of age costs", "Learning at school"),
    Parameter("achieve_ability", 0.6, 0.0, 1.0, "z", "Achievement follows ability", "assumed", "E2", "Learning at school"),
    Parameter("achieve_engagement", 2.0, 0.0, 4.0, "z", "Achievement follows engagement", "assumed", "E2", "Learning at school"),
    Parameter("achieve_regulation", 0.6, 0.0, 3.0, "z", "Achievement follows self-regulation", "assumed", "", "Learning at school"),
    Parameter("achieve_relation", 0.2, 0.0, 2.0, "z", "Direct path from the relationship, weak", "assumed", "E1", "Learning at school"),
    Parameter("achieve_ses_risk", 0.6, 0.0, 2.0, "z", "Achievement suffers from socio-economic risk", "assumed", "", "Learning at school"),
    Parameter("achievement_half_life", 120.0, 20.0, 400.0, "school days", "Half-life of achievement", "assumed", "", "Learning at school"),
    # Interventions
    Parameter("session_exchanges", 8.0, 1.0, 20.0, "exchanges", "Exchanges in a one-to-one session of 10-15 minutes", "assumed", "I1", "Interventions"),
    Parameter("session_carry_over", 0.3, 0.0, 1.0, "share", "Attunement and calm that are carried from sessions into the class", "assumed", "I1", "Interventions"),
    Parameter("coaching_effect", 0.3, 0.0, 1.0, "share", "Rise of emotional support by a class-wide programme, of what was missing", "assumed", "I5", "Interventions"),
    Parameter("insight_repair", 0.6, 0.0, 1.0, "share", "How far reflection loosens a fixed image of the child", "assumed", "I3", "Interventions"),
    Parameter("insight_outreach", 1.0, 0.0, 1.0, "share", "How far the plan makes the teacher seek the child at calm moments", "assumed", "I3", "Interventions"),
    Parameter("insight_attunement", 0.45, 0.0, 1.0, "share", "How far it makes the teacher attune to what the child likes and needs", "assumed", "I3", "Interventions"),
    Parameter("insight_transfer", 0.4, 0.0, 1.0, "share", "Reflection on one child that reaches the others", "assumed", "I3", "Interventions"),
    Parameter("insight_half_life", 90.0, 10.0, 400.0, "school days", "Half-life of what two conversations set going", "assumed", "I3", "Interventions"),
    Parameter("practice_half_life", 40.0, 5.0, 400.0, "school days", "Half-life of what a teacher goes on doing after a programme", "assumed", "I1", "Interventions"),
    Parameter("bad_week_stress", 0.8, 0.0, 1.0, "share", "Stress with which a child comes to school in a bad week", "assumed", "", "Interventions"),
    Parameter("showcase_effect", 0.7, 0.0, 1.0, "share", "How far a social architect reaches with full fidelity", "assumed", "W5", "Interventions"),
)

PARAMETERS: Mapping[str, Parameter] = MappingProxyType({parameter.name: parameter for parameter in TABLE})
PARAMETERS_DTYPE = np.dtype([(parameter.field, np.float64) for parameter in TABLE])


class Parameters(Mapping[str, float]):
    """Values of all parameters: the defaults, and what differs from them.

    Parameters
    ----------
    changes
        Values by name.

    Raises
    ------
    KeyError
        For a name that is no parameter.
    ValueError
        For a value out of the parameter's range.
    """

    def __init__(self, changes: Mapping[str, float] | None = None) -> None:
        self.changes = dict(changes or {})
        for name, value in self.changes.items():
            if name not in PARAMETERS:
                raise KeyError(name)
            parameter = PARAMETERS[name]
            if not parameter.low <= value <= parameter.high:
                message = f"{name}: {value:g} is out of range; allowed are {parameter.low:g} to {parameter.high:g}"
                raise ValueError(message)

    def __getitem__(self, name: str) -> float:
        if name in self.changes:
            return self.changes[name]
        return PARAMETERS[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(PARAMETERS)

    def __len__(self) -> int:
        return len(PARAMETERS)

    def record(self) -> npt.NDArray[Any]:
        """One record of `PARAMETERS_DTYPE`, shape (1,), as the equations want it."""
        record = np.zeros(1, dtype=PARAMETERS_DTYPE)
        for name, parameter in PARAMETERS.items():
            record[parameter.field] = parameter.rate(self[name])
        return record


@dataclass(frozen=True)
class Replayed:
    """Default values of an earlier release, as far as its mechanisms are still there.

    Attributes
    ----------
    values
        Those that differ from today's.
    gone
        Parameters that are no more.
    out_of_range
        Parameters whose value then is not allowed any more.
    new
        Parameters that were not there; they have today's value.
    """

    values: dict[str, float]
    gone: tuple[str, ...]
    out_of_range: tuple[str, ...]
    new: tuple[str, ...]


def releases() -> dict[str, Path]:
    """Files with the default values of every release, by version, such as 0.1."""
    return {path.stem: path for path in sorted(packaged("releases").glob("*.toml"))}


def replayed(release: str) -> Replayed:
    """The default values of an earlier release.

    Raises
    ------
    KeyError
        When there is no such release.
    """
    then: dict[str, float] = tomllib.loads(releases()[release].read_text(encoding="utf-8"))
    known = {name: value for name, value in then.items() if name in PARAMETERS}
    allowed = {name: value for name, value in known.items() if PARAMETERS[name].low <= value <= PARAMETERS[name].high}
    return Replayed(
        values={name: value for name, value in allowed.items() if value != PARAMETERS[name].value},
        gone=tuple(name for name in then if name not in PARAMETERS),
        out_of_range=tuple(name for name in known if name not in allowed),
        new=tuple(name for name in PARAMETERS if name not in then),
    )
