"""The equations: small functions, compiled, called by the agents and by the compiled runner alike.

Everything that one contact, one bout of play or one night does to a child, a teacher or a class stands
here once. Most arguments are records, whose fields are changed in place; plain numbers are returned:

child, teacher
    A record with the fields of `sim.state.CHILD` or `sim.state.TEACHER`.
p
    A record of parameters; see `sim.parameters`.
children
    Records of all children of the class, shape (n,).
liking
    Shape (n, n): row who likes, column who is liked; the diagonal is 0.
i
    Number of a child in the class.

A record is anything with such fields: an element of an array of records, or a lane of `sim.engine.lanes`, where the
compiled runner has many classes side by side. For the latter, nothing here loops or leaves early where a choice
of values will do.

Bounded states move by linear operators (Bush & Mosteller 1955): a step is a share of the way to the bound,
so that no state leaves its bounds and nothing is clipped. Sources in brackets are rows of the evidence table
in ``docs/evidence.md``.
"""

from __future__ import annotations

import math

from sim.compiled import compiled
from sim.state import Initiator, Record, Records, Setting

CHILD, TEACHER = int(Initiator.CHILD), int(Initiator.TEACHER)
TASK, SOCIAL = int(Setting.TASK), int(Setting.SOCIAL)
DISCIPLINE, SESSION = int(Setting.DISCIPLINE), int(Setting.SESSION)

# Draws of one bid: when it comes up; what it is, who sees it, whether it is answered (thirds of one draw).
DRAWS_PER_BID = 2
BID_TIME, BID_CHANCES = range(2)
MOST_BIDS = 120
NUMBER_OF_BIDS = MOST_BIDS * DRAWS_PER_BID
# Draws of one contact: two tones.
DRAWS_PER_CONTACT = 2
CHILD_TONE, TEACHER_TONE = range(2)
MOST_EXCHANGES = 20
# Draws of one bout of play: when, with whom, two tones.
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
def either(first: bool, a: float, b: float) -> float:
    """`a` or `b`: by arithmetic, so that lanes that differ in the choice still do the same."""
    share = 1.0 if first else 0.0
    return share * a + (1.0 - share) * b


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
def next_mood(mood: float, luck: float, p: Record) -> float:
    """Mood of a new day: autocorrelated, variance 1 in the long run (R6)."""
    carry = p.mood_carry_over
    return carry * mood + math.sqrt(1.0 - carry * carry) * luck


@compiled
def child_rests(child: Record, p: Record) -> None:
    """One night: stress recovers, more slowly for a child that does not feel safe (R2)."""
    rest = p.child_stress_rest * (1.0 - child.security)
    safe = 0.5 * (1.0 + child.felt_security)
    recovery = p.child_recovery * ((1.0 - p.child_recovery_safety) + p.child_recovery_safety * safe)
    child.stress = approach(child.stress, rest, recovery)


@compiled
def child_arrives(child: Record, luck: float, p: Record) -> None:
    """Mood of the day."""
    child.mood = next_mood(child.mood, luck, p)


@compiled
def teacher_rests(teacher: Record, p: Record) -> None:
    """One night: stress recovers towards the teacher's strain."""
    teacher.stress = approach(teacher.stress, p.teacher_stress_rest * teacher.strain, p.teacher_recovery)


@compiled
def teacher_arrives(teacher: Record, luck: float, p: Record) -> None:
    """Mood of the day, attention restored."""
    teacher.mood = next_mood(teacher.mood, luck, p)
    teacher.attention = 1.0


@compiled
def clear_levers(children: Records, teacher: Record) -> None:
    """Nothing is in force until an intervention of today says so."""
    for i in range(children.shape[0]):
        child = children[i]
        child.attunement, child.calm, child.praise, child.reflection, child.showcase = 0.0, 0.0, 0.0, 0.0, 0.0
        child.session, child.session_lead = 0.0, 0.0
    teacher.coaching = 0.0


# --- Who is next -------------------------------------------------------------------------------------


@compiled
def misbehaviour(child: Record) -> float:
    """How far the child's aggression gets past its self-regulation, in [0, 1]."""
    return child.aggression * (1.0 - child.self_regulation)


@compiled
def bid_rates(child: Record, teacher: Record, p: Record) -> tuple[float, float, float]:
    """Bids a school day: the child seeks contact, the teacher approaches it, it misbehaves."""
    seen = teacher.pace * child.visibility
    mood = p.bid_mood * bounded(child.mood)
    wish = p.seek_closeness * child.closeness + p.seek_dependency * child.dependency
    seek = p.seek_rate * (1.0 + wish + p.seek_insecurity * (1.0 - child.security))
    begin = p.approach_rate * (1.0 + p.approach_preference * child.representation)
    misbehave = p.misbehaviour_rate * misbehaviour(child)
    return seen * seek * (1.0 + mood), seen * begin * (1.0 + mood), seen * misbehave * (1.0 - mood)


@compiled
def next_chance(chance: float, rate: float, count: int) -> float:
    """Chance of `count` bids where that of one less is `chance`: the number is a Poisson number (R1)."""
    return chance * (rate / count)


@compiled
def number_of_bids(rate: float, draw: float) -> int:
    """How often a child comes into view today, from its rate and a uniform draw."""
    chance = math.exp(-rate)
    total, count = chance, 0
    while draw >= total and count < MOST_BIDS:
        count += 1
        chance = next_chance(chance, rate, count)
        total += chance
    return count


@compiled
def occasion(seek: float, begin: float, misbehave: float, draw: float, p: Record) -> tuple[int, int]:
    """Initiator and setting of a bid, from the rates of the three kinds of bids and a uniform draw."""
    rest = draw * (seek + begin + misbehave)
    if rest < misbehave:
        return TEACHER, DISCIPLINE
    rest -= misbehave
    if rest < seek:
        return CHILD, SOCIAL if rest < p.social_share * seek else TASK
    return TEACHER, SOCIAL if rest - seek < p.social_share * begin else TASK


@compiled
def attend(teacher: Record, waited: float, setting: float, draw: float, p: Record) -> bool:
    """Whether the teacher answers a bid that comes `waited` of a day after the one before.

    Attention is a limited resource: each contact uses a share of it, time restores it. Misbehaviour forces
    contact.
    """
    restored = waited * p.attention_recovery * teacher.pace
    teacher.attention = approach(teacher.attention, 1.0, restored / (1.0 + restored))
    if setting != DISCIPLINE and draw >= teacher.attention:
        return False
    teacher.attention = weaken(teacher.attention, p.attention_cost)
    return True


@compiled
def is_public(showcase: float, setting: float, draw: float, p: Record) -> bool:
    """Whether classmates see a contact in class. A teacher who uses affect deliberately corrects in private."""
    in_class = strengthen(either(setting == SOCIAL, p.public_social, p.public_task), showcase)
    return draw < either(setting == DISCIPLINE, weaken(p.public_discipline, showcase), in_class)


# --- One contact -------------------------------------------------------------------------------------


@compiled
def child_tone(child: Record, setting: float, luck: float, p: Record) -> float:
    """Affective tone with which the child acts, in (-1, 1)."""
    x = (
        p.tone_baseline
        + p.tone_closeness * child.closeness
        + p.tone_felt_security * child.felt_security
        + p.tone_mood * child.mood
        - p.tone_misbehaviour * misbehaviour(child)
        - p.tone_conflict * child.conflict
        - p.tone_stress * child.stress
        + p.tone_luck * luck
    )
    if setting == DISCIPLINE:
        x -= p.tone_discipline
    elif setting == SESSION:
        x += p.tone_session * (1.0 - child.session_lead)
    return bounded(x)


@compiled
def teacher_perceives(child: Record, teacher: Record, tone: float, p: Record) -> float:
    """The child's tone as the teacher sees it: drawn to what the working model expects.

    Reflective functioning reduces the bias. Reflection on this child reduces it where the teacher expects worse than
    there is.
    """
    doubt = either(child.representation < tone, child.reflection, 0.0)
    reflective = strengthen(teacher.reflective_functioning, doubt)
    return coloured(tone, child.representation, p.teacher_bias * (1.0 - reflective))


@compiled
def teacher_tone(
    child: Record,
    teacher: Record,
    perceived: float,
    setting: float,
    public: bool,
    luck: float,
    p: Record,
) -> float:
    """Affective tone with which the teacher answers what it perceived, in (-1, 1).

    A teacher who reflects on the child takes hostility less personally (I3).
    """
    support = strengthen(teacher.emotional_support, teacher.coaching)
    hostility = weaken(negative(perceived), child.reflection)
    harsh = (
        p.response_hostility * hostility
        + p.response_helplessness * hostility * (1.0 - child.perceived_control)
        + p.response_conflict * child.conflict
        + p.response_stress * teacher.stress
    )
    if setting == DISCIPLINE:
        harsh += p.response_discipline
    attuned = strengthen(child.attunement, child.showcase) if public else child.attunement
    x = (
        p.response_baseline
        + p.response_support * support
        + p.response_warmth * positive(perceived)
        + p.response_attunement * attuned
        - harsh * (1.0 - child.calm)
        + (p.response_mood * teacher.mood + p.response_luck * luck) * (1.0 - child.calm)
    )
    if setting in (TASK, SESSION):
        x += p.response_praise * child.praise
    return bounded(x)


@compiled
def child_perceives(child: Record, response: float, p: Record) -> float:
    """The teacher's tone as the child feels it: an insecure child reads it by what it expects."""
    return coloured(response, child.felt_security, p.child_bias * (1.0 - child.security))


@compiled
def exchanges(child: Record, p: Record) -> int:
    """Exchanges of the one-to-one session that the child has today; 0 without a session."""
    return math.floor(p.session_exchanges * child.session + 0.5)


@compiled
def intimacy(child: Record, setting: float, public: bool, p: Record) -> float:
    """How much room a contact leaves for closeness: all where the child leads a session, least in discipline.

    A session that the teacher leads leaves as much as work does.
    """
    in_class = either(setting == SOCIAL, p.intimacy_social, p.intimacy_task) * either(public, p.intimacy_public, 1.0)
    in_session = approach(1.0, p.intimacy_task, child.session_lead)
    return either(setting == SESSION, in_session, either(setting == DISCIPLINE, p.intimacy_discipline, in_class))


@compiled
def dyad_learns(
    child: Record,
    initiator: int,
    closeness_room: float,
    perceived: float,
    response: float,
    felt: float,
    p: Record,
) -> None:
    """Closeness, conflict and dependency after a contact."""
    warmth = 0.5 * (positive(perceived) + positive(felt))
    friction = math.sqrt(negative(perceived) * negative(response))
    child.closeness = strengthen(child.closeness, p.closeness_gain * warmth * closeness_room)
    child.closeness = weaken(child.closeness, p.closeness_hurt * negative(felt))
    child.conflict = reinforce(child.conflict, friction, p.conflict_gain)
    child.conflict = weaken(child.conflict, p.conflict_repair * warmth * closeness_room)
    if initiator == CHILD:
        # Comfort found in distress makes a child cling; warmth without distress lets it explore.
        comfort = positive(felt)
        child.dependency = strengthen(child.dependency, p.dependency_gain * comfort * child.stress)
        child.dependency = weaken(
            child.dependency, p.dependency_growth * comfort * (1.0 - child.stress) * child.self_regulation
        )


@compiled
def teacher_learns(child: Record, teacher: Record, perceived: float, p: Record) -> None:
    """The teacher's working model, perceived control (D4) and stress after a contact."""
    hostility, warmth = negative(perceived), positive(perceived)
    weight = p.negativity if perceived < 0.0 else 1.0
    child.representation = approach(child.representation, perceived, p.representation_rate * weight)
    teacher.stress = strengthen(teacher.stress, p.teacher_stress_gain * hostility * (1.0 - child.perceived_control))
    teacher.stress = weaken(teacher.stress, p.teacher_stress_relief * warmth)
    child.perceived_control = weaken(child.perceived_control, p.control_loss * hostility)
    child.perceived_control = strengthen(child.perceived_control, p.control_gain * warmth)


@compiled
def coercion(child: Record, act: float, met: float, rate: float, relief: float) -> None:
    """Law of effect for hostility: what is acted and met with hostility grows up to the strength of the act.

    What meets warmth fades. Only behaviour that occurs can be reinforced, so that those who act with hostility
    already learn most.
    """
    child.aggression = reinforce(child.aggression, negative(act), rate * negative(met))
    child.aggression = weaken(child.aggression, relief * positive(met))


@compiled
def child_learns(child: Record, setting: float, tone: float, felt: float, p: Record) -> None:
    """What the contact leaves in the child: expectation, stress, aggression, regulation, self-concept, norms."""
    hurt, comfort = negative(felt), positive(felt)
    weight = p.negativity if felt < 0.0 else 1.0
    child.felt_security = approach(child.felt_security, felt, p.felt_security_rate * weight)
    child.stress = strengthen(child.stress, p.child_stress_gain * hurt)
    child.stress = weaken(child.stress, p.child_stress_relief * comfort)
    coercion(child, tone, felt, p.coercion_teacher, p.coercion_relief)
    child.self_regulation = strengthen(child.self_regulation, p.regulation_gain * comfort * child.closeness)
    child.self_regulation = weaken(child.self_regulation, p.regulation_loss * hurt * child.stress)
    child.self_global = approach(child.self_global, 0.5 * (1.0 + felt), p.self_global_rate * weight)
    if setting == TASK:
        child.self_academic = approach(child.self_academic, 0.5 * (1.0 + felt), p.self_academic_rate)
    child.norms = strengthen(child.norms, p.norms_gain * comfort * child.closeness)
    child.norms = weaken(child.norms, p.norms_loss * hurt)


@compiled
def witnessed(liked: float, closeness: float, response: float, weight: float, p: Record) -> float:
    """Social referencing: liking of a child after a classmate saw the teacher's tone towards it.

    Warmth raises liking; correction as such does not lower it; derogation, a tone below the threshold, does (W1),
    and more so for witnesses whose own `closeness` to the teacher is high (W3). `weight` is 1 for a child that the
    witness does not know (W2).
    """
    trust = (1.0 - p.reference_own_closeness) + p.reference_own_closeness * closeness
    if response > 0.0:
        return liked + 0.5 * weight * p.reference_warmth * response * (1.0 - liked)
    if response < -p.derogation_threshold:
        return liked + 0.5 * weight * p.reference_derogation * response * trust * (1.0 + liked)
    return liked


@compiled
def impress(liking: Records, children: Records, i: int, response: float, weight: float, p: Record) -> None:
    """What a tone of the teacher towards child `i` does to its liking by all other children, who see it."""
    for witness in range(children.shape[0]):
        if witness != i:
            liking[witness, i] = witnessed(liking[witness, i], children[witness].closeness, response, weight, p)


@compiled
def reference(liking: Records, children: Records, i: int, response: float, p: Record) -> None:
    """Social referencing in class, where the witnesses have known child `i` for long."""
    impress(liking, children, i, response, p.reference_familiar, p)


# --- Play --------------------------------------------------------------------------------------------


@compiled
def playmate_weights(children: Records, liking: Records, p: Record, weights: Records) -> None:
    """Cumulative weights of all classmates as playmates of each child: mutual liking and sex homophily.

    Fills `weights`, shape (n, n): row who chooses.
    """
    for i in range(children.shape[0]):
        total, sex = 0.0, children[i].sex
        for j in range(children.shape[0]):
            wish, welcome = 0.5 * (1.0 + liking[i, j]), 0.5 * (1.0 + liking[j, i])
            share = 1.0 if sex == children[j].sex else p.play_cross_sex
            total += wish * wish * welcome * share if i != j else 0.0
            weights[i, j] = total


@compiled
def choose(weights: Records, i: int, draw: float) -> int:
    """Number of the entry that a uniform draw hits in row `i` of cumulative `weights`; -1 where all are zero."""
    total = weights[i, weights.shape[1] - 1]
    if total <= 0.0:
        return -1
    place = draw * total
    count = 0
    for entry in range(weights.shape[1]):
        count += 1 if weights[i, entry] <= place else 0
    return count


@compiled
def play_tone(child: Record, liked: float, met: float, luck: float, p: Record) -> float:
    """Tone of a child towards a classmate whom it likes so much, and whose tone was `met` (0 at the beginning)."""
    x = (
        p.play_baseline
        + p.play_liking * liked
        + p.play_mood * child.mood
        - p.play_misbehaviour * misbehaviour(child)
        - p.play_stress * child.stress
        + p.play_reciprocity * met
        + p.play_luck * luck
    )
    return bounded(x)


@compiled
def liking_learns(liked: float, teacher: Record, met: float, p: Record) -> float:
    """Liking of a classmate after its tone `met`, as that compares with what is usual in this class.

    Hostility costs less liking where everybody is hostile (W7).
    """
    unusual = met - p.play_adaptation * teacher.play_climate
    rate = p.liking_rate * (p.negativity if unusual < 0.0 else 1.0)
    return approach(liked, bounded(unusual), rate)


@compiled
def play_learns(child: Record, tone: float, met: float, p: Record) -> None:
    """What a child takes from a bout in which it acted with `tone` and `met` the tone of its playmate.

    Hostility met is imitated (A4), and reinforced where it was acted (W6).
    """
    coercion(child, tone, met, p.coercion_peers, p.coercion_peers_relief)
    child.aggression = strengthen(child.aggression, p.contagion * negative(met))
    child.stress = strengthen(child.stress, p.play_stress_gain * negative(met))
    child.self_social = approach(child.self_social, 0.5 * (1.0 + met), p.self_social_rate)


# --- End of the day ----------------------------------------------------------------------------------


@compiled
def acceptance(liking: Records, i: int) -> float:
    """Mean liking of child `i` by its classmates, as a number in [0, 1]."""
    n = liking.shape[0]
    if n < 2:
        return 0.5
    a, b, c, d = 0.0, 0.0, 0.0, 0.0  # four sums side by side are quicker than one
    for j in range(0, n - 3, 4):
        a += liking[j, i]
        b += liking[j + 1, i]
        c += liking[j + 2, i]
        d += liking[j + 3, i]
    for j in range(n - n % 4, n):
        a += liking[j, i]
    return 0.5 * (1.0 + (a + b + c + d) / (n - 1))


@compiled
def child_studies(child: Record, accepted: float, p: Record) -> None:
    """Engagement from relationship, acceptance, self-concept; achievement from engagement, ability, regulation.

    And what the place among classmates does to the social self-concept and to aggression.
    """
    relation = 0.5 * (child.closeness + 1.0 - child.conflict)
    total = p.engage_relation + p.engage_acceptance + p.engage_self + p.engage_regulation
    engaging = (
        p.engage_relation * relation
        + p.engage_acceptance * accepted
        + p.engage_self * child.self_academic
        + p.engage_regulation * child.self_regulation
    ) / max(total, 1e-9)
    child.engagement = approach(child.engagement, engaging, p.engagement_fade)
    attainable = (
        p.achieve_ability * child.ability
        + p.achieve_engagement * (child.engagement - 0.5)
        + p.achieve_regulation * (child.self_regulation - 0.5)
        + p.achieve_relation * (relation - 0.5)
        - p.achieve_ses_risk * (child.ses_risk - 0.5)
    )
    child.achievement = approach(child.achievement, attainable, p.achievement_fade)
    grade = 0.5 * (1.0 + bounded(child.achievement))
    child.self_academic = approach(child.self_academic, grade, p.self_academic_fade)
    place = 0.5 * (1.0 + bounded(p.self_social_comparison * (2.0 * accepted - 1.0)))
    child.self_social = approach(child.self_social, place, p.self_social_fade)
    rejection = negative(2.0 * place - 1.0)  # makes those more aggressive who are aggressive already (W6)
    child.aggression = strengthen(child.aggression, p.aggression_rejection * rejection * child.aggression)


@compiled
def child_settles(child: Record, teacher: Record, p: Record) -> None:
    """Slow return of every memory to what the child's and the teacher's traits support."""
    insecure = 1.0 - child.security
    child.closeness = approach(child.closeness, p.closeness_rest * child.rapport, p.closeness_fade)
    child.conflict = approach(child.conflict, p.conflict_rest * child.mismatch, p.conflict_fade)
    child.dependency = approach(child.dependency, p.dependency_rest * insecure, p.dependency_fade)
    child.felt_security = approach(child.felt_security, child.security - p.felt_security_rest, p.felt_security_fade)
    image = p.representation_rest * teacher.emotional_support
    child.representation = approach(child.representation, image, p.representation_fade)
    child.perceived_control = approach(child.perceived_control, teacher.self_efficacy, p.control_fade)
    restrained = p.aggression_liability * child.externalizing * (1.0 - p.aggression_norms * child.norms)
    liable = strengthen(restrained, p.aggression_esteem * (1.0 - child.self_global))
    child.aggression = approach(child.aggression, liable, p.aggression_fade)
    child.self_regulation = approach(child.self_regulation, child.effortful_control, p.regulation_fade)
    child.self_global = approach(child.self_global, p.self_global_rest * child.security, p.self_global_fade)
    child.norms = approach(child.norms, p.norms_rest * child.security, p.norms_fade)


@compiled
def liking_settles(liking: Records, affinity: Records, p: Record) -> None:
    """Liking returns slowly to the affinity of two children, shape (n, n)."""
    for i in range(liking.shape[0]):
        for j in range(liking.shape[0]):
            liking[i, j] = approach(liking[i, j], affinity[i, j], p.liking_fade)
