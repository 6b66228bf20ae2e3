"""One quarter, as a numbered list.

All states decide on the same world, then all act: moves are simultaneous. Within a phase no state looks at what another
computes in that phase, so the order of states never matters.

 1. appraise   the system and oneself: clarity, shares, relative capability, rivalry, deviation, warmth, coercion,
               opportunity (R1, R3a, R5)
 2. perceive   threat, counterweight, pull, restrictiveness, constraint; the signal, the image, the perceived target;
               felt coercion, support, shared goodwill (R2 to R4, R6 to R9)
 3. decide     interaction, wish, hedging, the stance decided on (R10, R11)
 4. act        domestic speed, the new stance, contracts, anchor (R12 to R14)
 -- the quarter ends: everything called ``next_`` becomes current --
 5. deliver    cooperation, votes, arms orders, trade, aid, dated acts (R15 and the observables)
"""

from sim import rules  # noqa: F401  (importing registers every rule)

PHASES: dict[str, tuple[str, ...]] = {
    "appraise": (
        "clarity",
        "capability_share",
        "relative_capability",
        "rivalry",
        "deviation",
        "warmth",
        "coercion",
        "opportunity",
    ),
    "perceive": (
        "threat",
        "counterweight",
        "pull",
        "restrictiveness",
        "constraint",
        "systemic_signal",
        "leader_reading",
        "perceived",
        "felt_coercion",
        "support",
        "joint",
    ),
    "decide": ("interaction", "wish", "hedged", "desired"),
    "act": ("rate", "moved", "next_stance", "next_commitment", "next_anchor"),
    "deliver": (
        "cooperation",
        "appeal",
        "vote_no",
        "vote_yes",
        "vote",
        "order_share",
        "orders",
        "trade_volume",
        "aid",
        "act_probability",
        "act_done",
    ),
}

CARRIED = ("stance", "commitment", "anchor")
"""What passes from quarter to quarter; each has a rule ``next_...``."""
