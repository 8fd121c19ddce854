"""The equations: small functions, compiled, called by the agents and by the compiled runner alike.

Everything that one contact, one bout of play or one night does to a child, a teacher or a class stands
here once. Records are changed in place; plain numbers are returned. The arguments of all functions:

children
    Records of `sim.state.CHILD_DTYPE`, shape (n,).
teacher
    One record of `sim.state.TEACHER_DTYPE`, shape (1,).
p
    One record of parameters, shape (1,); see `sim.parameters`.
i
    Number of a child in the class.

Bounded states move by linear operators (Bush & Mosteller 1955): a step is a share of the way to the bound,
so that no state leaves its bounds and nothing is clipped. Sources in brackets are rows of the evidence table
in ``docs/evidence.md``.
"""

from __future__ import annotations

import math

import numpy as np

from sim.compiled import compiled
from sim.luck import address, exponential
from sim.state import Initiator, Records, Setting

CHILD, TEACHER = int(Initiator.CHILD), int(Initiator.TEACHER)
TASK, SOCIAL = int(Setting.TASK), int(Setting.SOCIAL)
DISCIPLINE, SESSION = int(Setting.DISCIPLINE), int(Setting.SESSION)

# Draws that one bid or contact uses: waiting time, what it is, who sees it, answered, two tones.
DRAWS_PER_BID = 8
MOST_BIDS = 120
MOST_EXCHANGES = 20
WAIT, OCCASION, PLACE, ANSWERED, CHILD_TONE, TEACHER_TONE = range(6)
# Draws that one bout of play uses: when, with whom, two tones.
DRAWS_PER_BOUT = 4
BOUT_TIME, BOUT_PARTNER, BOUT_TONE, BOUT_ANSWER = range(4)


# --- Operators ---------------------------------------------------------------------------------------


@compiled
def strengthen(state: float, amount: float) -> float:
    """Move `state` in [0, 1] up by the share `amount` of what is left."""
    return state + amount * (1.0 - state)


@compiled
def weaken(state: float, amount: float) -> float:
    """Move `state` in [0, 1] down by the share `amount` of what is there."""
    return state - amount * state


@compiled
def approach(state: float, target: float, amount: float) -> float:
    """Move `state` by the share `amount` of the way to `target`."""
    return state + amount * (target - state)


@compiled
def reinforce(state: float, level: float, amount: float) -> float:
    """Move `state` up by the share `amount` of the way to `level`; what is above that level already stays.

    The strength of what is experienced sets how far learning can go (Rescorla & Wagner 1972).
    """
    return state + amount * max(0.0, level - state)


@compiled
def bounded(x: float) -> float:
    """A tone in (-1, 1) from any number; slope 1 at 0."""
    return x / math.sqrt(1.0 + x * x)


@compiled
def positive(tone: float) -> float:
    """The warm part of a tone."""
    return max(0.0, tone)


@compiled
def negative(tone: float) -> float:
    """The hostile part of a tone, as a positive number."""
    return max(0.0, -tone)


@compiled
def coloured(tone: float, model: float, bias: float) -> float:
    """A tone as it looks through a working model: drawn to what is expected by the share `bias`.

    A bad expectation never makes a hostile tone look better.
    """
    return approach(tone, min(model, tone) if model < 0.0 else model, bias)


# --- Morning -----------------------------------------------------------------------------------------


@compiled
def next_mood(mood: float, luck: float, p: Records) -> float:
    """Mood of a new day: autocorrelated, variance 1 in the long run (R6)."""
    carry = p[0].mood_carry_over
    return carry * mood + math.sqrt(1.0 - carry * carry) * luck


@compiled
def child_arrives(children: Records, i: int, nights: int, luck: float, p: Records) -> None:
    """Mood of the day, and recovery of stress: slower for a child that does not feel safe (R2)."""
    c = children[i]
    c.mood = next_mood(c.mood, luck, p)
    rest = p[0].child_stress_rest * (1.0 - c.security)
    safe = 0.5 * (1.0 + c.felt_security)
    recovery = p[0].child_recovery * ((1.0 - p[0].child_recovery_safety) + p[0].child_recovery_safety * safe)
    for _ in range(nights):
        c.stress = approach(c.stress, rest, recovery)


@compiled
def teacher_arrives(teacher: Records, nights: int, luck: float, p: Records) -> None:
    """Mood of the day, recovery of stress towards the teacher's strain, attention restored."""
    t = teacher[0]
    t.mood = next_mood(t.mood, luck, p)
    rest = p[0].teacher_stress_rest * t.strain
    for _ in range(nights):
        t.stress = approach(t.stress, rest, p[0].teacher_recovery)
    t.attention = 1.0


@compiled
def clear_levers(children: Records, teacher: Records) -> None:
    """Nothing is in force until an intervention of today says so."""
    for i in range(children.shape[0]):
        c = children[i]
        c.attunement, c.calm, c.praise, c.reflection, c.showcase = 0.0, 0.0, 0.0, 0.0, 0.0
        c.session, c.session_lead = 0.0, 0.0
    teacher[0].coaching = 0.0


# --- Who is next -------------------------------------------------------------------------------------


@compiled
def misbehaviour(children: Records, i: int) -> float:
    """How far the child's aggression gets past its self-regulation, in [0, 1]."""
    c = children[i]
    return c.aggression * (1.0 - c.self_regulation)


@compiled
def bid_rates(children: Records, teacher: Records, i: int, p: Records) -> tuple[float, float, float]:
    """Bids a school day of child `i`: it seeks contact, the teacher approaches it, it misbehaves."""
    c = children[i]
    seen = teacher[0].pace * c.visibility
    mood = p[0].bid_mood * bounded(c.mood)
    seek = p[0].seek_rate * (1.0 + p[0].seek_dependency * c.dependency + p[0].seek_insecurity * (1.0 - c.security))
    begin = p[0].approach_rate * (1.0 + p[0].approach_preference * c.representation) * (1.0 + c.praise)
    misbehave = p[0].misbehaviour_rate * misbehaviour(children, i)
    return seen * seek * (1.0 + mood), seen * begin * (1.0 + mood), seen * misbehave * (1.0 - mood)


@compiled
def bids_of_child(
    children: Records, teacher: Records, i: int, contacts_key: np.uint64, p: Records, times: Records
) -> int:
    """Times in (0, 1) of the day at which child `i` comes into view; fills `times`, returns how many.

    Waiting times are exponential: the order of contacts is nearly memoryless (R1).
    """
    seek, approach_rate, misbehave = bid_rates(children, teacher, i, p)
    rate = seek + approach_rate + misbehave
    time, count = 0.0, 0
    while rate > 0.0 and count < times.shape[0]:
        time += exponential(contacts_key, address(i, count * DRAWS_PER_BID + WAIT)) / rate
        if time >= 1.0:
            break
        times[count] = time
        count += 1
    return count


@compiled
def occasion(children: Records, teacher: Records, i: int, draw: float, p: Records) -> tuple[int, int]:
    """Initiator and setting of a bid, from a uniform draw."""
    seek, approach_rate, misbehave = bid_rates(children, teacher, i, p)
    rest = draw * (seek + approach_rate + misbehave)
    if rest < misbehave:
        return TEACHER, DISCIPLINE
    rest -= misbehave
    if rest < seek:
        return CHILD, SOCIAL if rest < p[0].social_share * seek else TASK
    return TEACHER, SOCIAL if rest - seek < p[0].social_share * approach_rate else TASK


@compiled
def attend(teacher: Records, waited: float, setting: int, draw: float, p: Records) -> bool:
    """Whether the teacher answers a bid that comes `waited` of a day after the one before.

    Attention is a limited resource: each contact uses a share of it, time restores it. Misbehaviour forces
    contact.
    """
    t = teacher[0]
    restored = waited * p[0].attention_recovery * t.pace
    t.attention = approach(t.attention, 1.0, restored / (1.0 + restored))
    if setting != DISCIPLINE and draw >= t.attention:
        return False
    t.attention = weaken(t.attention, p[0].attention_cost)
    return True


@compiled
def is_public(children: Records, i: int, setting: int, draw: float, p: Records) -> bool:
    """Whether classmates see the contact. A teacher who uses affect deliberately corrects in private."""
    c = children[i]
    if setting == SESSION:
        return False
    if setting == DISCIPLINE:
        return draw < weaken(p[0].public_discipline, c.showcase)
    share = p[0].public_social if setting == SOCIAL else p[0].public_task
    return draw < strengthen(share, c.showcase)


# --- One contact -------------------------------------------------------------------------------------


@compiled
def child_tone(children: Records, i: int, setting: int, luck: float, p: Records) -> float:
    """Affective tone with which the child acts, in (-1, 1)."""
    c = children[i]
    x = (
        p[0].tone_baseline
        + p[0].tone_closeness * c.closeness
        + p[0].tone_felt_security * c.felt_security
        + p[0].tone_mood * c.mood
        - p[0].tone_misbehaviour * misbehaviour(children, i)
        - p[0].tone_conflict * c.conflict
        - p[0].tone_stress * c.stress
        + p[0].tone_luck * luck
    )
    if setting == DISCIPLINE:
        x -= p[0].tone_discipline
    elif setting == SESSION:
        x += p[0].tone_session * (1.0 - c.session_lead)
    return bounded(x)


@compiled
def teacher_perceives(children: Records, teacher: Records, i: int, tone: float, p: Records) -> float:
    """The child's tone as the teacher sees it: drawn to what the working model expects.

    Reflective functioning, and reflection on this child, reduce the bias.
    """
    c, t = children[i], teacher[0]
    reflective = strengthen(t.reflective_functioning, c.reflection)
    return coloured(tone, c.representation, p[0].teacher_bias * (1.0 - reflective))


@compiled
def teacher_tone(
    children: Records,
    teacher: Records,
    i: int,
    perceived: float,
    setting: int,
    public: bool,
    luck: float,
    p: Records,
) -> float:
    """Affective tone with which the teacher answers what it perceived, in (-1, 1)."""
    c, t = children[i], teacher[0]
    support = strengthen(t.emotional_support, t.coaching)
    hostility = negative(perceived)
    harsh = (
        p[0].response_hostility * hostility
        + p[0].response_helplessness * hostility * (1.0 - c.perceived_control)
        + p[0].response_conflict * c.conflict
        + p[0].response_stress * t.stress
    )
    if setting == DISCIPLINE:
        harsh += p[0].response_discipline
    attuned = strengthen(c.attunement, c.showcase) if public else c.attunement
    x = (
        p[0].response_baseline
        + p[0].response_support * support
        + p[0].response_warmth * positive(perceived)
        + p[0].response_attunement * attuned
        - harsh * (1.0 - c.calm)
        + (p[0].response_mood * t.mood + p[0].response_luck * luck) * (1.0 - c.calm)
    )
    if setting in (TASK, SESSION):
        x += p[0].response_praise * c.praise
    return bounded(x)


@compiled
def child_perceives(children: Records, i: int, response: float, p: Records) -> float:
    """The teacher's tone as the child feels it: an insecure child reads it by what it expects."""
    c = children[i]
    return coloured(response, c.felt_security, p[0].child_bias * (1.0 - c.security))


@compiled
def exchanges(children: Records, i: int, p: Records) -> int:
    """Exchanges of the one-to-one session that child `i` has today; 0 without a session."""
    return math.floor(p[0].session_exchanges * children[i].session + 0.5)


@compiled
def intimacy(setting: int, public: bool, p: Records) -> float:
    """How much room a contact leaves for closeness: all in a session, less in class, least in discipline."""
    if setting == SESSION:
        return 1.0
    if setting == DISCIPLINE:
        return p[0].intimacy_discipline
    share = p[0].intimacy_social if setting == SOCIAL else p[0].intimacy_task
    return share * p[0].intimacy_public if public else share


@compiled
def dyad_learns(
    children: Records,
    i: int,
    initiator: int,
    closeness_room: float,
    perceived: float,
    response: float,
    felt: float,
    p: Records,
) -> None:
    """Closeness, conflict and dependency after a contact."""
    c = children[i]
    warmth = 0.5 * (positive(perceived) + positive(felt))
    friction = 0.5 * (negative(perceived) + negative(response))
    c.closeness = strengthen(c.closeness, p[0].closeness_gain * warmth * closeness_room)
    c.closeness = weaken(c.closeness, p[0].closeness_hurt * negative(felt))
    c.conflict = reinforce(c.conflict, friction, p[0].conflict_gain)
    c.conflict = weaken(c.conflict, p[0].conflict_repair * warmth)
    if initiator == CHILD:
        # Comfort found in distress makes a child cling; warmth without distress lets it explore.
        comfort = positive(felt)
        c.dependency = strengthen(c.dependency, p[0].dependency_gain * comfort * c.stress)
        c.dependency = weaken(c.dependency, p[0].dependency_growth * comfort * (1.0 - c.stress) * c.self_regulation)


@compiled
def teacher_learns(children: Records, teacher: Records, i: int, perceived: float, p: Records) -> None:
    """The teacher's working model, perceived control (D4) and stress after a contact."""
    c, t = children[i], teacher[0]
    hostility, warmth = negative(perceived), positive(perceived)
    weight = p[0].negativity if perceived < 0.0 else 1.0
    c.representation = approach(c.representation, perceived, p[0].representation_rate * weight)
    t.stress = strengthen(t.stress, p[0].teacher_stress_gain * hostility * (1.0 - c.perceived_control))
    t.stress = weaken(t.stress, p[0].teacher_stress_relief * warmth)
    c.perceived_control = weaken(c.perceived_control, p[0].control_loss * hostility)
    c.perceived_control = strengthen(c.perceived_control, p[0].control_gain * warmth)


@compiled
def coercion(children: Records, i: int, act: float, met: float, rate: float, relief: float) -> None:
    """Law of effect for hostility: what is acted and met with hostility grows up to the strength of the act.

    What meets warmth fades. Only behaviour that occurs can be reinforced, so that those who act with hostility
    already learn most.
    """
    c = children[i]
    c.aggression = reinforce(c.aggression, negative(act), rate * negative(met))
    c.aggression = weaken(c.aggression, relief * positive(met))


@compiled
def child_learns(children: Records, i: int, setting: int, tone: float, felt: float, p: Records) -> None:
    """What the contact leaves in the child: expectation, stress, aggression, regulation, self-concept, norms."""
    c = children[i]
    hurt, comfort = negative(felt), positive(felt)
    weight = p[0].negativity if felt < 0.0 else 1.0
    c.felt_security = approach(c.felt_security, felt, p[0].felt_security_rate * weight)
    c.stress = strengthen(c.stress, p[0].child_stress_gain * hurt)
    c.stress = weaken(c.stress, p[0].child_stress_relief * comfort)
    coercion(children, i, tone, felt, p[0].coercion_teacher, p[0].coercion_relief)
    c.self_regulation = strengthen(c.self_regulation, p[0].regulation_gain * comfort * c.closeness)
    c.self_regulation = weaken(c.self_regulation, p[0].regulation_loss * hurt * c.stress)
    c.self_global = approach(c.self_global, 0.5 * (1.0 + felt), p[0].self_global_rate * weight)
    if setting == TASK:
        c.self_academic = approach(c.self_academic, 0.5 * (1.0 + felt), p[0].self_academic_rate)
    c.norms = strengthen(c.norms, p[0].norms_gain * comfort * c.closeness)
    c.norms = weaken(c.norms, p[0].norms_loss * hurt)


@compiled
def impress(liking: Records, children: Records, i: int, response: float, weight: float, p: Records) -> None:
    """Social referencing: what a tone of the teacher towards child `i` does to its liking by all who see it.

    `liking` has shape (n, n): row who likes, column who is liked. Warmth raises liking; correction as such
    does not lower it; derogation, a tone below the threshold, does (W1), and more so for witnesses who are
    themselves close to the teacher (W3). `weight` is 1 for a child that the witnesses do not know (W2).
    """
    if response > 0.0:
        amount = 0.5 * weight * p[0].reference_warmth * response
        for witness in range(children.shape[0]):
            if witness != i:
                liking[witness, i] += amount * (1.0 - liking[witness, i])
    elif response < -p[0].derogation_threshold:
        amount = 0.5 * weight * p[0].reference_derogation * -response
        share = p[0].reference_own_closeness
        for witness in range(children.shape[0]):
            if witness != i:
                trust = (1.0 - share) + share * children[witness].closeness
                liking[witness, i] -= amount * trust * (1.0 + liking[witness, i])


@compiled
def reference(liking: Records, children: Records, i: int, response: float, p: Records) -> None:
    """Social referencing in class, where the witnesses have known child `i` for long."""
    impress(liking, children, i, response, p[0].reference_familiar, p)


# --- Play --------------------------------------------------------------------------------------------


@compiled
def playmate_weights(children: Records, liking: Records, i: int, p: Records, weights: Records) -> None:
    """Cumulative weights of all classmates as playmates of `i`: mutual liking and sex homophily; fills `weights`."""
    total = 0.0
    for j in range(children.shape[0]):
        if j != i:
            wish = 0.5 * (1.0 + liking[i, j])
            welcome = 0.5 * (1.0 + liking[j, i])
            same = children[i].sex == children[j].sex
            total += wish * wish * welcome * (1.0 if same else p[0].play_cross_sex)
        weights[j] = total


@compiled
def choose(weights: Records, draw: float) -> int:
    """Number of the entry that a uniform draw hits in cumulative `weights`; -1 where all are zero."""
    total = weights[weights.shape[0] - 1]
    if total <= 0.0:
        return -1
    return int(np.searchsorted(weights, draw * total, side="right"))


@compiled
def play_tone(children: Records, liking: Records, i: int, other: int, met: float, luck: float, p: Records) -> float:
    """Tone of child `i` towards classmate `other`, whose tone was `met` (0 at the beginning)."""
    c = children[i]
    x = (
        p[0].play_baseline
        + p[0].play_liking * liking[i, other]
        + p[0].play_mood * c.mood
        - p[0].play_misbehaviour * misbehaviour(children, i)
        - p[0].play_stress * c.stress
        + p[0].play_reciprocity * met
        + p[0].play_luck * luck
    )
    return bounded(x)


@compiled
def play_learns(
    children: Records, liking: Records, teacher: Records, i: int, other: int, tone: float, met: float, p: Records
) -> None:
    """What child `i` takes from a bout in which it acted with `tone` and `met` the tone of `other`.

    Liking follows the tone met, as it compares with what is usual in this class: hostility costs less liking
    where everybody is hostile (W7). Hostility met is imitated (A4), and reinforced where it was acted (W6).
    """
    c = children[i]
    unusual = met - p[0].play_adaptation * teacher[0].play_climate
    rate = p[0].liking_rate * (p[0].negativity if unusual < 0.0 else 1.0)
    liking[i, other] = approach(liking[i, other], bounded(unusual), rate)
    coercion(children, i, tone, met, p[0].coercion_peers, p[0].coercion_peers_relief)
    c.aggression = strengthen(c.aggression, p[0].contagion * negative(met))
    c.stress = strengthen(c.stress, p[0].play_stress_gain * negative(met))
    c.self_social = approach(c.self_social, 0.5 * (1.0 + met), p[0].self_social_rate)


# --- End of the day ----------------------------------------------------------------------------------


@compiled
def acceptance(liking: Records, i: int) -> float:
    """Mean liking of child `i` by its classmates, as a number in [0, 1]."""
    n = liking.shape[0]
    if n < 2:
        return 0.5
    total = 0.0
    for j in range(n):
        if j != i:
            total += liking[j, i]
    return 0.5 * (1.0 + total / (n - 1))


@compiled
def child_studies(children: Records, i: int, accepted: float, p: Records) -> None:
    """Engagement from relationship, acceptance and self-concept; achievement from engagement, ability, regulation."""
    c = children[i]
    relation = 0.5 * (c.closeness + 1.0 - c.conflict)
    total = p[0].engage_relation + p[0].engage_acceptance + p[0].engage_self + p[0].engage_regulation
    engaging = (
        p[0].engage_relation * relation
        + p[0].engage_acceptance * accepted
        + p[0].engage_self * c.self_academic
        + p[0].engage_regulation * c.self_regulation
    ) / max(total, 1e-9)
    c.engagement = approach(c.engagement, engaging, p[0].engagement_fade)
    attainable = (
        p[0].achieve_ability * c.ability
        + p[0].achieve_engagement * (c.engagement - 0.5)
        + p[0].achieve_regulation * (c.self_regulation - 0.5)
        + p[0].achieve_relation * (relation - 0.5)
        - p[0].achieve_ses_risk * (c.ses_risk - 0.5)
    )
    c.achievement = approach(c.achievement, attainable, p[0].achievement_fade)
    grade = 0.5 * (1.0 + bounded(c.achievement))
    c.self_academic = approach(c.self_academic, grade, p[0].self_academic_fade)
    c.self_social = approach(c.self_social, accepted, p[0].self_social_fade)


@compiled
def child_settles(children: Records, teacher: Records, i: int, p: Records) -> None:
    """Slow return of every memory to what the child's and the teacher's traits support."""
    c, t = children[i], teacher[0]
    insecure = 1.0 - c.security
    c.closeness = approach(c.closeness, p[0].closeness_rest * c.security, p[0].closeness_fade)
    c.conflict = approach(c.conflict, p[0].conflict_rest * c.externalizing, p[0].conflict_fade)
    c.dependency = approach(c.dependency, p[0].dependency_rest * insecure, p[0].dependency_fade)
    c.felt_security = approach(c.felt_security, c.security - p[0].felt_security_rest, p[0].felt_security_fade)
    image = p[0].representation_rest * t.emotional_support
    c.representation = approach(c.representation, image, p[0].representation_fade)
    c.perceived_control = approach(c.perceived_control, t.self_efficacy, p[0].control_fade)
    restrained = p[0].aggression_liability * c.externalizing * (1.0 - p[0].aggression_norms * c.norms)
    liable = strengthen(restrained, p[0].aggression_esteem * (1.0 - c.self_global))
    c.aggression = approach(c.aggression, liable, p[0].aggression_fade)
    maturity = (
        p[0].regulation_ability * c.ability
        + p[0].regulation_age * (c.age - p[0].reference_age)
        - p[0].regulation_liability * c.externalizing
    )
    c.self_regulation = approach(c.self_regulation, 0.5 * (1.0 + bounded(maturity)), p[0].regulation_fade)
    c.self_global = approach(c.self_global, p[0].self_global_rest * c.security, p[0].self_global_fade)
    c.norms = approach(c.norms, p[0].norms_rest * c.security, p[0].norms_fade)


@compiled
def liking_settles(liking: Records, affinity: Records, p: Records) -> None:
    """Liking returns slowly to the affinity of two children, shape (n, n)."""
    for i in range(liking.shape[0]):
        for j in range(liking.shape[0]):
            liking[i, j] = approach(liking[i, j], affinity[i, j], p[0].liking_fade)
