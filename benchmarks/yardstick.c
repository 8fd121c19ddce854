/* The hot kernel of the compiled runner in C99: class after class, a school year each; no interventions, nothing kept
   but the last state and counts.

   What a competent C programmer would write who translates `sim.engine`, `sim.dynamics` and `sim.luck` without the
   lanes: the same arithmetic in the same order, so that the final states are the same bit for bit. `records.h`
   (structs, numbers of streams and settings) is generated from the Python sources by `yardstick.py`, which also
   compiles and checks this. */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "records.h"

/* --- Luck ------------------------------------------------------------------------------------------ */

static const uint64_t GOLDEN = 0x9E3779B97F4A7C15u;

static inline uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static uint64_t key(uint64_t seed, uint64_t number, uint64_t stream, uint64_t day)
{
    uint64_t hashed = mix(seed + GOLDEN);
    hashed = mix((hashed ^ number) + GOLDEN);
    hashed = mix((hashed ^ stream) + GOLDEN);
    return mix((hashed ^ day) + GOLDEN);
}

static inline uint64_t bits(uint64_t stream_key, int child, int ordinal)
{
    uint64_t place = (uint64_t)child * DRAWS + (uint64_t)ordinal;
    return mix(stream_key + (place + 1) * GOLDEN);
}

static inline double uniform(uint64_t stream_key, int child, int ordinal)
{
    return (double)(int64_t)(bits(stream_key, child, ordinal) >> 11) * 0x1p-53;
}

static inline double normal(uint64_t stream_key, int child, int ordinal)
{
    uint64_t word = bits(stream_key, child, ordinal);
    uint64_t total = (word & 0xFFFF) + (word >> 16 & 0xFFFF) + (word >> 32 & 0xFFFF) + (word >> 48);
    return ((double)(int64_t)total - SUM_MEAN) * SUM_SCALE;
}

struct thirds {
    double what, who_sees, whether;
};

static inline struct thirds thirds(uint64_t stream_key, int child, int ordinal)
{
    uint64_t word = bits(stream_key, child, ordinal);
    return (struct thirds){(double)(int64_t)(word & 0x1FFFFF) * 0x1p-21,
                           (double)(int64_t)(word >> 21 & 0x1FFFFF) * 0x1p-21,
                           (double)(int64_t)(word >> 42 & 0x1FFFFF) * 0x1p-21};
}

struct quarters {
    double act, answer, continuation, repair;
};

static inline struct quarters quarters(uint64_t stream_key, int child, int ordinal)
{
    uint64_t word = bits(stream_key, child, ordinal);
    return (struct quarters){(double)(int64_t)(word & 0xFFFF) * 0x1p-16, (double)(int64_t)(word >> 16 & 0xFFFF) * 0x1p-16,
                             (double)(int64_t)(word >> 32 & 0xFFFF) * 0x1p-16, (double)(int64_t)(word >> 48) * 0x1p-16};
}

/* --- Operators ------------------------------------------------------------------------------------- */

static inline double strengthen(double state, double amount) { return state + amount * (1.0 - state); }

static inline double weaken(double state, double amount) { return state - amount * state; }

static inline double approach(double state, double target, double amount)
{
    return state + amount * (target - state);
}

static inline double positive(double tone) { return tone > 0.0 ? tone : 0.0; }

static inline double negative(double tone) { return positive(-tone); }

static inline double reinforce(double state, double level, double amount)
{
    return state + amount * positive(level - state);
}

static inline double bounded(double x) { return x / sqrt(1.0 + x * x); }

static inline double chance(double push) { return 0.5 * (1.0 + bounded(push)); }

static inline double coloured(double tone, double model, double bias)
{
    return approach(tone, model < 0.0 && tone < model ? tone : model, bias);
}

/* --- Morning --------------------------------------------------------------------------------------- */

static inline double next_mood(double mood, double luck, const struct parameters *p)
{
    double carry = p->mood_carry_over;
    return carry * mood + sqrt(1.0 - carry * carry) * luck;
}

static void child_arrives(struct child *c, int64_t nights, double luck, const struct parameters *p)
{
    double rest = p->child_stress_rest * (1.0 - c->security);
    double safe = 0.5 * (1.0 + c->felt_security);
    double recovery = p->child_recovery * ((1.0 - p->child_recovery_safety) + p->child_recovery_safety * safe);
    for (int64_t night = 0; night < nights; night++)
        c->stress = approach(c->stress, rest, recovery);
    c->mood = next_mood(c->mood, luck, p);
}

static void teacher_arrives(struct teacher *t, int64_t nights, double luck, const struct parameters *p)
{
    double rest = p->teacher_stress_rest * t->strain;
    for (int64_t night = 0; night < nights; night++)
        t->stress = approach(t->stress, rest, p->teacher_recovery);
    t->mood = next_mood(t->mood, luck, p);
    t->attention = 1.0;
}

static inline double liking_drifts(double liked, double shared, double own, double fame, const struct parameters *p)
{
    double between = p->liking_luck_shared * shared + (1.0 - p->liking_luck_shared) * own;
    double luck = p->liking_luck * approach(between, fame, p->liking_luck_fame);
    return liked + luck * (1.0 - liked * liked);
}

/* What happens between children on days without school. */
static void weekend(double *liked, int n, uint64_t stream, const struct parameters *p)
{
    for (int i = 0; i < n; i++) {
        double fame_of_i = normal(stream, i, FAME);
        for (int j = i + 1; j < n; j++) {
            double shared = normal(stream, i, j), fame_of_j = normal(stream, j, FAME);
            double *of_i = &liked[j * n + i], *of_j = &liked[i * n + j];
            *of_i = liking_drifts(*of_i, shared, normal(stream, i, PAIR_DRAWS + j), fame_of_j, p);
            *of_j = liking_drifts(*of_j, shared, normal(stream, j, PAIR_DRAWS + i), fame_of_i, p);
        }
    }
}

static void arrive(struct child *children, struct teacher *teacher, double *liked, int n, int64_t nights,
                   uint64_t moods, uint64_t weekends, const struct parameters *p)
{
    for (int i = 0; i < n; i++)
        child_arrives(&children[i], nights, normal(moods, i, 0), p);
    teacher_arrives(teacher, nights, normal(moods, n, 0), p);
    if (nights > 1)
        weekend(liked, n, weekends, p);
}

/* Share of a child's readiness for hostility that its goodwill does not hold back. */
static inline double let_through(double goodwill, const struct parameters *p)
{
    return 1.0 - p->goodwill_restraint * goodwill;
}

/* Aggression follows its three sources. */
static inline void show(struct child *c, const struct parameters *p)
{
    c->aggression = strengthen(c->liability, p->habit_weight * c->habit) * let_through(c->goodwill, p);
}

/* --- Who is next ----------------------------------------------------------------------------------- */

struct rates {
    double seek, begin, misbehave;
};

/* A bid or a bout of play: when, whose, which of them; what follows is for bids only. */
struct event {
    double time, whether;
    int child, ordinal;
    int initiator, setting;
    bool public;
};

/* Room for the events of a day, their order, and the weights of playmates. */
struct desk {
    struct event *events;
    int *order;
    double *weights;
};

static inline double misbehaviour(const struct child *c) { return c->aggression * (1.0 - c->self_regulation); }

static inline struct rates bid_rates(const struct child *c, const struct teacher *t, const struct parameters *p)
{
    double seen = t->pace * c->visibility;
    double mood = p->bid_mood * bounded(c->mood);
    double wish = p->seek_closeness * c->closeness + p->seek_dependency * c->dependency;
    double seek = p->seek_rate * (1.0 + wish + p->seek_insecurity * (1.0 - c->security));
    double begin = p->approach_rate * (1.0 + p->approach_preference * c->representation) * (1.0 + c->outreach);
    double misbehave = p->misbehaviour_rate * strengthen(c->liability, p->habit_weight * c->habit)
                       * (1.0 - c->self_regulation);
    double day = p->act_day * bounded(t->mood);
    return (struct rates){seen * seek * (1.0 + mood), seen * begin * (1.0 + mood),
                          seen * misbehave * (1.0 - mood) * (1.0 - day)};
}

/* `sim.arithmetic.exponential`. */
static inline double exponential(double x)
{
    double inside = x < -760.0 ? -760.0 : x > 720.0 ? 720.0 : x;
    double shifted = inside * 1.44269504088896338700e+00 + 6755399441055744.0;
    double whole = shifted - 6755399441055744.0;
    double high = inside - whole * 6.93147180369123816490e-01, low = whole * 1.90821492927058770002e-10;
    double r = high - low, t = r * r;
    double c = 4.13813679705723846039e-08 * t - 1.65339022054652515390e-06;
    c = c * t + 6.61375632143793436117e-05;
    c = c * t - 2.77777777770155933842e-03;
    c = c * t + 1.66666666666666019037e-01;
    c = r - c * t;
    double scaled = 1.0 - ((low - (r * c) / (2.0 - c)) - high);
    int64_t twos = (int64_t)whole, half = twos >> 1;
    union { uint64_t bits; double number; } first = {(uint64_t)(half + 1023) << 52};
    union { uint64_t bits; double number; } second = {(uint64_t)(twos - half + 1023) << 52};
    return scaled * first.number * second.number;
}

static inline int number_of_bids(double rate, double draw)
{
    double chance = exponential(-rate), total = chance;
    int count = 0;
    while (draw >= total && count < MOST_BIDS) {
        count++;
        chance *= rate / count;
        total += chance;
    }
    return count;
}

static inline void occasion(struct event *bid, struct rates rates, double outreach, double draw,
                            const struct parameters *p)
{
    double rest = draw * (rates.seek + rates.begin + rates.misbehave);
    bid->initiator = TEACHER;
    if (rest < rates.misbehave) {
        bid->setting = DISCIPLINE;
        return;
    }
    rest -= rates.misbehave;
    if (rest < rates.seek) {
        bid->initiator = CHILD;
        bid->setting = rest < p->social_share * rates.seek ? SOCIAL : TASK;
    } else {
        bid->setting = rest - rates.seek < strengthen(p->social_share, outreach) * rates.begin ? SOCIAL : TASK;
    }
}

static inline bool is_public(const struct child *c, int setting, double draw, const struct parameters *p)
{
    if (setting == DISCIPLINE)
        return draw < weaken(p->public_discipline, c->showcase);
    return draw < strengthen(setting == SOCIAL ? p->public_social : p->public_task, c->showcase);
}

/* Adds today's bids of child `i` to `events`, as they are decided in the morning; returns how many. */
static int bids_of_child(const struct child *c, int i, const struct teacher *t, uint64_t stream, struct event *events,
                         const struct parameters *p)
{
    struct rates rates = bid_rates(c, t, p);
    double rate = rates.seek + rates.begin + rates.misbehave;
    int count = number_of_bids(rate, uniform(stream, i, NUMBER_OF_BIDS));
    for (int which = 0; which < count; which++) {
        struct event *bid = &events[which];
        struct thirds draw = thirds(stream, i, which * DRAWS_PER_BID + BID_CHANCES);
        bid->time = uniform(stream, i, which * DRAWS_PER_BID + BID_TIME);
        bid->whether = draw.whether;
        bid->child = i;
        bid->ordinal = which;
        occasion(bid, rates, c->outreach, draw.what, p);
        bid->public = is_public(c, bid->setting, draw.who_sees, p);
    }
    return count;
}

/* The order of events by time, equal times as they stand: into buckets of about one, then by insertion. */
static void in_order(const struct event *events, int *order, int count)
{
    int starts[BUCKETS + 1] = {0};
    for (int event = 0; event < count; event++)
        starts[(int)(events[event].time * BUCKETS) + 1]++;
    for (int bucket = 0; bucket < BUCKETS; bucket++)
        starts[bucket + 1] += starts[bucket];
    for (int event = 0; event < count; event++)
        order[starts[(int)(events[event].time * BUCKETS)]++] = event;
    for (int place = 1; place < count; place++) {
        int event = order[place], before = place - 1;
        while (before >= 0 && events[order[before]].time > events[event].time) {
            order[before + 1] = order[before];
            before--;
        }
        order[before + 1] = event;
    }
}

static inline bool attend(const struct child *c, struct teacher *t, double waited, int setting, double draw,
                          const struct parameters *p)
{
    double restored = waited * p->attention_recovery * t->pace * (1.0 - p->attention_strain * t->strain);
    t->attention = approach(t->attention, 1.0, restored / (1.0 + restored));
    if (draw >= (setting == DISCIPLINE ? let_through(c->goodwill, p) : t->attention))
        return false;
    t->attention = weaken(t->attention, p->attention_cost);
    return true;
}

static inline void is_ignored(struct child *c, int setting, const struct parameters *p)
{
    c->goodwill = weaken(c->goodwill, setting == DISCIPLINE ? 0.0 : p->goodwill_ignored);
    show(c, p);
}

/* --- One contact ----------------------------------------------------------------------------------- */

static inline double demand(int setting, const struct parameters *p)
{
    return setting == DISCIPLINE ? p->demand_discipline : setting == SOCIAL ? p->demand_social : 1.0;
}

static inline double child_push(const struct child *c, const struct teacher *t, int setting, const struct parameters *p)
{
    double drive = p->act_misbehaviour * sqrt(misbehaviour(c)) + p->act_stress * c->stress
                   + p->act_conflict * c->conflict + p->act_mismatch * c->mismatch;
    double day = p->act_mood * c->mood + p->act_day * t->mood;
    return p->act_baseline + demand(setting, p) * drive - p->act_security * c->felt_security - day;
}

/* Push of the second turn of one whose own act was `act`, and who met `met`. */
static inline double pushed_on(double push, double act, double met, double hold, const struct parameters *p)
{
    double begun = act < 0.0 ? 1.0 : 0.0, calm = met < 0.0 ? 0.0 : 1.0;
    return push + p->persistence * begun + p->provocation * negative(met) - p->soothing * positive(met)
           - p->suppression * begun * calm * hold;
}

static inline double hostile_tone(double luck, bool again, const struct parameters *p)
{
    return -bounded(p->hostile_strength * (1.0 + p->hostile_spread * luck) * (1.0 + (again ? p->escalation : 0.0)));
}

static inline double turn(double push, double draw, double friendly, double luck, bool again,
                          const struct parameters *p)
{
    return draw < chance(push) ? hostile_tone(luck, again, p) : friendly;
}

static inline double child_tone(const struct child *c, int setting, double luck, const struct parameters *p)
{
    double x = p->tone_baseline + p->tone_closeness * c->closeness + p->tone_felt_security * c->felt_security
               + p->tone_mood * c->mood - p->tone_stress * c->stress + p->tone_luck * luck;
    if (setting == DISCIPLINE)
        x -= p->tone_discipline;
    return bounded(positive(x));
}

static inline double teacher_perceives(const struct child *c, const struct teacher *t, double tone,
                                       const struct parameters *p)
{
    double doubt = c->representation < tone ? c->reflection : 0.0;
    double reflective = strengthen(t->reflective_functioning, doubt);
    return coloured(tone, c->representation, p->teacher_bias * (1.0 - reflective));
}

static inline double teacher_push(const struct child *c, const struct teacher *t, double perceived, int setting,
                                  const struct parameters *p)
{
    double support = strengthen(t->emotional_support, t->coaching);
    double hostility = weaken(negative(perceived), c->reflection);
    double provoked = p->harsh_hostility * hostility
                      + p->harsh_helplessness * hostility * (1.0 - c->perceived_control)
                      + p->harsh_conflict * c->conflict + p->harsh_stress * t->stress;
    double upset = demand(setting, p) * provoked - p->harsh_mood * t->mood;
    double patient = strengthen(c->calm, c->attunement);
    return p->harsh_baseline + upset * (1.0 - patient) - p->harsh_support * support;
}

static inline double teacher_tone(const struct child *c, const struct teacher *t, double perceived, int setting,
                                  bool public, double luck, const struct parameters *p)
{
    double support = strengthen(t->emotional_support, t->coaching);
    double attuned = public ? strengthen(c->attunement, c->showcase) : c->attunement;
    double x = p->response_baseline + p->response_support * support + p->response_warmth * positive(perceived)
               + p->response_attunement * attuned + (setting == TASK ? p->response_praise * c->praise : 0.0)
               + p->response_mood * t->mood - p->response_conflict * c->conflict - p->response_stress * t->stress
               - (setting == DISCIPLINE ? p->response_discipline : 0.0) + p->response_luck * luck;
    return bounded(positive(x));
}

static inline double child_perceives(const struct child *c, double response, const struct parameters *p)
{
    return coloured(response, c->felt_security, p->child_bias * (1.0 - c->security));
}

static inline double intimacy(int setting, bool public, const struct parameters *p)
{
    if (setting == DISCIPLINE)
        return p->intimacy_discipline;
    double share = setting == SOCIAL ? p->intimacy_social : p->intimacy_task;
    return public ? share * p->intimacy_public : share;
}

static inline void dyad_learns(struct child *c, int initiator, double closeness_room, double perceived,
                               double response, double felt, const struct parameters *p)
{
    double warmth = 0.5 * (positive(perceived) + positive(felt));
    double friction = sqrt(negative(perceived) * negative(response));
    c->closeness = strengthen(c->closeness, p->closeness_gain * warmth * closeness_room);
    c->closeness = weaken(c->closeness, p->closeness_hurt * negative(felt));
    c->conflict = reinforce(c->conflict, friction, p->conflict_gain);
    c->conflict = weaken(c->conflict, p->conflict_repair * warmth * closeness_room);
    if (initiator == CHILD) {
        double comfort = positive(felt);
        c->dependency = strengthen(c->dependency, p->dependency_gain * comfort * c->stress);
        c->dependency = weaken(c->dependency, p->dependency_growth * comfort * (1.0 - c->stress) * c->self_regulation);
    }
}

static inline void teacher_learns(struct child *c, struct teacher *t, double perceived, const struct parameters *p)
{
    double hostility = negative(perceived), warmth = positive(perceived);
    double weight = perceived < 0.0 ? p->negativity : 1.0;
    c->representation = approach(c->representation, perceived, p->representation_rate * weight);
    t->stress = strengthen(t->stress, p->teacher_stress_gain * hostility * (1.0 - c->perceived_control));
    t->stress = weaken(t->stress, p->teacher_stress_relief * warmth);
    c->perceived_control = weaken(c->perceived_control, p->control_loss * hostility);
    c->perceived_control = strengthen(c->perceived_control, p->control_gain * warmth);
}

static inline double coercion(double state, double act, double met, double rate, double relief)
{
    return weaken(reinforce(state, negative(act), rate * negative(met)), relief * positive(met));
}

static inline void child_learns(struct child *c, int setting, double tone, double felt, const struct parameters *p)
{
    double hurt = negative(felt), comfort = positive(felt);
    double weight = felt < 0.0 ? p->negativity : 1.0;
    c->felt_security = approach(c->felt_security, felt, p->felt_security_rate * weight);
    c->stress = strengthen(c->stress, p->child_stress_gain * hurt);
    c->stress = weaken(c->stress, p->child_stress_relief * comfort);
    c->goodwill = weaken(reinforce(c->goodwill, comfort, p->goodwill_gain), p->goodwill_loss * hurt);
    c->habit = coercion(c->habit, tone, felt, p->coercion_habit, p->habit_relief);
    c->liability = coercion(c->liability, tone, felt, p->coercion_teacher, p->coercion_relief);
    show(c, p);
    c->self_regulation = strengthen(c->self_regulation, p->regulation_gain * comfort * c->closeness);
    c->self_regulation = weaken(c->self_regulation, p->regulation_loss * hurt * c->stress);
    c->self_global = approach(c->self_global, 0.5 * (1.0 + felt), p->self_global_rate * weight);
    if (setting == TASK)
        c->self_academic = approach(c->self_academic, 0.5 * (1.0 + felt), p->self_academic_rate);
    c->norms = strengthen(c->norms, p->norms_gain * comfort * c->closeness);
    c->norms = weaken(c->norms, p->norms_loss * hurt);
}

/* Who leads a contact in class, and what the child takes from it. */
static inline void child_is_guided(struct child *c, const struct teacher *t, const struct event *bid, double felt,
                                   const struct parameters *p)
{
    double room = approach(t->autonomy_support, c->engagement, p->autonomy_trust);
    double lead = bid->setting == DISCIPLINE ? 1.0 : bid->initiator == TEACHER ? 1.0 - room : 0.0;
    c->autonomy = approach(c->autonomy, (1.0 - lead) * (1.0 - negative(felt)), p->guidance_rate);
    c->structure = approach(c->structure, felt < 0.0 ? 0.0 : 1.0, p->guidance_rate * lead);
}

/* Tones of the first turns of a contact, and the teacher's as a whole, which is what the witnesses see. */
struct contact {
    double tone, response, shown;
};

static inline struct contact exchange(struct child *c, struct teacher *t, const struct event *bid, double child_luck,
                                      double teacher_luck, struct quarters draw, const struct parameters *p)
{
    int setting = bid->setting;
    double push = child_push(c, t, setting, p), friendly = child_tone(c, setting, child_luck, p);
    double tone = turn(push, draw.act, friendly, child_luck, false, p);
    double perceived = teacher_perceives(c, t, tone, p);
    double pressed = teacher_push(c, t, perceived, setting, p);
    double warm = teacher_tone(c, t, perceived, setting, bid->public, teacher_luck, p);
    double response = turn(pressed, draw.answer, warm, teacher_luck, false, p);
    double felt = child_perceives(c, response, p);
    double seen = perceived, shown = response, taken = felt, acted = tone;
    if (tone < 0.0 || response < 0.0) {
        push = pushed_on(push, tone, felt, c->perceived_control, p);
        double second = turn(push, draw.continuation, friendly, child_luck, true, p);
        double again = teacher_perceives(c, t, second, p);
        pressed = pushed_on(teacher_push(c, t, again, setting, p), response, again, t->reflective_functioning, p);
        warm = teacher_tone(c, t, again, setting, bid->public, teacher_luck, p);
        double closing = turn(pressed, draw.repair, warm, teacher_luck, true, p);
        seen = 0.5 * (perceived + again);
        shown = 0.5 * (response + closing);
        taken = 0.5 * (felt + child_perceives(c, closing, p));
        acted = 0.5 * (tone + second);
    }
    dyad_learns(c, bid->initiator, intimacy(setting, bid->public, p), seen, shown, taken, p);
    teacher_learns(c, t, seen, p);
    child_learns(c, setting, acted, taken, p);
    child_is_guided(c, t, bid, taken, p);
    return (struct contact){tone, response, shown};
}

/* `liked` is how much each classmate likes child `i`. */
static void be_seen(double *liked, const struct child *children, const struct teacher *t, int n, int i,
                    double response, const struct parameters *p)
{
    double novelty = approach(1.0, p->reference_familiar, t->acquaintance);
    if (response > 0.0) {
        double amount = 0.5 * novelty * p->reference_warmth * response;
        for (int witness = 0; witness < n; witness++)
            liked[witness] += amount * (1.0 - liked[witness]);
    } else if (response < -p->derogation_threshold) {
        double amount = 0.5 * novelty * p->reference_derogation * response;
        double share = p->reference_own_closeness;
        for (int witness = 0; witness < n; witness++) {
            double trust = (1.0 - share) + share * children[witness].closeness;
            liked[witness] += amount * trust * (1.0 + liked[witness]);
        }
    }
    liked[i] = 0.0;
}

/* The day's contacts in the order of their times; adds to the `counts` of each child. */
static void contacts(struct child *children, struct teacher *teacher, double *liked, int n, uint64_t stream,
                     uint64_t tones, struct desk desk, double *counts, const struct parameters *p)
{
    int bids = 0;
    for (int i = 0; i < n; i++)
        bids += bids_of_child(&children[i], i, teacher, stream, desk.events + bids, p);
    in_order(desk.events, desk.order, bids);
    double before = 0.0;
    for (int place = 0; place < bids; place++) {
        const struct event *bid = &desk.events[desk.order[place]];
        int i = bid->child, first = bid->ordinal * DRAWS_PER_CONTACT;
        double waited = bid->time - before;
        before = bid->time;
        if (!attend(&children[i], teacher, waited, bid->setting, bid->whether, p)) {
            is_ignored(&children[i], bid->setting, p);
            continue;
        }
        double child_luck = normal(tones, i, first + CHILD_TONE);
        double teacher_luck = normal(tones, i, first + TEACHER_TONE);
        struct quarters draw = quarters(tones, i, first + TURNS);
        struct contact met = exchange(&children[i], teacher, bid, child_luck, teacher_luck, draw, p);
        double hostile = met.tone < 0.0 ? 1.0 : 0.0, harsh = met.response < 0.0 ? 1.0 : 0.0;
        counts[OF_CONTACTS * n + i] += 1.0;
        counts[OF_REPRIMANDS * n + i] += bid->setting == DISCIPLINE ? 1.0 : 0.0;
        counts[OF_SEEKING * n + i] += bid->initiator == CHILD ? 1.0 : 0.0;
        counts[OF_TONES * n + i] += met.response;
        counts[OF_HOSTILE_ACTS * n + i] += hostile;
        counts[OF_HARSH_ANSWERS * n + i] += harsh;
        counts[OF_HARSH_TO_HOSTILE * n + i] += hostile * harsh;
        counts[OF_PRAISES * n + i] += bid->setting == TASK && met.response >= PRAISE ? 1.0 : 0.0;
        if (bid->public) {
            counts[OF_WARMTH_SEEN * n + i] += positive(met.response);
            be_seen(liked + (size_t)i * (size_t)n, children, teacher, n, i, met.shown, p);
        }
    }
}

/* --- Play ------------------------------------------------------------------------------------------ */

/* Fills `weights` with the cumulative weights of all classmates as playmates of `i`. */
static void playmate_weights(const struct child *children, const double *liked, int n, int i, double *weights,
                             const struct parameters *p)
{
    double total = 0.0;
    for (int j = 0; j < n; j++) {
        if (j != i) {
            double wish = 0.5 * (1.0 + liked[j * n + i]);
            double welcome = 0.5 * (1.0 + liked[i * n + j]);
            total += wish * wish * welcome * (children[i].sex == children[j].sex ? 1.0 : p->play_cross_sex);
        }
        weights[j] = total;
    }
}

/* Number of the entry that a uniform draw hits in cumulative `weights`; -1 where all are zero. */
static int choose(const double *weights, int n, double draw)
{
    if (weights[n - 1] <= 0.0)
        return -1;
    double sought = draw * weights[n - 1];
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (weights[middle] <= sought)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static inline double play_push(const struct child *c, double liking, const struct parameters *p)
{
    return p->play_act_baseline + p->play_misbehaviour * sqrt(c->liability * (1.0 - c->self_regulation))
           + p->play_stress * c->stress - p->play_hold * liking - p->act_mood * c->mood;
}

static inline double play_tone(const struct child *c, double liking, double met, double luck,
                               const struct parameters *p)
{
    return bounded(positive(p->play_baseline + p->play_liking * liking + p->play_mood * c->mood
                            + p->play_reciprocity * positive(met) + p->play_luck * luck));
}

/* One turn of a child whose own act was `acted` (0 where there was none), towards a playmate whose tone was `met`. */
static inline double play_turn(const struct child *c, double liking, double acted, double met, double draw,
                               double luck, bool again, const struct parameters *p)
{
    double push = pushed_on(play_push(c, liking, p), acted, met, c->self_regulation, p);
    return turn(push, draw, play_tone(c, liking, met, luck, p), luck, again, p);
}

static inline double warmed(double liked, double step, const struct parameters *p)
{
    return liked + (positive(step) - p->negativity * negative(step)) * (1.0 - liked * liked);
}

static inline void play_learns(struct child *c, double *liking, double climate, double tone, double met,
                               const struct parameters *p)
{
    double liked = *liking;
    *liking = warmed(liked, p->liking_rate * (met - p->play_adaptation * climate), p);
    c->liability = coercion(c->liability, tone, met, p->coercion_peers, p->coercion_peers_relief);
    c->liability = strengthen(c->liability, p->contagion * negative(met) * 0.5 * (1.0 + liked));
    c->stress = strengthen(c->stress, p->play_stress_gain * negative(met));
    c->self_social = approach(c->self_social, 0.5 * (1.0 + met), p->self_social_rate);
    show(c, p);
}

/* The day's bouts of play in the order of their times; adds to the `counts` of each child, and returns how many. */
static int64_t play(struct child *children, struct teacher *teacher, double *liked, int n, uint64_t stream,
                    struct desk desk, double *counts, const struct parameters *p)
{
    int bouts = (int)p->play_bouts;
    for (int i = 0; i < n; i++) {
        playmate_weights(children, liked, n, i, desk.weights + i * n, p);
        for (int bout = 0; bout < bouts; bout++) {
            struct event *event = &desk.events[i * bouts + bout];
            event->time = uniform(stream, i, bout * DRAWS_PER_BOUT + BOUT_TIME);
            event->child = i;
            event->ordinal = bout;
        }
    }
    in_order(desk.events, desk.order, n * bouts);
    double total = 0.0;
    int64_t count = 0;
    for (int place = 0; place < n * bouts; place++) {
        const struct event *event = &desk.events[desk.order[place]];
        int i = event->child, first = event->ordinal * DRAWS_PER_BOUT;
        int j = choose(desk.weights + i * n, n, uniform(stream, i, first + BOUT_PARTNER));
        if (j < 0)
            continue;
        struct child *a = &children[i], *b = &children[j];
        double *of_b = &liked[j * n + i], *of_a = &liked[i * n + j];
        double luck = normal(stream, i, first + BOUT_TONE), luck_back = normal(stream, i, first + BOUT_ANSWER);
        struct quarters draw = quarters(stream, i, first + BOUT_TURNS);
        double tone = play_turn(a, *of_b, 0.0, 0.0, draw.act, luck, false, p);
        double answer = play_turn(b, *of_a, 0.0, tone, draw.answer, luck_back, false, p);
        double whole = tone, whole_back = answer;
        if (tone < 0.0 || answer < 0.0) {
            double second = play_turn(a, *of_b, tone, answer, draw.continuation, luck, true, p);
            double last = play_turn(b, *of_a, answer, second, draw.repair, luck_back, true, p);
            whole = 0.5 * (tone + second);
            whole_back = 0.5 * (answer + last);
        }
        play_learns(a, of_b, teacher->play_climate, whole, whole_back, p);
        play_learns(b, of_a, teacher->play_climate, whole_back, whole, p);
        counts[OF_HOSTILE_PLAY * n + i] += tone < 0.0 ? 1.0 : 0.0;
        counts[OF_HOSTILE_PLAY * n + j] += answer < 0.0 ? 1.0 : 0.0;
        total += tone + answer;
        count++;
    }
    if (count > 0)
        teacher->play_climate = total / (double)(2 * count);
    return count;
}

/* --- End of the day -------------------------------------------------------------------------------- */

/* Mean of how much the classmates like a child; four sums side by side, as in `sim.dynamics`. */
static double acceptance(const double *liked, int n)
{
    if (n < 2)
        return 0.5;
    double sums[4] = {0.0};
    for (int j = 0; j + 3 < n; j += 4) {
        for (int k = 0; k < 4; k++)
            sums[k] += liked[j + k];
    }
    for (int j = n - n % 4; j < n; j++)
        sums[0] += liked[j];
    return 0.5 * (1.0 + (sums[0] + sums[1] + sums[2] + sums[3]) / (n - 1));
}

static void child_studies(struct child *c, double accepted, const struct parameters *p)
{
    double relation = 0.5 * (c->closeness + 1.0 - c->conflict);
    double total = p->engage_relation + p->engage_acceptance + p->engage_guidance + p->engage_self + p->engage_regulation;
    double engaging = (p->engage_relation * relation + p->engage_acceptance * accepted
                       + p->engage_guidance * c->autonomy * c->structure
                       + p->engage_self * c->self_academic + p->engage_regulation * c->self_regulation)
                      / (total > 1e-9 ? total : 1e-9);
    engaging = weaken(engaging, p->engage_age * (c->age - YOUNGEST));
    c->engagement = approach(c->engagement, engaging, p->engagement_fade);
    double attainable = p->achieve_ability * c->ability + p->achieve_engagement * (c->engagement - 0.5)
                        + p->achieve_regulation * (c->self_regulation - 0.5) + p->achieve_relation * (relation - 0.5)
                        - p->achieve_ses_risk * (c->ses_risk - 0.5);
    c->achievement = approach(c->achievement, attainable, p->achievement_fade);
    double grade = 0.5 * (1.0 + bounded(c->achievement));
    c->self_academic = approach(c->self_academic, grade, p->self_academic_fade);
    double place = 0.5 * (1.0 + bounded(p->self_social_comparison * (2.0 * accepted - 1.0)));
    c->self_social = approach(c->self_social, place, p->self_social_fade);
    double rejection = negative(2.0 * place - 1.0);
    c->liability = strengthen(c->liability, p->aggression_rejection * rejection * c->liability);
}

static void child_settles(struct child *c, const struct teacher *t, const struct parameters *p)
{
    double insecure = 1.0 - c->security;
    c->closeness = approach(c->closeness, p->closeness_rest * c->rapport, p->closeness_fade);
    c->conflict = approach(c->conflict, p->conflict_rest * c->mismatch, p->conflict_fade);
    c->dependency = approach(c->dependency, p->dependency_rest * insecure, p->dependency_fade);
    c->felt_security = approach(c->felt_security, c->security - p->felt_security_rest, p->felt_security_fade);
    double image = p->representation_rest * t->emotional_support;
    c->representation = approach(c->representation, image, p->representation_fade);
    c->perceived_control = approach(c->perceived_control, t->self_efficacy, p->control_fade);
    double restrained = p->aggression_liability * c->externalizing * (1.0 - p->aggression_norms * c->norms);
    double liable = strengthen(restrained, p->aggression_esteem * (1.0 - c->self_global));
    c->liability = approach(c->liability, liable, p->liability_fade);
    c->habit = approach(c->habit, p->habit_rest * c->mismatch, p->habit_fade);
    c->goodwill = weaken(c->goodwill, p->goodwill_fade);
    show(c, p);
    c->self_regulation = approach(c->self_regulation, c->effortful_control, p->regulation_fade);
    c->self_global = approach(c->self_global, p->self_global_rest * c->security, p->self_global_fade);
    c->norms = approach(c->norms, p->norms_rest * c->security, p->norms_fade);
}

static void learn(struct child *children, struct teacher *teacher, double *liked, const double *affinity, int n,
                  const struct parameters *p)
{
    for (int i = 0; i < n; i++) {
        child_studies(&children[i], acceptance(liked + i * n, n), p);
        child_settles(&children[i], teacher, p);
    }
    for (int pair = 0; pair < n * n; pair++)
        liked[pair] = approach(liked[pair], affinity[pair], p->liking_fade);
    teacher->acquaintance = approach(teacher->acquaintance, 1.0, p->acquaintance_rate);
}

/* --- The year -------------------------------------------------------------------------------------- */

/* One class over `days` school days; `nights[day]` have passed before each. Returns the number of bouts of play. */
static int64_t year(struct child *children, struct teacher *teacher, double *liked, const double *affinity,
                    const struct parameters *p, const int64_t *nights, int n, int days, uint64_t seed,
                    uint64_t number, struct desk desk, double *counts)
{
    int64_t bouts = 0;
    for (int day = 1; day <= days; day++) {
        uint64_t today = (uint64_t)day;
        arrive(children, teacher, liked, n, nights[day], key(seed, number, MOODS, today),
               key(seed, number, WEEKENDS, today), p);
        contacts(children, teacher, liked, n, key(seed, number, CONTACTS, today), key(seed, number, TONES, today), desk,
                 counts, p);
        bouts += play(children, teacher, liked, n, key(seed, number, PLAY, today), desk, counts, p);
        learn(children, teacher, liked, affinity, n, p);
    }
    return bouts;
}

/* Classes one after another, changed in place. `counts`, all 0 before, is filled, shape (classes, COUNTS, n). Returns
   the number of bouts of play; -1 where there is no memory. */
int64_t years(struct child *children, struct teacher *teachers, double *liked, const double *affinity,
              const struct parameters *p, const uint64_t *seeds, const uint64_t *numbers, const int64_t *nights,
              double *counts, int classes, int n, int days)
{
    int64_t bouts = 0;
    size_t children_of_class = (size_t)n, pairs = children_of_class * children_of_class;
    for (int c = 0; c < classes && bouts >= 0; c++) {
        size_t most = children_of_class * (size_t)(p[c].play_bouts > MOST_BIDS ? p[c].play_bouts : MOST_BIDS);
        struct desk desk = {malloc(most * sizeof *desk.events), malloc(most * sizeof *desk.order),
                            malloc(pairs * sizeof *desk.weights)};
        double *counts_of_class = counts + (size_t)c * COUNTS * children_of_class;
        if (desk.events && desk.order && desk.weights)
            bouts += year(children + (size_t)c * children_of_class, teachers + c, liked + (size_t)c * pairs,
                          affinity + (size_t)c * pairs, p + c, nights, n, days, seeds[c], numbers[c], desk,
                          counts_of_class);
        else
            bouts = -1;
        free(desk.events);
        free(desk.order);
        free(desk.weights);
    }
    return bouts;
}
