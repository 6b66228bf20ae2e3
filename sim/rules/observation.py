"""The observables: how stances and cooperation show in votes, arms orders, trade, aid and dated acts.

The same equations serve simulated acts and, in calibration, the likelihood of recorded ones.
"""

from sim.axes import (
    PerAct,
    PerDyad,
    PerDyadAct,
    PerDyadIssue,
    PerIssue,
    PerItem,
    PerPartner,
    PerPartnerItem,
    PerState,
    PerStateAct,
    PerStateItem,
    World,
    as_number,
    exp,
    expm1,
    logistic,
    mean_over,
    poisson_quantile,
    sum_over,
)
from sim.rulebook import rule


@rule(
    source="holsti1970",
    claims=(
        "rises with assembly when agenda_weight is positive",
        "rises with on_palestine when palestine_effect is positive",
        "rises with on_disarmament when disarmament_effect is positive",
    ),
)
def appeal(
    agenda_weight: World,
    assembly: PerItem,
    palestine_effect: World,
    on_palestine: PerItem,
    disarmament_effect: World,
    on_disarmament: PerItem,
) -> PerItem:
    """How far a text appeals to a small state whoever backs it: the Assembly's lean, and causes that are part of its role.

    A national role conception (Holsti 1970) outlives governments. That of Bangladesh stands in Article 25 of its
    constitution, which names general and complete disarmament and the struggle of oppressed peoples; the subjects are those
    of Voeten's codes of roll calls (Bailey, Strezhnev and Voeten 2017).

    Units: log-odds.
    """
    return agenda_weight * assembly + palestine_effect * on_palestine + disarmament_effect * on_disarmament


@rule(source="ideal-points2017", claims=("falls with appeal", "rises with no_cut"))
def vote_no(
    appeal: PerItem,
    stance: PerDyadIssue,
    votes_here: PerIssue,
    power_vote: PerPartnerItem,
    no_cut: World,
) -> PerStateItem:
    """Probability of a no vote on a described roll call: an ordered logit in the text's appeal and the powers' votes.

    A state follows what appeals to it, and each power in proportion to its stance toward it.

    Units: probability.
    """
    follows = sum_over(sum_over(stance * votes_here, "issue") * power_vote, "partner")
    return logistic(no_cut - appeal - follows)


@rule(source="ideal-points2017", claims=("rises with appeal", "falls with no_cut", "falls with yes_gap"))
def vote_yes(
    appeal: PerItem,
    stance: PerDyadIssue,
    votes_here: PerIssue,
    power_vote: PerPartnerItem,
    no_cut: World,
    yes_gap: World,
) -> PerStateItem:
    """Probability of a yes vote on a described roll call; what is left between yes and no is abstention.

    Units: probability.
    """
    follows = sum_over(sum_over(stance * votes_here, "issue") * power_vote, "partner")
    return logistic(appeal + follows - no_cut - yes_gap)


@rule(source="ideal-points2017", claims=("rises with vote_shock",))
def vote(vote_yes: PerStateItem, vote_no: PerStateItem, vote_shock: PerStateItem) -> PerStateItem:
    """The vote cast: -1 no, 0 abstention, 1 yes, by inverse probability from one uniform draw.

    Units: -1, 0 or 1. With the same luck a friendlier stance never turns a yes into a no: coupling is monotone by assumption.
    """
    return as_number(vote_shock > 1 - vote_yes) - as_number(vote_shock < vote_no)


@rule(source="sipri-arms-2025", claims=("rises with cooperation",))
def order_share(cooperation: PerDyadIssue, orders_here: PerIssue, other_power: PerPartner, power: PerState) -> PerDyad:
    """Expected share of each power in a small state's new arms orders: a softmax of cooperation, all others counting 1.

    Units: share; zero for the powers' own orders, which are not modelled.
    """
    odds = (1 - power) * other_power * exp(sum_over(cooperation * orders_here, "issue"))
    return odds / (1 + sum_over(odds, "partner"))


@rule(source="sipri-arms-2025", claims=("rises with order_rate", "rises with order_shock"))
def orders(order_rate: World, step: World, order_share: PerDyad, order_shock: PerDyad) -> PerDyad:
    """Arms orders placed in the quarter: Poisson counts by inverse probability.

    Units: orders. Departs from the likelihood, which conditions on the total: here the total is Poisson too.
    """
    return poisson_quantile(order_shock, order_rate * step * order_share)


@rule(source="cow-trade-4", claims=("rises with cooperation",))
def trade_volume(cooperation: PerDyadIssue, norm: PerDyadIssue, trade_here: PerIssue) -> PerDyad:
    """Trade between the two as a multiple of the dyad's norm.

    Units: multiple; 1 is the norm.
    """
    return exp(sum_over((cooperation - norm) * trade_here, "issue"))


@rule(source="oecd-dac-usa-aid", claims=("rises with stance when aid_loading is positive", "rises with aid_reference"))
def aid(aid_reference: PerDyad, aid_loading: World, stance: PerDyadIssue, norm: PerDyadIssue, aid_here: PerIssue) -> PerDyad:
    """Aid from the state to the partner: its recent level, moved by the donor's stance.

    Units: USD million a year.
    """
    return aid_reference * exp(aid_loading * sum_over((stance - norm) * aid_here, "issue"))


@rule(source="goldstein1992", claims=("rises with act_rate",))
def act_probability(
    act_rate: PerStateAct,
    act_slope: World,
    act_goldstein: PerAct,
    mean_goldstein: World,
    goldstein_spread: World,
    stance: PerDyadIssue,
    norm: PerDyadIssue,
    power: PerState,
    other_power: PerPartner,
    step: World,
) -> PerDyadAct:
    """Probability that the quarter brings at least one act of a class, toward this partner.

    Base frequency of the dated record, tilted: a warmer stance makes friendly acts more and hostile acts less frequent.
    Only dyads with a small state have a record, so only they act.

    Units: probability.
    """
    warm = mean_over(stance - norm, "issue")
    tilt = act_slope * (act_goldstein - mean_goldstein) / goldstein_spread * warm
    return -expm1(-(1 - power * other_power) * act_rate * step * exp(tilt))


@rule(source="goldstein1992", claims=("rises with act_probability",))
def act_done(act_probability: PerDyadAct, act_shock: PerDyadAct) -> PerDyadAct:
    """Whether the quarter brings such an act, by inverse probability.

    Units: 0 or 1.
    """
    return as_number(act_shock > 1 - act_probability)
