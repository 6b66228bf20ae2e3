"""R6 to R9: the leader filter. What the system asks for, as it is heard, and what the leader's images add."""

from sim.axes import PerDyad, PerDyadIssue, PerIssue, PerState, PerStateIssue, World, exp, smooth_minimum, sqrt
from sim.rulebook import rule


@rule(source="ripsman2016", claims=("rises with clarity", "rises with restrictiveness"))
def constraint(clarity: World, restrictiveness: PerState) -> PerState:
    """Clear and restrictive together: the geometric mean of the two.

    Units: index in (0, 1); 0.5 moderates nothing.
    """
    return sqrt(clarity * restrictiveness)


@rule(source="ripsman2016", claims=("rises with pull when system_gain is positive",))
def systemic_signal(system_gain: PerStateIssue, constraint: PerState, clarity_exponent: World, pull: PerDyad) -> PerDyadIssue:
    """R6a. The systemic pull as it is heard: louder where the environment is clear and restrictive.

    Gain times (constraint / 0.5) to the clarity exponent, times the pull. At exponent 0 clarity has no effect at all.

    Units: log points.
    """
    return system_gain * (2 * constraint) ** clarity_exponent * pull


@rule(source="rose1998", claims=("rises with image_of when leader_gain is positive",))
def leader_reading(
    leader_gain: PerStateIssue,
    constraint: PerState,
    clarity_exponent: World,
    priority_effect: World,
    economic_priority: PerState,
    priority_sign: PerIssue,
    image_of: PerDyad,
    image_unit: World,
) -> PerDyadIssue:
    """R6b, R8. What the leader's image of the partner adds: more where the environment leaves room (Jervis 1976).

    Gain, shifted toward economic issue areas by an economy-first leader, times ((1 - constraint) / 0.5) to the clarity
    exponent, times the image in standard deviations of the coded images.

    Units: log points.
    """
    gain = leader_gain * exp(priority_effect * (economic_priority - 0.5) * priority_sign)
    return gain * (2 * (1 - constraint)) ** clarity_exponent * image_of / image_unit


@rule(source="rose1998", claims=("rises with systemic_signal", "rises with leader_reading"))
def perceived(systemic_signal: PerDyadIssue, leader_reading: PerDyadIssue) -> PerDyadIssue:
    """R6. The perceived target: systemic signal and leader's prior, added.

    A Bayesian observer mixes a noisy signal with a prior image; the two gains are the two weights times a common
    responsiveness (Rose 1998; Kitchen 2010).

    Units: log points.
    """
    return systemic_signal + leader_reading


@rule(source="ripsman2016", claims=("rises with coercion", "falls with assertiveness when risk_effect is positive"))
def felt_coercion(coercion: PerDyadIssue, risk_effect: World, assertiveness: PerState) -> PerDyadIssue:
    """R9. Coercion as this leader weighs it: an assertive leader discounts it.

    Units: index of coercion.
    """
    return coercion * exp(-risk_effect * (assertiveness - 0.5))


@rule(source="david1991", claims=("rises with other_warmth when omnibalancing is positive",))
def support(omnibalancing: World, insecurity: PerState, other_warmth: PerDyad) -> PerDyad:
    """R7. Omnibalancing: an insecure ruler leans to whoever supports the ruler.

    Units: log points.
    """
    return omnibalancing * insecurity * other_warmth


@rule(source="putnam1988", claims=("rises with deviation", "rises with other_deviation"))
def joint(deviation: PerDyadIssue, other_deviation: PerDyadIssue) -> PerDyadIssue:
    """Goodwill that both sides share: a smooth minimum of the two deviations.

    Units: log points.
    """
    return smooth_minimum(deviation, other_deviation)
