"""R13 to R15: what becomes of a decision. Inertia, contracts with lifetimes, and cooperation that takes two."""

from sim.axes import (
    PerDyadIssue,
    PerIssue,
    PerPartnerIssue,
    PerStateIssue,
    World,
    decay_integral,
    exp,
    expm1,
    smooth_minimum,
    softplus,
    sqrt,
)
from sim.rulebook import rule


@rule(source="schweller2004", claims=("rises with rate", "rises with step"))
def moved(rate: PerStateIssue, step: World) -> PerStateIssue:
    """R13a. The share of the gap to the desired stance that closes in one step: 1 - exp(-rate step).

    Exactly 0 at rate 0, exactly 1 at an infinite rate.

    Units: share.
    """
    return -expm1(-rate * step)


@rule(
    source="schweller2004",
    claims=("rises with desired", "rises with stance", "rises with stance_shock"),
)
def next_stance(
    stance: PerDyadIssue,
    desired: PerDyadIssue,
    moved: PerStateIssue,
    rate: PerStateIssue,
    step: World,
    volatility: PerStateIssue,
    roughness: PerDyadIssue,
    stance_shock: PerDyadIssue,
) -> PerDyadIssue:
    """R13. The stance relaxes toward what was decided, and is pushed by what the model does not know.

    The exact step of an Ornstein-Uhlenbeck process: four quarters with the same drivers equal one year in mean and
    variance. At rate 0 the stance is a pure random walk, bit for bit. Some ties are rougher than others: a small flow of
    trade moves by larger steps than a large one.

    Units: log points.
    """
    spread = volatility * sqrt(decay_integral(rate, step)) * roughness
    return stance + moved * (desired - stance) + spread * stance_shock


@rule(source="taliaferro2006", claims=("rises with commitment", "rises with joint", "rises with scheduled"))
def next_commitment(
    commitment: PerDyadIssue,
    lifetime: PerIssue,
    step: World,
    record_over: World,
    signing_rate: PerIssue,
    joint: PerDyadIssue,
    scheduled: PerDyadIssue,
) -> PerDyadIssue:
    """R14. Contracts in force run down over their lifetime; mutual goodwill signs new ones; dated ones are added.

    Signed by one government they run under the next: the mechanism of pragmatic continuity. While the record runs, its
    dated contracts are all there are; goodwill signs new ones only after its end.

    Units: contracts (1 = USD 12.65 billion, or one year of average supply).
    Departs from source: new signatures are integrated exactly over the step, so that four quarters equal one year.
    """
    run_down = -expm1(-step / lifetime)
    signed = record_over * signing_rate * softplus(joint) * lifetime * run_down
    return commitment * exp(-step / lifetime) + signed + scheduled


@rule(source="padma-design", claims=("rises with stance when record_over is zero",))
def next_anchor(record_over: World, anchor: PerDyadIssue, stance: PerDyadIssue) -> PerDyadIssue:
    """While rivalry follows the record the anchor moves with the stance; afterwards it stays.

    Units: log points.
    """
    return record_over * anchor + (1 - record_over) * stance


@rule(
    source="putnam1988",
    claims=("rises with stance", "rises with commitment when flow is positive", "rises with other_opportunity"),
)
def cooperation(
    stance: PerDyadIssue,
    norm: PerDyadIssue,
    other_stance: PerDyadIssue,
    other_norm: PerDyadIssue,
    unilateral: PerIssue,
    supply_effect: PerIssue,
    other_opportunity: PerPartnerIssue,
    flow: PerIssue,
    commitment: PerDyadIssue,
) -> PerDyadIssue:
    """R15. What the two sides carry out: one side's stance where it can act alone, a smooth minimum where it takes two.

    Plus what the partner can supply and what contracts in force carry by themselves.

    Units: log points on the scale of the norm.
    """
    own = stance - norm
    shared = smooth_minimum(own, other_stance - other_norm)
    goodwill = unilateral * own + (1 - unilateral) * shared
    return norm + goodwill + supply_effect * other_opportunity + flow * commitment
