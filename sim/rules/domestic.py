"""R12: the state at home. Constraints slow a government down; they do not aim it."""

from sim.axes import PerState, PerStateIssue, World, exp
from sim.rulebook import rule


@rule(source="tsebelis2002", claims=("rises with adjustment_rate", "falls with veto when veto_effect is positive"))
def rate(adjustment_rate: PerStateIssue, veto_effect: World, veto: PerState) -> PerStateIssue:
    """R12. Mobilisation under domestic constraint: how fast a stance can move toward what was decided.

    The issue area's adjustment rate, slowed by legislative and judicial constraint (Schweller 2004; Taliaferro 2006;
    Tsebelis 2002; Putnam 1988). A rate of zero stays zero under any constraint.

    Units: per year.
    """
    return adjustment_rate * exp(-veto_effect * veto)
