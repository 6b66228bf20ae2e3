"""Builds every table of calibration/data and its card from the raw tables, the same bytes every time.

``python -m calibration.record --raw DIR`` writes them; ``--check`` compares the committed files with a rebuild and
exits with 1 if any differs. Outcomes after the cut (2024-08-04; yearly figures after 2023) are dropped, whatever the
raw tables hold. ``--cut DATE --out FOLDER`` builds a later record to test the
model on, never in place of the shipped one.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from calibration.sources import rebuild
from calibration.sources.acts import episodes
from calibration.sources.flows import aid, orders, powers, tiv, trade, trade_reported
from calibration.sources.raw import Raw, Rows
from calibration.sources.tables import CUT, SCHEMA, checksum
from calibration.sources.votes import sides, votes
from sim.errors import InputError, PadmaError, nearest
from sim.yamlfile import read, write

HERE = Path(__file__).resolve().parent
OUT = HERE / "data"
MADE_BY = "# Made by calibration/record.py; words from calibration/record.yaml.\n"

TABLES: dict[str, Callable[[Raw, date], Rows]] = {
    maker.__name__: maker for maker in (votes, sides, orders, tiv, trade, trade_reported, aid, episodes, powers)
}

NEEDS = {
    "unga_votes": "vote_id date date_precision year resolution amend para n_yes n_no n_abstain BGD RUS IND CHN USA source",
    "unga_agreement": "state_a state_b year n_votes_whole agree_half_whole ideal_distance",
    "arms_bgd_deals": "supplier_iso3 order_year order_year_uncertain",
    "arms_tiv_supplier_year": "year recipient supplier_iso3 tiv_mn",
    "trade_bgd": "year partner total_musd",
    "trade_bgd_reported": "period period_type partner flow value_musd reporting_body derived page note",
    "trade_dyads_cow": "year exporter importer imports_musd",
    "wdi": "iso3 year gdp_current_usd gdp_current_usd_weo2019 gdp_const2015_usd external_debt_usd external_debt_pct_gni"
    " merchandise_trade_pct_gdp",
    "aid_bgd": "year donor measure basis value_musd price_basis",
    "episodes": "date initiator target issue_area goldstein short_description source",
    "mids": "state_a state_b year hostlev",
}
"""Raw tables and the columns that are read."""


def check_raw(raw: Raw) -> None:
    """Refuse a folder that lacks a table or a column.

    Raises
    ------
    InputError : it names the first that is missing
    """
    for name, columns in NEEDS.items():
        path = raw.folder / f"{name}.csv"
        if not path.is_file():
            raise InputError(
                "this raw table is missing",
                where=str(path),
                why="part of the record is made from it.",
                how="give the folder of raw tables: python -m calibration.record --raw DIR",
            )
        held = list(raw.rows(name)[0]) if raw.rows(name) else []
        if missing := [column for column in columns.split() if column not in held]:
            raise InputError(
                f"the column '{missing[0]}' is missing",
                where=f"{path}:1",
                why="part of the record is made from it.",
                how=f"name the columns as in calibration/README.md; {nearest(missing[0], held)}",
            )


def as_csv(name: str, rows: Rows) -> str:
    """Text of a table: columns in the order of the schema."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(SCHEMA[name]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def coverage(name: str, rows: Rows) -> str:
    """First and last date of a table."""
    key = "year" if "year" in SCHEMA[name] else next(column for column, kind in SCHEMA[name].items() if kind == "date")
    dates = sorted(str(row[key]) for row in rows)
    return f"{dates[0]} to {dates[-1]}" if dates else "empty"


def as_card(name: str, table: str, rows: Rows, words: Mapping[str, Any], cut: date, built: date) -> str:
    """Text of the card of a table.

    Raises
    ------
    InputError : columns that are not those of the schema
    """
    if list(words["columns"]) != list(SCHEMA[name]):
        raise InputError(
            f"the columns of '{name}' are not those of its schema",
            where="calibration/record.yaml",
            why="every column must be explained, in order.",
            how=f"describe {', '.join(SCHEMA[name])}.",
        )
    content = {
        "table": f"{name}.csv",
        **words,
        "built": built,
        "cut": cut,
        "coverage": coverage(name, rows),
        "rows": len(rows),
        "sha256": checksum(table.encode("utf-8")),
    }
    return MADE_BY + write(content)


def build(raw: Raw, cut: date = CUT, built: date | None = None) -> dict[str, str]:
    """Text of every file by name."""
    check_raw(raw)
    content = read(HERE / "record.yaml", "calibration/record.yaml").content
    built = built or date.fromisoformat(content["built"])
    files = {}
    for name, maker in TABLES.items():
        rows = maker(raw, cut)
        files[f"{name}.csv"] = as_csv(name, rows)
        files[f"{name}.card.yaml"] = as_card(name, files[f"{name}.csv"], rows, content["tables"][name], cut, built)
    return files


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m calibration.record", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--raw", type=Path, required=True, help="folder of raw CSV tables")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the record (default: calibration/data)")
    parser.add_argument("--cut", type=date.fromisoformat, default=CUT, help=f"last day of outcomes (default: {CUT})")
    parser.add_argument("--built", type=date.fromisoformat, help="day to write into the cards (default: record.yaml)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a committed file differs")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except PadmaError as error:
        print(f"calibration.record: {error.message}", file=sys.stderr)
        return error.code


def _run(options: argparse.Namespace) -> int:
    if options.cut > CUT and options.out.resolve() == OUT:
        raise InputError(
            f"the shipped record ends on {CUT}",
            where="--cut",
            why="later outcomes are kept to test the model, and no fit may see them.",
            how="write the later record elsewhere: --out FOLDER",
        )
    files = build(Raw(options.raw), options.cut, options.built)
    return rebuild.check(files, options.out) if options.check else rebuild.write(files, options.out)


if __name__ == "__main__":
    sys.exit(main())
