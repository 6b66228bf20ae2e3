"""R10 and R11: how states answer each other, and what is decided."""

from sim.axes import (
    PartnerThird,
    PerDyad,
    PerDyadIssue,
    PerIssue,
    PerPartner,
    PerState,
    PerThird,
    World,
    mean_over,
    sum_over,
    tanh,
)
from sim.rulebook import rule


@rule(source="johnston1995", claims=("rises with stance",))
def deviation(stance: PerDyadIssue, norm: PerDyadIssue) -> PerDyadIssue:
    """How far a stance is from its norm, the level to which strategic culture returns it.

    Units: log points.
    """
    return stance - norm


@rule(source="goldstein-freeman1990", claims=("rises with deviation",))
def warmth(deviation: PerDyadIssue) -> PerDyad:
    """How warm a state is toward a partner over all issue areas; warmth saturates.

    Mean deviation, bent by a tanh that is straight near zero and never passes two log points.

    Units: log points in (-2, 2).
    Departs from source: the linear form explodes when two states reciprocate by more than one for one.
    """
    return 2 * tanh(mean_over(deviation, "issue") / 2)


@rule(source="goldstein-freeman1990", claims=("rises with other_warmth when reciprocity is positive",))
def interaction(
    reciprocity: PerState, other_warmth: PerDyad, jealousy: PerState, third_rivalry: PerThird, other_third_warmth: PartnerThird
) -> PerDyad:
    """R10. Reciprocity and jealousy: answer warmth with warmth, and resent the partner's warmth toward one's rivals.

    Reciprocity times the partner's warmth, minus jealousy times the sum over third states of own rivalry with each times
    the partner's warmth toward it (Goldstein and Freeman 1990; Heider 1946 on balance).

    Units: log points.
    """
    return reciprocity * other_warmth - jealousy * sum_over(third_rivalry * other_third_warmth, "third")


@rule(source="rose1998", claims=("rises with perceived", "rises with demand", "falls with felt_coercion"))
def wish(
    perceived: PerDyadIssue,
    support: PerDyad,
    interaction: PerDyad,
    coercion_weight: World,
    felt_coercion: PerDyadIssue,
    demand_weight: World,
    demand: PerDyadIssue,
) -> PerDyadIssue:
    """R11a. What the leader would do if each partner stood alone.

    Units: log points of deviation from the norm.
    """
    return perceived + support + interaction - coercion_weight * felt_coercion + demand_weight * demand


@rule(source="kuik2008", claims=("rises with wish when hedging is zero",))
def hedged(wish: PerDyadIssue, hedging: PerState, power: PerState, other_power: PerPartner) -> PerDyadIssue:
    """R11b. Hedging: refusal to concentrate. Wishes toward the powers contract to their mean (Kuik 2008, 2016; Goh 2007).

    At 0 each power is treated on its own merits, at 1 all alike.

    Units: log points.
    """
    even_handed = sum_over(other_power * wish, "partner") / (sum_over(other_power, "partner") - power)
    return wish + hedging * other_power * (even_handed - wish)


@rule(source="johnston1995", claims=("rises with norm", "rises with hedged", "rises with commitment when lock_in is positive"))
def desired(norm: PerDyadIssue, hedged: PerDyadIssue, lock_in: PerIssue, commitment: PerDyadIssue) -> PerDyadIssue:
    """R11. The stance decided on: norm, hedged wish, and what contracts in force hold up.

    Units: log points.
    """
    return norm + hedged + lock_in * commitment
