/* The turn of sim/rules/turn.py as one fused loop: the yardstick of the benchmark, and of nothing else.
 *
 * Runs are taken B at a time, so that everything a quarter needs stays in the caches of one core; within a block the innermost
 * loop runs over runs and is turned into vector instructions. The arithmetic is that of the rules, operation by operation:
 * what varies with the run is computed for every run and quarter, what does not once for a quarter. Dyads of a state with
 * itself are left out. Arrays are contiguous, runs last, in the order of the axes of the codebook.
 *
 * N states, K issue areas, I roll calls, A classes of acts; D = N * N dyads.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef B
#define B 32
#endif
#define N 5
#define K 6
#define I 8
#define A 8
#define D (N * N)
#define MOST 12 /* orders in a quarter */
#define RUNS for (int r = 0; r < B; r++)
#define SIMD _Pragma("omp simd")

typedef double Row[B];

/* --- what is given; the order of the members is that of GIVEN, PARAMETERS, TRAITS, SERIES in kernel.py ---------------- */

typedef struct {
    const double *power, *exposure, *lifetime, *unilateral, *priority_sign, *votes_here, *orders_here, *trade_here, *aid_here;
    const double *assembly, *on_palestine, *on_disarmament, *power_vote, *act_goldstein, *act_rate, *usual_counterweight;
    const double *step, *capability_spread, *counterweight_spread, *usual_pressure, *pressure_spread;
    const double *image_unit, *dependence_unit, *mean_goldstein, *goldstein_spread;
} Given;

typedef struct { /* [axes][runs] */
    const double *norm, *system_gain, *leader_gain, *share_mix, *clarity_exponent, *priority_effect, *risk_effect;
    const double *omnibalancing, *reciprocity, *jealousy, *rivalry_follow, *coercion_weight, *demand_weight, *hedging;
    const double *lock_in, *adjustment_rate, *veto_effect, *volatility, *roughness, *signing_rate, *supply_effect, *flow;
    const double *agenda_weight, *palestine_effect, *disarmament_effect, *no_cut, *yes_gap, *order_rate, *aid_loading;
    const double *act_slope;
} Parameters;

typedef struct { /* [quarter][axes][runs] */
    const double *image_of, *insecurity, *economic_priority, *assertiveness;
} Traits;

typedef struct { /* [quarter][axes] */
    const double *capability, *proximity, *hostility, *rivalry_record, *record_over, *sanctions, *dependence, *concentration;
    const double *power_shift, *risk, *territorial_threat, *veto, *capacity, *price, *price_taker, *demand, *aid_reference;
    const double *usual_capability, *scheduled;
} Series;

typedef struct { /* [quarter][axes][runs], or drawn here from the addresses of their streams */
    const double *stance, *vote, *order, *act;
    const uint64_t *keys;     /* [stream][2]: normal, Student t, then votes, orders, acts */
    const int64_t *stance_at; /* place -> 0 for none, or 1 + stream */
    const int64_t *vote_at, *order_at, *act_at;
    int64_t normals, students, streams, first, first_run;
} Chance;

typedef struct { /* [quarter][axes][runs] */
    double *stance, *cooperation, *commitment, *pull, *systemic_signal, *leader_reading, *order_share, *orders, *trade_volume;
    double *aid, *vote_no, *vote_yes, *act_probability, *vote, *act_done;
} Kept;

/* --- chance ------------------------------------------------------------------------------------------------------------- */

static void philox(uint64_t block, uint64_t position, const uint64_t *key, uint64_t *out) {
    uint64_t c0 = block, c1 = position, c2 = 0, c3 = 0, k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        unsigned __int128 p0 = (unsigned __int128)0xD2E7470EE14C6C93ULL * c0, p1 = (unsigned __int128)0xCA5A826395121157ULL * c2;
        uint64_t h0 = p0 >> 64, h1 = p1 >> 64;
        c0 = h1 ^ c1 ^ k0, c2 = h0 ^ c3 ^ k1, c1 = (uint64_t)p1, c3 = (uint64_t)p0;
        k0 += 0x9E3779B97F4A7C15ULL, k1 += 0xBB67AE8584CAA73BULL;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

static double normal_quantile(double p) { /* Wichura 1988, Appl. Statist. 37(3), AS 241: sixteen digits */
    double q = p - 0.5, r, x;
    if (fabs(q) <= 0.425) {
        r = 0.180625 - q * q;
        return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
            + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r + 133.14166789178437745) * r
            + 3.387132872796366608) / (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
            + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r + 42.313330701600911252) * r
            + 1.0);
    }
    r = sqrt(-log(q < 0 ? p : 1.0 - p));
    if (r <= 5) {
        r -= 1.6;
        x = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
            + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r + 4.6303378461565452959) * r
            + 1.42343711074968357734) / (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
            + 0.0151986665636164571966) * r + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494)
            * r + 2.05319162663775882187) * r + 1.0);
    } else {
        r -= 5;
        x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
            + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r + 5.4637849111641143699) * r
            + 6.6579046435011037772) / (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
            + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r
            + 0.13692988092273580531) * r + 0.59983220655588793769) * r + 1.0);
    }
    return q < 0 ? -x : x;
}

static double student_quantile(double u) { /* 4 degrees of freedom, unit variance; Shaw 2006 */
    double alpha = sqrt(4 * u * (1 - u)), q = cos(acos(alpha) / 3) / alpha, x = sqrt(2 * fmax(q - 1, 0));
    return u < 0.5 ? -x : x;
}

static void draw(const Chance *c, uint64_t quarter, int64_t first_run, double (*u)[B]) {
    uint64_t word[4];
    memset(u[0], 0, sizeof(Row));
    for (int64_t s = 0; s < c->streams; s++)
        for (int r = 0; r < B; r += 4) { /* the counter is advanced before a block is made */
            philox((uint64_t)(first_run + r) / 4 + 1, quarter, c->keys + 2 * s, word);
            for (int j = 0; j < 4; j++) u[s + 1][r + j] = ((double)(word[j] >> 12) + 0.5) * 0x1p-52;
        }
    for (int64_t s = 0; s < c->normals; s++) RUNS u[s + 1][r] = normal_quantile(u[s + 1][r]);
    for (int64_t s = c->normals; s < c->normals + c->students; s++) RUNS u[s + 1][r] = student_quantile(u[s + 1][r]);
}

/* --- one block of runs through all quarters ------------------------------------------------------------------------------ */

static double logistic(double x) { return 1.0 / (1.0 + exp(-x)); }
static double smooth_minimum(double x, double y) { return -log(0.5 * exp(-x) + 0.5 * exp(-y)); }

static void block(const Given *g, const Parameters *p, const Traits *tr, const Series *se, const Chance *ch, Kept *out,
                  double *stance0, double *anchor0, double *commitment0, int quarters, int spin_up, int64_t runs, int64_t b) {
    static Row stance[D][K], anchor[D][K], commitment[D][K], dev[D][K], wish[D][K], joint[D][K], coop[D][K];
    static Row signal[D][K], reading[D][K];
    static Row warmth[D], rivalry[D], pull[D], interaction[D], support[D], gain[K], heard, felt, even, follows;
    static Row moved[N][K], spread[N][K], odds[N], share, u[1 + 40 + 40 + 20 + 160 + 64];
    double threat[D], coercion[D], capability_share[N], relative[N], opportunity[N][K], constraint[N];
    const double step = *g->step;
    double powers = 0;
    for (int a = 0; a < N; a++) powers += g->power[a];
#define P(name, at) (p->name + (int64_t)(at) * runs + b)
#define T(name, size, at) (tr->name + ((int64_t)t * (size) + (at)) * runs + b)
#define S(name, size, at) (se->name[(int64_t)t * (size) + (at)])
#define OUT(name, size, at) (out->name + ((int64_t)(t - spin_up) * (size) + (at)) * runs + b)
    for (int d = 0; d < D; d++)
        for (int k = 0; k < K; k++) {
            int64_t at = ((int64_t)d * K + k) * runs + b;
            memcpy(stance[d][k], stance0 + at, sizeof(Row));
            memcpy(anchor[d][k], anchor0 + at, sizeof(Row));
            memcpy(commitment[d][k], commitment0 + at, sizeof(Row));
        }
    for (int t = 0; t < quarters; t++) {
        const int recorded = t >= spin_up;
        if (ch->keys) draw(ch, ch->first + t, ch->first_run + b, u);

        /* what is the same in every run */
        double held = 0;
        const double clarity = logistic((*(se->concentration + t) - *(se->power_shift + t) + *(se->risk + t)) / 3);
        const double over = se->record_over[t];
        for (int a = 0; a < N; a++) held += g->power[a] * S(capability, N, a);
        for (int a = 0; a < N; a++) {
            capability_share[a] = S(capability, N, a) / held;
            relative[a] = log2(capability_share[a] * powers);
            for (int k = 0; k < K; k++)
                opportunity[a][k] = S(capacity, N * K, a * K + k) + S(price_taker, N * K, a * K + k) * S(price, K, k);
        }
        for (int a = 0; a < N; a++) {
            double pressure = 0;
            for (int c = 0; c < N; c++) {
                const int d = a * N + c;
                double pressed = 0, mean = 0;
                for (int e = 0; e < N; e++) pressed += S(sanctions, D, e * N + c) * S(dependence, D, a * N + e);
                coercion[d] = a == c ? 0 : pressed / *g->dependence_unit;
                threat[d] = a == c ? 0 : powers * capability_share[c] * S(proximity, D, d) * (1 + S(hostility, D, d)) / 2;
                for (int k = 0; k < K; k++) mean += g->exposure[k] * coercion[d] / K;
                pressure = fmax(pressure, fmax(threat[d], mean));
            }
            constraint[a] = sqrt(clarity * logistic(((pressure - *g->usual_pressure) / *g->pressure_spread
                + S(territorial_threat, N, a)) / 2));
        }

        /* appraise */
        for (int a = 0; a < N; a++)
            for (int c = 0; c < N; c++) {
                const int d = a * N + c, o = c * N + a;
                Row warming = {0}, mean = {0};
                if (a == c) continue;
                for (int k = 0; k < K; k++) {
                    const double *norm = P(norm, d * K + k);
                    SIMD RUNS {
                        dev[d][k][r] = stance[d][k][r] - norm[r];
                        mean[r] += dev[d][k][r];
                        warming[r] += stance[d][k][r] - anchor[d][k][r] + stance[o][k][r] - anchor[o][k][r];
                    }
                }
                const double coded = atanh(S(rivalry_record, D, d)), *follow = P(rivalry_follow, 0);
                SIMD RUNS {
                    rivalry[d][r] = tanh(coded - follow[r] * over * (warming[r] / K / 2));
                    warmth[d][r] = 2 * tanh(mean[r] / K / 2);
                }
            }

        /* perceive, and what rests on one dyad only */
        for (int a = 0; a < N; a++) {
            const double *exponent = P(clarity_exponent, 0), *effect = P(priority_effect, 0), *risk = P(risk_effect, 0);
            const double *economic = T(economic_priority, N, a), *assertive = T(assertiveness, N, a);
            const double *insecurity = T(insecurity, N, a), *omnibalancing = P(omnibalancing, 0), *mix = P(share_mix, 0);
            const double *reciprocity = P(reciprocity, a), *jealousy = P(jealousy, a), tight = constraint[a];
            SIMD RUNS {
                heard[r] = pow(2 * tight, exponent[r]);
                even[r] = pow(2 * (1 - tight), exponent[r]);
                felt[r] = exp(-risk[r] * (assertive[r] - 0.5));
            }
            for (int k = 0; k < K; k++) {
                const double *leader = P(leader_gain, a * K + k), sign = g->priority_sign[k];
                SIMD RUNS gain[k][r] = leader[r] * exp(effect[r] * (economic[r] - 0.5) * sign) * even[r];
            }
            for (int c = 0; c < N; c++) {
                const int d = a * N + c, o = c * N + a;
                Row weight = {0}, resented = {0};
                if (a == c) continue;
                for (int e = 0; e < N; e++) {
                    if (e != c && e != a) SIMD RUNS resented[r] += rivalry[a * N + e][r] * warmth[c * N + e][r];
                    if (e != c) SIMD RUNS weight[r] += rivalry[c * N + e][r] * threat[a * N + e];
                }
                const double chances = (relative[c] - S(usual_capability, N, c)) / *g->capability_spread;
                const double usual = g->usual_counterweight[d], sd = *g->counterweight_spread, strong = g->power[c];
                const double *image = T(image_of, D, d);
                SIMD RUNS {
                    pull[d][r] = strong * (mix[r] * chances + (1 - mix[r]) * ((weight[r] - threat[d] - usual) / sd));
                    interaction[d][r] = reciprocity[r] * warmth[o][r] - jealousy[r] * resented[r];
                    support[d][r] = omnibalancing[r] * insecurity[r] * warmth[o][r];
                }
                const double *weighed = P(coercion_weight, 0), *needed = P(demand_weight, 0);
                for (int k = 0; k < K; k++) {
                    const double *system = P(system_gain, a * K + k), pressed = g->exposure[k] * coercion[d];
                    const double demand = S(demand, D * K, d * K + k), unit = *g->image_unit;
                    SIMD RUNS {
                        signal[d][k][r] = system[r] * heard[r] * pull[d][r];
                        reading[d][k][r] = gain[k][r] * image[r] / unit;
                        wish[d][k][r] = signal[d][k][r] + reading[d][k][r] + support[d][r] + interaction[d][r]
                            - weighed[r] * (pressed * felt[r]) + needed[r] * demand;
                        joint[d][k][r] = smooth_minimum(dev[d][k][r], dev[o][k][r]);
                    }
                }
            }
            for (int k = 0; k < K; k++) {
                const double *adjustment = P(adjustment_rate, a * K + k), *effect = P(veto_effect, 0);
                const double *volatility = P(volatility, a * K + k), veto = S(veto, N, a);
                SIMD RUNS {
                    const double rate = adjustment[r] * exp(-effect[r] * veto), safe = rate > 0 ? rate : 1;
                    moved[a][k][r] = -expm1(-rate * step);
                    spread[a][k][r] = volatility[r] * sqrt(rate > 0 ? -expm1(-2 * safe * step) / (2 * safe) : step);
                }
            }
        }

        /* decide and act */
        for (int a = 0; a < N; a++)
            for (int k = 0; k < K; k++) {
                const double *hedging = P(hedging, a), *lock_in = P(lock_in, k), *signing = P(signing_rate, k);
                const double kept = exp(-step / g->lifetime[k]), lost = -expm1(-step / g->lifetime[k]), life = g->lifetime[k];
                memset(even, 0, sizeof(Row));
                for (int c = 0; c < N; c++)
                    if (c != a) SIMD RUNS even[r] += g->power[c] * wish[a * N + c][k][r];
                SIMD RUNS even[r] /= powers - g->power[a];
                for (int c = 0; c < N; c++) {
                    const int d = a * N + c, place = d * K + k;
                    if (a == c) continue;
                    const double *norm = P(norm, place), *roughness = P(roughness, place);
                    const double strong = g->power[c], dated = S(scheduled, D * K, place);
                    const double *luck = ch->keys ? u[ch->stance_at[place]] : ch->stance + ((int64_t)t * D * K + place) * runs + b;
                    SIMD RUNS {
                        const double hedged = wish[d][k][r] + hedging[r] * strong * (even[r] - wish[d][k][r]);
                        const double desired = norm[r] + hedged + lock_in[r] * commitment[d][k][r];
                        const double signed_ = over * signing[r] * log(1.0 + exp(joint[d][k][r])) * life * lost;
                        anchor[d][k][r] = over * anchor[d][k][r] + (1 - over) * stance[d][k][r];
                        stance[d][k][r] += moved[a][k][r] * (desired - stance[d][k][r])
                            + spread[a][k][r] * roughness[r] * luck[r];
                        commitment[d][k][r] = commitment[d][k][r] * kept + signed_ + dated;
                    }
                }
            }
        if (!recorded) continue;

        /* deliver */
        for (int a = 0; a < N; a++) {
            memset(odds, 0, sizeof odds);
            memset(share, 0, sizeof share);
            for (int c = 0; c < N; c++) {
                const int d = a * N + c, o = c * N + a;
                if (a == c) {
                    for (int k = 0; k < K; k++) {
                        memset(OUT(stance, D * K, d * K + k), 0, sizeof(Row));
                        memset(OUT(cooperation, D * K, d * K + k), 0, sizeof(Row));
                        memset(OUT(commitment, D * K, d * K + k), 0, sizeof(Row));
                        memset(OUT(systemic_signal, D * K, d * K + k), 0, sizeof(Row));
                        memset(OUT(leader_reading, D * K, d * K + k), 0, sizeof(Row));
                    }
                    for (int x = 0; x < A; x++) {
                        memset(OUT(act_probability, D * A, d * A + x), 0, sizeof(Row));
                        memset(OUT(act_done, D * A, d * A + x), 0, sizeof(Row));
                    }
                    memset(OUT(pull, D, d), 0, sizeof(Row));
                    memset(OUT(trade_volume, D, d), 0, sizeof(Row));
                    memset(OUT(aid, D, d), 0, sizeof(Row));
                    memset(OUT(order_share, D, d), 0, sizeof(Row));
                    memset(OUT(orders, D, d), 0, sizeof(Row));
                    continue;
                }
                Row traded = {0}, given = {0}, ordered = {0}, warm = {0};
                for (int k = 0; k < K; k++) {
                    const double *norm = P(norm, d * K + k), *there = P(norm, o * K + k), *supply = P(supply_effect, k);
                    const double *flow = P(flow, k), alone = g->unilateral[k], offered = opportunity[c][k];
                    SIMD RUNS {
                        const double own = stance[d][k][r] - norm[r];
                        const double goodwill = alone * own + (1 - alone) * smooth_minimum(own, stance[o][k][r] - there[r]);
                        coop[d][k][r] = norm[r] + goodwill + supply[r] * offered + flow[r] * commitment[d][k][r];
                        traded[r] += (coop[d][k][r] - norm[r]) * g->trade_here[k];
                        given[r] += own * g->aid_here[k];
                        ordered[r] += coop[d][k][r] * g->orders_here[k];
                        warm[r] += own / K;
                    }
                    memcpy(OUT(stance, D * K, d * K + k), stance[d][k], sizeof(Row));
                    memcpy(OUT(cooperation, D * K, d * K + k), coop[d][k], sizeof(Row));
                    memcpy(OUT(commitment, D * K, d * K + k), commitment[d][k], sizeof(Row));
                    memcpy(OUT(systemic_signal, D * K, d * K + k), signal[d][k], sizeof(Row));
                    memcpy(OUT(leader_reading, D * K, d * K + k), reading[d][k], sizeof(Row));
                }
                const double reference = S(aid_reference, D, d), *loading = P(aid_loading, 0), *slope = P(act_slope, 0);
                const double sells = (1 - g->power[a]) * g->power[c];
                double *trade = OUT(trade_volume, D, d), *aid = OUT(aid, D, d);
                memcpy(OUT(pull, D, d), pull[d], sizeof(Row));
                SIMD RUNS {
                    trade[r] = exp(traded[r]);
                    aid[r] = reference * exp(loading[r] * given[r]);
                    odds[c][r] = sells * exp(ordered[r]);
                    share[r] += odds[c][r];
                }
                for (int x = 0; x < A; x++) {
                    const double distance = g->act_goldstein[x] - *g->mean_goldstein, unit = *g->goldstein_spread;
                    const double often = (1 - g->power[a] * g->power[c]) * g->act_rate[a * A + x] * step;
                    const int place = d * A + x;
                    const double *luck = ch->keys ? u[ch->act_at[place]] : ch->act + ((int64_t)t * D * A + place) * runs + b;
                    double *probability = OUT(act_probability, D * A, place), *done = OUT(act_done, D * A, place);
                    SIMD RUNS {
                        probability[r] = -expm1(-often * exp(slope[r] * distance / unit * warm[r]));
                        done[r] = luck[r] > 1 - probability[r] ? 1.0 : 0.0;
                    }
                }
            }
            for (int c = 0; c < N; c++) {
                const int d = a * N + c;
                const double *rate = P(order_rate, 0);
                if (a == c) continue;
                const double *luck = ch->keys ? u[ch->order_at[d]] : ch->order + ((int64_t)t * D + d) * runs + b;
                double *part = OUT(order_share, D, d), *orders = OUT(orders, D, d);
                SIMD RUNS {
                    part[r] = odds[c][r] / (1 + share[r]);
                    const double mean = rate[r] * step * part[r];
                    double term = exp(-mean), sum = term, count = luck[r] > sum ? 1.0 : 0.0;
                    for (int n = 1; n < MOST; n++) {
                        term = term * mean / n;
                        sum += term;
                        count += luck[r] > sum ? 1.0 : 0.0;
                    }
                    orders[r] = count;
                }
            }
            for (int i = 0; i < I; i++) {
                const double *agenda = P(agenda_weight, 0), *cut = P(no_cut, 0), *gap = P(yes_gap, 0), lean = g->assembly[i];
                const double *palestine = P(palestine_effect, 0), *disarmament = P(disarmament_effect, 0);
                const double on_palestine = g->on_palestine[i], on_disarmament = g->on_disarmament[i];
                const int place = a * I + i;
                const double *luck = ch->keys ? u[ch->vote_at[place]] : ch->vote + ((int64_t)t * N * I + place) * runs + b;
                double *no = OUT(vote_no, N * I, place), *yes = OUT(vote_yes, N * I, place), *vote = OUT(vote, N * I, place);
                memset(follows, 0, sizeof follows);
                for (int c = 0; c < N; c++)
                    for (int k = 0; k < K && c != a; k++) {
                        const double cast = g->power_vote[c * I + i], here = g->votes_here[k];
                        SIMD RUNS follows[r] += stance[a * N + c][k][r] * here * cast;
                    }
                SIMD RUNS {
                    const double appeal = agenda[r] * lean + palestine[r] * on_palestine + disarmament[r] * on_disarmament;
                    no[r] = logistic(cut[r] - appeal - follows[r]);
                    yes[r] = logistic(appeal + follows[r] - cut[r] - gap[r]);
                    vote[r] = (luck[r] > 1 - yes[r] ? 1.0 : 0.0) - (luck[r] < no[r] ? 1.0 : 0.0);
                }
            }
        }
    }
}

int width(void) { return B; }

void simulate(const Given *g, const Parameters *p, const Traits *t, const Series *s, const Chance *c, Kept *out, double *stance,
              double *anchor, double *commitment, int quarters, int spin_up, int64_t runs) {
    for (int64_t b = 0; b < runs; b += B) block(g, p, t, s, c, out, stance, anchor, commitment, quarters, spin_up, runs, b);
}
