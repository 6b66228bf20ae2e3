"""What the reader of the record refuses: tables that are not what their card describes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration.observed import load, read
from calibration.sources.tables import SCHEMA, checksum
from sim import library, yamlfile
from sim.errors import InputError


def rewrite(folder: Path, name: str, change: Any, *, honest: bool = True) -> None:
    """Change the text of a table; an honest change also brings checksum and number of rows of the card up to date."""
    path = folder / f"{name}.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    if honest:
        rows = len(path.read_text(encoding="utf-8").splitlines()) - 1
        edit_card(folder, name, sha256=checksum(path.read_bytes()), rows=rows)


def edit_card(folder: Path, name: str, **words: Any) -> None:
    path = folder / f"{name}.card.yaml"
    content = yamlfile.read(path).content | words
    path.write_text(yamlfile.write({k: v for k, v in content.items() if v is not None}), encoding="utf-8")


def test_a_small_record_reads_back(made: Path) -> None:
    record = load(made)
    assert record.vote_counts().sum(axis=0).tolist() == [0, 3, 3]
    assert record.order_counts()[1].sum(axis=0).tolist() == [2, 0, 0, 0, 2]
    years, logs = record.trade_shares()
    assert years.tolist() == [1972, 1973]
    assert logs[1, 0] == pytest.approx(np.log(101 / 20000))
    assert np.isnan(logs).sum() == 7
    assert [values.tolist() for values in record.aid_flow()] == [[2023], [7.0]]


def test_a_changed_table_with_an_unchanged_card_is_refused(made: Path) -> None:
    rewrite(made, "orders", lambda text: text.replace("1999,2,", "1999,3,"), honest=False)
    with pytest.raises(InputError) as refused:
        read("orders", made)
    message = refused.value.message
    assert "orders.csv: the table is not the one its card describes" in message
    assert "Why it matters:" in message
    assert "What to do: rebuild both with python -m calibration.record --raw DIR" in message
    assert checksum((made / "orders.csv").read_bytes()) in message


def test_line_ends_of_another_system_are_no_change(made: Path) -> None:
    path = made / "orders.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read("orders", made)["RUS"].sum() == 2


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("orders", lambda t: t.replace("uncertain", "uncertian"), ["unknown column 'uncertian'", "'uncertain'"]),
        ("orders", lambda t: re.sub(r",[^,\n]*$", "", t, flags=re.M), ["column 'uncertain' is missing"]),
        ("orders", lambda t: t.replace("1999,2,", "1999,-2,"), ["'-2' is no count", "orders.csv:29"]),
        ("votes", lambda t: t.replace(",-1,0,0,1,", ",-2,0,0,1,"), ["'-2' is no position"]),
        ("votes", lambda t: t.replace("2024,", "2025,"), ["after the cut (2024-08-04)", "votes.csv:6"]),
        ("aid", lambda t: t.replace("2023,", "2024,"), ["after the cut"]),
        ("episodes", lambda t: t.replace(",2024-08-04,", ",2024-08-05,"), ["after the cut"]),
        ("episodes", lambda t: t.replace(",2024-08-04,", ",2024-08,"), ["after the cut"]),
        ("trade_reported", lambda t: t.replace("2024-06,", "2024-13,"), ["'2024-13' is no date"]),
        ("trade", lambda t: t.replace("0.005", "1.005"), ["'1.005' is no share"]),
        ("aid", lambda t: t.replace(",yes", ",maybe"), ["'maybe' is no flag"]),
    ],
)
def test_what_does_not_fit_is_refused(made: Path, table: str, change: Any, words: list[str]) -> None:
    rewrite(made, table, change)
    with pytest.raises(InputError) as refused:
        read(table, made)
    assert all(word in refused.value.message for word in words), refused.value.message


def test_lost_rows_incomplete_cards_and_unknown_tables_are_refused(made: Path) -> None:
    edit_card(made, "tiv", rows=1)
    with pytest.raises(InputError, match="2 rows, but the card says 1"):
        read("tiv", made)
    edit_card(made, "aid", licence=None)
    with pytest.raises(InputError, match="the card says nothing about licence"):
        load(made)
    (made / "sides.csv").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read("sides", made)
    with pytest.raises(InputError, match="did you mean 'episodes'"):
        read("episode", made)


def test_the_shipped_record_may_not_be_cut_later(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit_card(made, "votes", cut="2026-12-31")
    assert len(read("votes", made)["year"]) == 5
    monkeypatch.setattr(library, "data_root", lambda: made)
    with pytest.raises(InputError, match="the shipped record ends on 2024-08-04"):
        read("votes")


def test_a_later_record_may_lack_tables_but_has_one_cut(made: Path, tmp_path: Path) -> None:
    full = load(made)
    for name in SCHEMA:
        if name not in ("votes", "orders"):
            (made / f"{name}.card.yaml").unlink()
    part = load(made)
    assert part.vote_counts().tolist() == full.vote_counts().tolist()
    assert part.trade_shares()[1].shape == (0, 4)
    assert part.fingerprint != full.fingerprint
    edit_card(made, "orders", cut="2025-12-31")
    with pytest.raises(InputError, match="the tables end on different days"):
        load(made)
    with pytest.raises(InputError, match="no table of a record lies here"):
        load(tmp_path / "nowhere")
