"""Builds every file of scenarios/world/ from the raw tables, the same bytes every time.

``python -m calibration.derive --raw DIR`` writes them; ``--check`` compares the committed files with a rebuild and
exits with 1 if any differs. The raw tables are not part of the project (they keep their own licences); what is written
are compact derived figures with their sources.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from calibration.sources import rebuild
from calibration.sources.arms import arms_contracts
from calibration.sources.economy import ECONOMY
from calibration.sources.raw import Raw, year_of
from calibration.sources.standards import act_rates, standards, usual_capability
from calibration.sources.system import SYSTEM, Found
from sim import consistency
from sim.yamlfile import read

HERE = Path(__file__).resolve().parent
CONTENT = HERE.parent / "scenarios"
OUT = CONTENT / "world"
MADE_BY = "# Made by calibration/derive.py from public records; change that script or its assumptions, not this file.\n"
CONTRACTS_ARE = (
    MADE_BY
    + """#
# Arms that each power sold to Bangladesh, one contract for a year's orders, beside those entered by hand in commitments.yaml.
# size      volume over that of one year of Bangladesh's orders (275 million, mean of 2009-23). Volume is not price: where the
#           register knows both, the price is 0.4 to 1.5 times the volume, hence the range.
# signed    the last day of the year of the order, of which only the year is known: no order counts as evidence for itself
# left out  what a contract by hand or the Russian credit of 2013 holds, what others paid, what is uncertain, years below 0.02
"""
)


def checksum(values: Mapping[Any, Any], assumed: Mapping[Any, Any]) -> str:
    """SHA-256 of ``{"assumed": ..., "values": ...}`` as JSON with sorted text keys and no spaces.

    >>> checksum({}, {})[:8]
    'c57a7d6e'
    """
    return consistency.checksum({"values": values, "assumed": assumed})


def settled(found: Found) -> Found:
    """Drop what can never be read: empty keys, and data after the first judgement entry that interrupts them.

    A judgement entry before the first datum only fills the gap before it; one after it prevails until the end.
    """
    values: dict[str, Any] = {}
    for key, series in found.values.items():
        first = min(map(_order, series), default=(0, 0))
        cuts = [_order(date) for date in found.assumed.get(key, {}) if _order(date) > first]
        values[key] = {date: value for date, value in series.items() if not cuts or _order(date) < min(cuts)}
    assumed = {key: dict(sorted(d.items(), key=lambda item: _order(item[0]))) for key, d in found.assumed.items()}
    return Found({k: v for k, v in values.items() if v}, {k: v for k, v in assumed.items() if v})


def _order(date: int | str) -> tuple[int, int]:
    """Sorting key of a date: year and quarter (a bare year begins with its first quarter)."""
    return year_of(date), int(str(date)[5:] or 1)


def coverage(found: Found) -> str:
    """First and last year of the data, in words."""
    years = [year_of(date) for series in found.values.values() for date in series]
    if not years:
        return "no data; judgement only" if found.assumed else "empty"
    return f"{min(years)}-{max(years)}, last value of each key carried forward"


def input_file(name: str, words: Mapping[str, Any], found: Found) -> dict[str, Any]:
    """Content of one world file."""
    return {
        "variable": name,
        "description": words["description"],
        "unit": words["unit"],
        "axes": words["axes"],
        "symmetric": words.get("symmetric", False),
        "range": words["range"],
        "basis": words["basis"],
        "sources": words["sources"],
        "derived": words["derived"],
        "caveats": words["caveats"],
        "coverage": words.get("coverage") or coverage(found),
        "checksum": checksum(found.values, found.assumed),
        "values": found.values,
        "assumed": found.assumed,
    }


def summary_file(name: str, words: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Content of standards.yaml or act_rates.yaml, which hold no dated values."""
    return {"variable": name, **words, "checksum": checksum(values, {}), "values": values}


class _Dumper(yaml.SafeDumper):
    """Block style for structure, one flowing line for the innermost level, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_text(content: Mapping[str, Any]) -> str:
    """YAML text of one file."""
    body = yaml.dump(dict(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=104, default_flow_style=None)
    return MADE_BY + body


def build(raw: Raw) -> dict[str, str]:
    """Text of every file by name."""
    judgement = read(HERE / "assumptions.yaml", "calibration/assumptions.yaml").content
    words = read(HERE / "inputs.yaml", "calibration/inputs.yaml").content
    built = {name: settled(maker(raw, judgement)) for name, maker in {**SYSTEM, **ECONOMY}.items()}
    issues = read(CONTENT / "issues.yaml", "scenarios/issues.yaml").content
    exposure = [float(issue["exposure"]["value"]) for issue in issues.values()]
    usual = {"usual_capability": usual_capability(built, exposure)}
    files: dict[str, Any] = {f"{n}.yaml": input_file(n, words[n], found) for n, found in {**built, **usual}.items()}
    contracts = yaml.dump(arms_contracts(raw), Dumper=_Dumper, sort_keys=False, width=104, default_flow_style=None)
    files["arms_contracts.yaml"] = CONTRACTS_ARE + contracts
    for name, values in (("standards", standards(built, exposure)), ("act_rates", act_rates(raw))):
        files[f"{name}.yaml"] = summary_file(name, words[name], values)
    return {name: content if isinstance(content, str) else as_text(content) for name, content in sorted(files.items())}


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m calibration.derive", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--raw", type=Path, required=True, help="folder of raw CSV tables")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of world files (default: scenarios/world)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a committed file differs")
    options = parser.parse_args(arguments)
    files = build(Raw(options.raw))
    return rebuild.check(files, options.out) if options.check else rebuild.write(files, options.out)


if __name__ == "__main__":
    sys.exit(main())
