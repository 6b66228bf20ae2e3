"""What the two source texts claim, put to the test: reads calibration/claims.yaml, judges, prints.

    python -m calibration.claims [--json] [--posterior FILE] [ID ...]

Morsalin and Hosen (2024) say that leadership filters the system; Rahman (2026) that pragmatism outlives parties. Verdicts and
probabilities are computed from the record to 4 August 2024 and, where a claim is about mechanism or outlook, from the shipped
posterior; none is typed. Thresholds are those of the file, the same for both texts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from calibration.observed import load
from calibration.texts.judging import judge, read
from calibration.texts.learned import learned
from calibration.texts.table import table
from sim.errors import PadmaError


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m calibration.claims", description="Test what the two source texts claim.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these claims")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument(
        "--posterior", default="shipped", metavar="FILE", help="read claims about the model off another posterior"
    )
    given = parser.parse_args(arguments)
    try:
        claims = read()
        judged = judge(claims, load(), learned(given.posterior), given.ids)
    except PadmaError as error:
        print(error.message, file=sys.stderr)
        return error.code
    print(json.dumps([one.row() for one in judged], indent=2, ensure_ascii=False) if given.json else table(claims, judged))
    return 0


if __name__ == "__main__":
    sys.exit(main())
