"""R1 to R5: what the international system looks like before anybody interprets it.

Capabilities, threat, rivalry, counterweight, pull and coercion. No leader appears in this file.
"""

from sim.axes import (
    PartnerThird,
    PerDyad,
    PerDyadIssue,
    PerIssue,
    PerPartner,
    PerState,
    PerStateIssue,
    PerThird,
    World,
    atanh,
    log2,
    logistic,
    max_over,
    maximum,
    mean_over,
    sum_over,
    tanh,
)
from sim.rulebook import rule


@rule(source="ripsman2016", claims=("rises with concentration", "falls with power_shift", "rises with risk"))
def clarity(concentration: World, power_shift: World, risk: World) -> World:
    """How clearly the system tells states what to fear and when.

    Ripsman, Taliaferro and Lobell (2016, ch. 2) call a system clear when threats, their timing and the best answer are
    plain. Three indicators stand in for it, equally weighted: few poles, shares that stand still, visible danger.

    Units: index in (0, 1); 0.5 is the average of 1972-2008.
    Departs from source: the source codes clarity by case study; contestable by construction, so sweep it.

    >>> float(clarity(0.0, 0.0, 0.0))
    0.5
    """
    return logistic((concentration - power_shift + risk) / 3)


@rule(source="waltz1979", claims=("rises with capability",))
def capability_share(capability: PerState, other_power: PerPartner, other_capability: PerPartner) -> PerState:
    """R1a. Capabilities as a share of what the powers hold together.

    Units: share; the powers add up to one. Multiplying every raw capability by the same number changes nothing.
    """
    return capability / sum_over(other_power * other_capability, "partner")


@rule(source="waltz1979", claims=("rises with capability_share",))
def relative_capability(capability_share: PerState, other_power: PerPartner) -> PerState:
    """R1. Capability against an even share among the powers.

    Log to base two of the share times the number of powers.

    Units: doublings; 0 is an even share.
    """
    return log2(capability_share * sum_over(other_power, "partner"))


@rule(
    source="walt1987",
    claims=("rises with other_capability_share", "rises with proximity", "rises with hostility"),
)
def threat(other_capability_share: PerPartner, proximity: PerDyad, hostility: PerDyad, other_power: PerPartner) -> PerDyad:
    """R2. How menacing a partner is: aggregate power, proximity and offensive record, multiplied.

    Share times the number of powers, times proximity, times (1 + hostility) / 2.

    Units: index; 1 is an even-sized neighbour with the worst record.
    Departs from source: Walt's fourth element, perceived intentions, lives in the leader's image.
    """
    return sum_over(other_power, "partner") * other_capability_share * proximity * (1 + hostility) / 2


@rule(source="goldstein-freeman1990", claims=("rises with rivalry_record",))
def rivalry(
    rivalry_record: PerDyad,
    rivalry_follow: World,
    record_over: World,
    stance: PerDyadIssue,
    anchor: PerDyadIssue,
    other_stance: PerDyadIssue,
    other_anchor: PerDyadIssue,
) -> PerDyad:
    """R3a. Rivalry between two states: the coded record, and from its end on what their mutual stances make of it.

    The coded index, moved on its open scale against the mean warming of the two stances since the record ended.

    Units: index in (-1, 1); positive is rivalry, negative alignment.
    """
    warming = mean_over(stance - anchor + other_stance - other_anchor, "issue") / 2
    return tanh(atanh(rivalry_record) - rivalry_follow * record_over * warming)


@rule(source="schweller1994", claims=("rises with third_threat when other_third_rivalry is positive", "falls with threat"))
def counterweight(other_third_rivalry: PartnerThird, third_threat: PerThird, threat: PerDyad) -> PerDyad:
    """R3. What a partner is worth against those one fears, less what it threatens itself.

    Sum over third states of the partner's rivalry with each times one's own fear of it, minus the partner's own threat
    (Walt 1987; Schweller 1994).

    Units: index on the scale of threat.
    """
    return sum_over(other_third_rivalry * third_threat, "third") - threat


@rule(
    source="ripsman2016",
    claims=("rises with other_relative_capability", "rises with counterweight", "is zero when other_power is zero"),
)
def pull(
    share_mix: World,
    other_power: PerPartner,
    other_relative_capability: PerPartner,
    other_usual_capability: PerPartner,
    capability_spread: World,
    counterweight: PerDyad,
    usual_counterweight: PerDyad,
    counterweight_spread: World,
) -> PerDyad:
    """R4. The systemic stimulus: opportunity minus threat, in standard deviations.

    A weighted mean of relative capability and counterweight, each centred and scaled by fixed numbers of 1972-2008, so
    that the norm stands for the usual structure. A small state pulls nobody.

    Units: standard deviations of 1972-2008.
    """
    opportunity = (other_relative_capability - other_usual_capability) / capability_spread
    balance = (counterweight - usual_counterweight) / counterweight_spread
    return other_power * (share_mix * opportunity + (1 - share_mix) * balance)


@rule(source="gsdb", claims=("rises with third_other_sanctions", "rises with third_dependence", "rises with exposure"))
def coercion(
    exposure: PerIssue, third_other_sanctions: PartnerThird, third_dependence: PerThird, dependence_unit: World
) -> PerDyadIssue:
    """R5. Pressure by third states not to deal with a partner: their sanctions on it times one's dependence on them.

    Units: index; 1 is full sanctions by a state that takes a quarter of one's exports and aid, in a fully exposed area.
    """
    return exposure * sum_over(third_other_sanctions * third_dependence, "third") / dependence_unit


@rule(source="ripsman2016", claims=("rises with threat", "rises with territorial_threat"))
def restrictiveness(
    threat: PerDyad,
    coercion: PerDyadIssue,
    usual_pressure: World,
    pressure_spread: World,
    territorial_threat: PerState,
) -> PerState:
    """How little choice the environment leaves: the largest threat or coercion faced, and latent territorial threat.

    Logistic of the mean of the two, each standardised over 1972-2008.

    Units: index in (0, 1); low is a permissive environment.
    Departs from source: the source codes it by case; Miller's latent territorial threat is added as second indicator.
    """
    pressure = max_over(maximum(threat, mean_over(coercion, "issue")), "partner")
    return logistic(((pressure - usual_pressure) / pressure_spread + territorial_threat) / 2)


@rule(source="padma-design", claims=("rises with capacity", "rises with price when price_taker is positive"))
def opportunity(capacity: PerStateIssue, price_taker: PerStateIssue, price: PerIssue) -> PerStateIssue:
    """What a state can offer others in an issue area, more so when its wares are dear.

    Units: standard deviations.
    """
    return capacity + price_taker * price
