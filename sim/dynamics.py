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

from sim.arithmetic import exponential
from sim.compiled import compiled
from sim.state import Initiator, Record, Records, Setting

CHILD, TEACHER = int(Initiator.CHILD), int(Initiator.TEACHER)
TASK, SOCIAL = int(Setting.TASK), int(Setting.SOCIAL)
DISCIPLINE, SESSION = int(Setting.DISCIPLINE), int(Setting.SESSION)
YOUNGEST = 3.0
"""Age of the youngest children, in years."""

# Draws of one bid: when it comes up; what it is, who sees it, whether it is answered (thirds of one draw).
DRAWS_PER_BID = 2
BID_TIME, BID_CHANCES = range(2)
MOST_BIDS = 120
NUMBER_OF_BIDS = MOST_BIDS * DRAWS_PER_BID
# Draws of one contact: two tones; whether each of its four turns is hostile (quarters of one draw).
DRAWS_PER_CONTACT = 3
CHILD_TONE, TEACHER_TONE, TURNS = range(3)
MOST_EXCHANGES = 20
# Draws of one bout of play: when, with whom, two tones; whether each of its four turns is hostile.
DRAWS_PER_BOUT = 5
BOUT_TIME, BOUT_PARTNER, BOUT_TONE, BOUT_ANSWER, BOUT_TURNS = range(5)
# Draws over the days without school: one that two children share (from 0), a child's own fame, one of its own for each
# classmate (from PAIR_DRAWS).
FAME, PAIR_DRAWS = 511, 512
PRAISE = 0.5
"""Tone of an answer at work from which on it counts as praise."""


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
def chance(push: float) -> float:
    """Chance of a hostile act from the push towards it: one half at 0, .15 at -1, .026 at -3.

    The distribution function of Student's t with two degrees of freedom (up to a factor): exact arithmetic, and tails
    in which what is rare stays possible.
    """
    return 0.5 * (1.0 + bounded(push))


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
        child.session, child.session_lead, child.outreach = 0.0, 0.0, 0.0
    teacher.coaching = 0.0


@compiled
def readiness(liability: float, habit: float, goodwill: float, p: Record) -> float:
    """Readiness to act with hostility in this class now, from what is slow and what is quick in it.

    Liability is what the child takes along everywhere, for months and years; habit what it has learned with this
    teacher, in weeks; goodwill, from the teacher's approval of today and yesterday, holds both back (F1, F2, F4).
    """
    return strengthen(liability, p.habit_weight * habit) * let_through(goodwill, p)


@compiled
def let_through(goodwill: float, p: Record) -> float:
    """Share of a child's readiness for hostility that its goodwill does not hold back."""
    return 1.0 - p.goodwill_restraint * goodwill


@compiled
def show(child: Record, p: Record) -> None:
    """Aggression follows its three sources."""
    child.aggression = readiness(child.liability, child.habit, child.goodwill, p)


# --- Who is next -------------------------------------------------------------------------------------


@compiled
def misbehaviour(child: Record) -> float:
    """How far the child's aggression gets past its self-regulation, in [0, 1]."""
    return child.aggression * (1.0 - child.self_regulation)


@compiled
def bid_rates(child: Record, teacher: Record, p: Record) -> tuple[float, float, float]:
    """Bids a school day: the child seeks contact, the teacher approaches it, it is about to misbehave.

    Goodwill may still hold it back when the moment has come; see `attend`.
    """
    seen = teacher.pace * child.visibility
    mood = p.bid_mood * bounded(child.mood)
    wish = p.seek_closeness * child.closeness + p.seek_dependency * child.dependency
    seek = p.seek_rate * (1.0 + wish + p.seek_insecurity * (1.0 - child.security))
    begin = p.approach_rate * (1.0 + p.approach_preference * child.representation) * (1.0 + child.outreach)
    misbehave = p.misbehaviour_rate * readiness(child.liability, child.habit, 0.0, p) * (1.0 - child.self_regulation)
    day = p.act_day * bounded(teacher.mood)
    return seen * seek * (1.0 + mood), seen * begin * (1.0 + mood), seen * misbehave * (1.0 - mood) * (1.0 - day)


@compiled
def next_chance(chance: float, rate: float, count: int) -> float:
    """Chance of `count` bids where that of one less is `chance`: the number is a Poisson number (R1)."""
    return chance * (rate / count)


@compiled
def number_of_bids(rate: float, draw: float) -> int:
    """How often a child comes into view today, from its rate and a uniform draw."""
    chance = exponential(-rate)
    total, count = chance, 0
    while draw >= total and count < MOST_BIDS:
        count += 1
        chance = next_chance(chance, rate, count)
        total += chance
    return count


@compiled
def occasion(seek: float, begin: float, misbehave: float, outreach: float, draw: float, p: Record) -> tuple[int, int]:
    """Initiator and setting of a bid, from the rates of the three kinds of bids and a uniform draw.

    A teacher who reaches out to the child seeks calm moments that are not about work.
    """
    rest = draw * (seek + begin + misbehave)
    if rest < misbehave:
        return TEACHER, DISCIPLINE
    rest -= misbehave
    if rest < seek:
        return CHILD, SOCIAL if rest < p.social_share * seek else TASK
    return TEACHER, SOCIAL if rest - seek < strengthen(p.social_share, outreach) * begin else TASK


@compiled
def attend(child: Record, teacher: Record, waited: float, setting: float, draw: float, p: Record) -> bool:
    """Whether a bid that comes `waited` of a day after the one before becomes a contact.

    Attention is a limited resource: each contact uses a share of it, time restores it, more slowly in a teacher who is
    worn out. Misbehaviour forces contact, where the child's goodwill of this moment does not hold it back.
    """
    restored = waited * p.attention_recovery * teacher.pace * (1.0 - p.attention_strain * teacher.strain)
    teacher.attention = approach(teacher.attention, 1.0, restored / (1.0 + restored))
    if draw >= either(setting == DISCIPLINE, let_through(child.goodwill, p), teacher.attention):
        return False
    teacher.attention = weaken(teacher.attention, p.attention_cost)
    return True


@compiled
def is_ignored(child: Record, setting: float, p: Record) -> None:
    """A bid for contact that the teacher does not answer costs goodwill."""
    child.goodwill = weaken(child.goodwill, either(setting == DISCIPLINE, 0.0, p.goodwill_ignored))
    show(child, p)


@compiled
def is_public(showcase: float, setting: float, draw: float, p: Record) -> bool:
    """Whether classmates see a contact in class. A teacher who uses affect deliberately corrects in private."""
    in_class = strengthen(either(setting == SOCIAL, p.public_social, p.public_task), showcase)
    return draw < either(setting == DISCIPLINE, weaken(p.public_discipline, showcase), in_class)


# --- One contact -------------------------------------------------------------------------------------


@compiled
def demand(setting: float, lead: float, p: Record) -> float:
    """What a contact asks of a child, relative to work in class: least where the child leads, most in a correction.

    Children act up to escape from demands (F5).
    """
    in_session = approach(p.demand_lead, 1.0, lead)
    at_ease = either(setting == SOCIAL, p.demand_social, 1.0)
    return either(setting == SESSION, in_session, either(setting == DISCIPLINE, p.demand_discipline, at_ease))


@compiled
def child_push(child: Record, teacher: Record, setting: float, p: Record) -> float:
    """Push of a child towards a hostile act when a contact begins; see `chance`.

    Demand provokes what the child is ready for; feeling safe with this teacher and a good day hold it back. By the
    square root, what happens is about proportional to what gets past self-regulation: it differs among the many whose
    readiness is low, too.
    """
    drive = (
        p.act_misbehaviour * math.sqrt(misbehaviour(child))
        + p.act_stress * child.stress
        + p.act_conflict * child.conflict
        + p.act_mismatch * child.mismatch
    )
    day = p.act_mood * child.mood + p.act_day * teacher.mood
    return p.act_baseline + demand(setting, child.session_lead, p) * drive - p.act_security * child.felt_security - day


@compiled
def pushed_on(push: float, act: float, met: float, hold: float, p: Record) -> float:
    """Push towards a hostile act in one's second turn: coercion's own terms (Patterson 1982).

    Whoever has begun persists; hostility that is met provokes, warmth soothes. Calm in answer to hostility stops it
    here and now, as far as the other one has `hold` on oneself (F4).
    """
    begun, calm = either(act < 0.0, 1.0, 0.0), either(met < 0.0, 0.0, 1.0)
    return (
        push
        + p.persistence * begun
        + p.provocation * negative(met)
        - p.soothing * positive(met)
        - p.suppression * begun * calm * hold
    )


@compiled
def hostile_tone(luck: float, again: bool, p: Record) -> float:
    """Tone of a hostile act, in (-1, 0); sharper in a second turn."""
    return -bounded(p.hostile_strength * (1.0 + p.hostile_spread * luck) * (1.0 + either(again, p.escalation, 0.0)))


@compiled
def turn(push: float, draw: float, friendly: float, luck: float, again: bool, p: Record) -> float:
    """Tone of one turn: hostile where a uniform draw lies below the chance of it, `friendly` otherwise."""
    return either(draw < chance(push), hostile_tone(luck, again, p), friendly)


@compiled
def goes_on(act: float, answer: float) -> bool:
    """Whether there is a second turn for both: where one of them was hostile."""
    return (act < 0.0) | (answer < 0.0)


@compiled
def as_a_whole(first: float, second: float, goes_on: bool) -> float:
    """Tone of one side over its turns: what is learned from a contact is how it went as a whole."""
    return either(goes_on, 0.5 * (first + second), first)


@compiled
def child_tone(child: Record, setting: float, luck: float, p: Record) -> float:
    """Tone with which a child acts that is not hostile, in [0, 1): neutral, or friendly as this relationship is."""
    x = (
        p.tone_baseline
        + p.tone_closeness * child.closeness
        + p.tone_felt_security * child.felt_security
        + p.tone_mood * child.mood
        - p.tone_stress * child.stress
        + p.tone_luck * luck
    )
    guarded = either(setting == DISCIPLINE, p.tone_discipline, 0.0)
    pleased = either(setting == SESSION, p.tone_session * (1.0 - child.session_lead), 0.0)
    return bounded(positive(x - guarded + pleased))


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
def teacher_push(child: Record, teacher: Record, perceived: float, setting: float, p: Record) -> float:
    """Push of the teacher towards a harsh answer to what it perceived; see `chance`.

    An unsupportive teacher is flat rather than harsh. A teacher who reflects on the child takes hostility less
    personally (I3); one who keeps calm, or is attuned to this child, is not easily provoked.
    """
    support = strengthen(teacher.emotional_support, teacher.coaching)
    hostility = weaken(negative(perceived), child.reflection)
    provoked = (
        p.harsh_hostility * hostility
        + p.harsh_helplessness * hostility * (1.0 - child.perceived_control)
        + p.harsh_conflict * child.conflict
        + p.harsh_stress * teacher.stress
    )
    upset = demand(setting, child.session_lead, p) * provoked - p.harsh_mood * teacher.mood
    patient = strengthen(child.calm, child.attunement)
    return p.harsh_baseline + upset * (1.0 - patient) - p.harsh_support * support


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
    """Tone of an answer of the teacher that is not harsh, in [0, 1): neutral, or warm as this teacher is."""
    support = strengthen(teacher.emotional_support, teacher.coaching)
    attuned = strengthen(child.attunement, either(public, child.showcase, 0.0))
    at_work = either(setting == TASK, 1.0, either(setting == SESSION, 1.0, 0.0))
    x = (
        p.response_baseline
        + p.response_support * support
        + p.response_warmth * positive(perceived)
        + p.response_attunement * attuned
        + p.response_praise * child.praise * at_work
        + p.response_mood * teacher.mood
        - p.response_conflict * child.conflict
        - p.response_stress * teacher.stress
        - either(setting == DISCIPLINE, p.response_discipline, 0.0)
        + p.response_luck * luck
    )
    return bounded(positive(x))


@compiled
def child_perceives(child: Record, response: float, p: Record) -> float:
    """The teacher's tone as the child feels it: an insecure child reads it by what it expects."""
    return coloured(response, child.felt_security, p.child_bias * (1.0 - child.security))


@compiled
def lead(child: Record, teacher: Record, initiator: int, setting: float, p: Record) -> float:
    """How far the teacher leads a contact: 0 where the child does, 1 where she does.

    Where she begins, she leaves the lead as is her way, and to children who take part well (M1). A correction is hers.
    """
    room = approach(teacher.autonomy_support, child.engagement, p.autonomy_trust)
    in_class = either(setting == DISCIPLINE, 1.0, either(initiator == TEACHER, 1.0 - room, 0.0))
    return either(setting == SESSION, child.session_lead, in_class)


@compiled
def exchanges(child: Record, p: Record) -> int:
    """Exchanges of the one-to-one session that the child has today; 0 without a session."""
    return math.floor(p.session_exchanges * child.session + 0.5)


@compiled
def intimacy(child: Record, setting: float, public: bool, p: Record) -> float:
    """How much room a contact leaves for closeness: much where the child leads a session, least in discipline.

    A session that the teacher leads leaves as much as work does.
    """
    in_class = either(setting == SOCIAL, p.intimacy_social, p.intimacy_task) * either(public, p.intimacy_public, 1.0)
    in_session = approach(p.intimacy_session, p.intimacy_task, child.session_lead)
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
    """Closeness, conflict and dependency after a contact; it takes two to quarrel."""
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
def coercion(state: float, act: float, met: float, rate: float, relief: float) -> float:
    """Law of effect for hostility: what is acted and met with hostility grows up to the strength of the act.

    What meets warmth fades. Only behaviour that occurs can be reinforced, so that those who act with hostility
    already learn most.
    """
    return weaken(reinforce(state, negative(act), rate * negative(met)), relief * positive(met))


@compiled
def child_learns(child: Record, setting: float, tone: float, felt: float, p: Record) -> None:
    """What the contact leaves in the child: expectation, stress, what it is ready for, regulation, self-concept, norms.

    Approval raises goodwill at once; a calm reprimand teaches nothing (F4).
    """
    hurt, comfort = negative(felt), positive(felt)
    weight = p.negativity if felt < 0.0 else 1.0
    child.felt_security = approach(child.felt_security, felt, p.felt_security_rate * weight)
    child.stress = strengthen(child.stress, p.child_stress_gain * hurt)
    child.stress = weaken(child.stress, p.child_stress_relief * comfort)
    child.goodwill = weaken(reinforce(child.goodwill, comfort, p.goodwill_gain), p.goodwill_loss * hurt)
    child.habit = coercion(child.habit, tone, felt, p.coercion_habit, p.habit_relief)
    child.liability = coercion(child.liability, tone, felt, p.coercion_teacher, p.coercion_relief)
    show(child, p)
    child.self_regulation = strengthen(child.self_regulation, p.regulation_gain * comfort * child.closeness)
    child.self_regulation = weaken(child.self_regulation, p.regulation_loss * hurt * child.stress)
    child.self_global = approach(child.self_global, 0.5 * (1.0 + felt), p.self_global_rate * weight)
    if setting == TASK:
        child.self_academic = approach(child.self_academic, 0.5 * (1.0 + felt), p.self_academic_rate)
    child.norms = strengthen(child.norms, p.norms_gain * comfort * child.closeness)
    child.norms = weaken(child.norms, p.norms_loss * hurt)


@compiled
def child_is_guided(child: Record, lead: float, felt: float, p: Record) -> None:
    """How much room a child finds with this teacher, and how calm her guidance is, after a contact (M1).

    Hostility takes what room there is. Only where the teacher leads can she show that she stays calm.
    """
    child.autonomy = approach(child.autonomy, (1.0 - lead) * (1.0 - negative(felt)), p.guidance_rate)
    child.structure = approach(child.structure, either(felt < 0.0, 0.0, 1.0), p.guidance_rate * lead)


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
def novelty(teacher: Record, p: Record) -> float:
    """How much the teacher's tone tells classmates of a child: all where they are strangers, little later (W1, W2)."""
    return approach(1.0, p.reference_familiar, teacher.acquaintance)


@compiled
def reference(liking: Records, children: Records, teacher: Record, i: int, response: float, p: Record) -> None:
    """Social referencing in class, where the witnesses know child `i` more or less."""
    impress(liking, children, i, response, novelty(teacher, p), p)


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
    return min(count, weights.shape[1] - 1)


@compiled
def play_push(child: Record, liked: float, p: Record) -> float:
    """Push of a child towards a hostile act in play with a classmate whom it likes so much; see `chance`."""
    return (
        p.play_act_baseline
        + p.play_misbehaviour * math.sqrt(child.liability * (1.0 - child.self_regulation))
        + p.play_stress * child.stress
        - p.play_hold * liked
        - p.act_mood * child.mood
    )


@compiled
def play_tone(child: Record, liked: float, met: float, luck: float, p: Record) -> float:
    """Tone in play that is not hostile, in [0, 1), towards a classmate whose tone was `met` (0 at the beginning)."""
    x = (
        p.play_baseline
        + p.play_liking * liked
        + p.play_mood * child.mood
        + p.play_reciprocity * positive(met)
        + p.play_luck * luck
    )
    return bounded(positive(x))


@compiled
def liking_learns(liked: float, teacher: Record, met: float, p: Record) -> float:
    """Liking of a classmate after its tone `met`, as that compares with what is usual in this class.

    Hostility costs less liking where everybody is hostile (W7).
    """
    return warmed(liked, p.liking_rate * (met - p.play_adaptation * teacher.play_climate), p)


@compiled
def warmed(liked: float, step: float, p: Record) -> float:
    """Liking moved by `step`, least near its bounds; down it goes more easily than up."""
    return liked + (positive(step) - p.negativity * negative(step)) * (1.0 - liked * liked)


@compiled
def liking_drifts(liked: float, shared: float, own: float, fame: float, p: Record) -> float:
    """Liking after days without school, in which much happens to children that nobody sees.

    `shared` and `own` are luck of the pair and of the one who likes, `fame` that of the one who is liked.
    """
    between = p.liking_luck_shared * shared + (1.0 - p.liking_luck_shared) * own
    luck = p.liking_luck * approach(between, fame, p.liking_luck_fame)
    return liked + luck * (1.0 - liked * liked)


@compiled
def play_learns(child: Record, liked: float, tone: float, met: float, p: Record) -> None:
    """What a child takes from a bout in which it acted with `tone` and `met` the tone of a playmate it likes so much.

    Hostility is imitated, of friends most (A4), and reinforced where it was acted (W6).
    """
    child.liability = coercion(child.liability, tone, met, p.coercion_peers, p.coercion_peers_relief)
    child.liability = strengthen(child.liability, p.contagion * negative(met) * 0.5 * (1.0 + liked))
    child.stress = strengthen(child.stress, p.play_stress_gain * negative(met))
    child.self_social = approach(child.self_social, 0.5 * (1.0 + met), p.self_social_rate)
    show(child, p)


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
    """Engagement from what class and child bring; achievement from engagement, ability, regulation.

    And what the place among classmates does to the social self-concept and to aggression. Of room and structure
    neither is worth much without the other (M1).
    """
    relation = 0.5 * (child.closeness + 1.0 - child.conflict)
    total = p.engage_relation + p.engage_acceptance + p.engage_guidance + p.engage_self + p.engage_regulation
    engaging = (
        p.engage_relation * relation
        + p.engage_acceptance * accepted
        + p.engage_guidance * child.autonomy * child.structure
        + p.engage_self * child.self_academic
        + p.engage_regulation * child.self_regulation
    ) / max(total, 1e-9)
    engaging = weaken(engaging, p.engage_age * (child.age - YOUNGEST))
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
    child.liability = strengthen(child.liability, p.aggression_rejection * rejection * child.liability)


@compiled
def child_settles(child: Record, teacher: Record, p: Record) -> None:
    """Return of every memory to what the child's and the teacher's traits support; goodwill goes within days."""
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
    child.liability = approach(child.liability, liable, p.liability_fade)
    child.habit = approach(child.habit, p.habit_rest * child.mismatch, p.habit_fade)
    child.goodwill = weaken(child.goodwill, p.goodwill_fade)
    show(child, p)
    child.self_regulation = approach(child.self_regulation, child.effortful_control, p.regulation_fade)
    child.self_global = approach(child.self_global, p.self_global_rest * child.security, p.self_global_fade)
    child.norms = approach(child.norms, p.norms_rest * child.security, p.norms_fade)


@compiled
def class_settles(teacher: Record, p: Record) -> None:
    """Another day on which the children of the class have seen each other."""
    teacher.acquaintance = approach(teacher.acquaintance, 1.0, p.acquaintance_rate)


@compiled
def liking_settles(liking: Records, affinity: Records, p: Record) -> None:
    """Liking returns slowly to the affinity of two children, shape (n, n)."""
    for i in range(liking.shape[0]):
        for j in range(liking.shape[0]):
            liking[i, j] = approach(liking[i, j], affinity[i, j], p.liking_fade)
