"""What a fit learned, and whether its chains can be believed: R-hat, effective size, divergences, contraction.

Rank-normalised split R-hat and bulk effective size follow Vehtari et al. (2021, Bayesian Analysis 16(2)) and come from
ArviZ. Contraction is 1 - (posterior sd / prior sd)²: near 1 the record spoke, near 0 only the prior did.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from calibration.model.unknowns import Site

Values = dict[str, np.ndarray]

HIGHEST_RHAT = 1.01
LOWEST_SIZE = 400.0


def table(sites: tuple[Site, ...], values: Values, labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """One row for every number of every site: what was learned, and how well it was sampled.

    Parameters
    ----------
    sites : unknowns
    values : site -> parameters (chain, draw, ...)
    labels : names of the powers, for vectors
    """
    rows = []
    for site in sites:
        spread = site.prior_sd()
        for j in range(max(site.size, 1)):
            x = values[site.name][..., j] if site.size else values[site.name]
            low, middle, high = np.quantile(x, [0.05, 0.5, 0.95])
            rows.append(
                {
                    "parameter": site.name + (f".{labels[j]}" if site.size else ""),
                    "class": site.grade,
                    "mean": float(x.mean()),
                    "sd": float(x.std()),
                    "q05": float(low),
                    "median": float(middle),
                    "q95": float(high),
                    "above_zero": float((x > 0).mean()),
                    "prior_sd": spread,
                    "contraction": float(1 - (x.std() / spread) ** 2),
                    **believable(x),
                }
            )
    return rows


def believable(x: np.ndarray) -> dict[str, float]:
    """R-hat and bulk effective size of draws (chain, draw)."""
    import arviz

    held = {"x": x}
    return {
        "rhat": float(arviz.rhat(held)["x"].values) if len(x) > 1 else float("nan"),
        "bulk_size": float(arviz.ess(held, method="bulk")["x"].values),
    }


def verdict(rows: list[dict[str, Any]], z: np.ndarray, statistics: Values) -> dict[str, Any]:
    """The worst of everything over parameters, luck and images, and whether a release may use the fit.

    ``z`` are all unknowns as sampled (chain, draw, unknown), ``statistics`` those of the sampler (chain, draw).
    """
    checks = [believable(z[..., j]) for j in range(z.shape[-1])] + rows
    rhat, size = max(c["rhat"] for c in checks), min(c["bulk_size"] for c in checks)
    divergent = int(statistics["diverging"].sum())
    return {
        "chains": int(z.shape[0]),
        "draws": int(z.shape[1]),
        "highest_rhat": rhat,
        "lowest_bulk_size": size,
        "highest_rhat_of_parameters": max(row["rhat"] for row in rows),
        "lowest_bulk_size_of_parameters": min(row["bulk_size"] for row in rows),
        "divergent": divergent,
        "steps_a_draw": float(statistics["num_steps"].mean()),
        "acceptance": float(statistics["accept_prob"].mean()),
        "usable": bool(rhat <= HIGHEST_RHAT and size >= LOWEST_SIZE and divergent == 0),
    }


def write(rows: list[dict[str, Any]], grades: str = "AB") -> str:
    """The table in plain text, for the classes asked for."""
    lines = [f"{'parameter':38s} class   mean     sd     5 %    95 %  P(>0)  contraction  R-hat   size"]
    for row in rows:
        if row["class"] in grades:
            found = f"{row['mean']:7.3f} {row['sd']:6.3f} {row['q05']:7.3f} {row['q95']:7.3f}  {row['above_zero']:5.2f}"
            quality = f"{row['contraction']:11.2f}  {row['rhat']:5.3f}  {row['bulk_size']:5.0f}"
            lines.append(f"{row['parameter']:38s}   {row['class']}  {found}  {quality}")
    return "\n".join(lines)
