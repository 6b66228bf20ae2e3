"""What the explorer answers: the numbers of the command line, words where a value is wrong, nothing to strangers."""

from __future__ import annotations

import json
import math
import shlex
import socket
import subprocess
import sys
import time

import pandas as pd
import pytest

from sim.check import check
from sim.explorer.serve import hosts_of, listen
from sim.explorer.serve import opened as open_explorer
from sim.measures import MEASURES
from tests.command import padma
from tests.explorer.served import BASE, JSON, ROOT, start, stop

TURNED = {
    "base": "bnp_government",
    "overlays": ["ukraine_settlement"],
    "seat": {"leader": "shafiqur_rahman", "from": "2026-07-01"},
    "traits": {"shafiqur_rahman": {"image_of.russia": 0.35, "insecurity": 0.8}},
    "inputs": {
        "sanctions": {"USA>CHN": {"from": "2026Q3", "value": 0.75}},
        "rivalry_record": {"IND-CHN": {"from": "2026Q1", "value": 0.6}},
    },
    "events": {"ukraine_settlement": "2028-05-01"},
}
COLUMNS = {"95": ("q025", "q975"), "80": ("q10", "q90"), "50": ("q25", "q75")}


def same(fan: dict, rows: pd.DataFrame) -> None:
    """All that a fan shows is in the table, to the last digit written there."""
    columns = {"median": fan["median"], "mean": fan["mean"]}
    assert columns["median"] == rows["q50"].tolist()
    assert columns["mean"] == pytest.approx(rows["mean"].tolist(), abs=2e-6)
    for level, names in COLUMNS.items():
        for bound, name in zip(fan["bands"][level], names, strict=True):
            assert bound == rows[name].tolist(), (level, name)


def rows(path, **where) -> pd.DataFrame:
    table = pd.read_csv(path, keep_default_na=False)
    for column, value in where.items():
        table = table[table[column] == value]
    for column in ("mean", "q025", "q10", "q25", "q50", "q75", "q90", "q975"):
        table[column] = table[column].astype(float)
    return table


def test_numbers_are_those_of_the_command_it_shows(explorer, tmp_path):
    status, shown = explorer.ask("fans", a=TURNED, runs=100, view={"issue": "trade", "partner": "CHN"})
    assert status == 200
    words = shlex.split(shown["command"])
    done = padma(*words[1:], "--out", tmp_path / "run", "--no-figures", "--quiet")
    assert done.code == 0, done.err
    for panel in shown["panels"]:
        place = {"state": "BGD", "partner": panel["partner"], "issue": "trade", "measure": "cooperation"}
        found = rows(tmp_path / "run" / "summary.csv", **place)
        assert found.quarter.tolist() == shown["quarters"]
        same(panel["a"], found)


def test_a_saved_world_passes_the_check_and_a_pair_has_the_numbers_of_compare(explorer, tmp_path):
    asked = {"a": TURNED, "b": BASE, "runs": 100, "seed": 5, "view": {"issue": "energy"}}
    status, shown = explorer.ask("fans", **asked)
    assert status == 200, shown
    for which in ("a", "b"):
        _, headers, text = explorer.request(f"/ask/world_{which}.yaml", json.dumps(asked).encode(), **JSON)
        name = headers["content-disposition"].split('"')[1]
        (tmp_path / name).write_bytes(text)
        assert [finding.problem for finding in check(tmp_path / name)] == [None]
    words = [str(tmp_path / w) if w.endswith(".yaml") else w for w in shlex.split(shown["command"])]
    done = padma(*words[1:], "--out", tmp_path / "pair", "--no-figures", "--quiet")
    assert done.code == 0, done.err
    for panel in shown["panels"]:
        place = {"state": "BGD", "partner": panel["partner"], "issue": "energy", "measure": "cooperation"}
        same(panel["difference"], rows(tmp_path / "pair" / "contrasts.csv", **place))
        same(panel["a"], rows(tmp_path / "pair" / "summary.csv", scenario="bnp_government_world_a", **place))
        same(panel["b"], rows(tmp_path / "pair" / "summary.csv", scenario="bnp_government_world_b", **place))


def test_two_scenarios_as_they_are_need_no_files(explorer):
    _, shown = explorer.ask("fans", b={"base": "jamaat_led"}, runs=40)
    assert shown["command"] == "padma compare jamaat_led bnp_government --runs 40 --seed 1 --state BGD"
    _, shown = explorer.ask("fans", b=BASE, runs=40)
    assert "bnp_government_world_b.yaml bnp_government_world_a.yaml" in shown["command"]
    assert shown["files"] == ["bnp_government_world_b.yaml", "bnp_government_world_a.yaml"]
    assert all(value == 0 for panel in shown["panels"] for value in panel["difference"]["median"])


def test_what_was_turned_in_each_world_is_said_in_words(explorer):
    one = BASE | {"seat": {"leader": "shafiqur_rahman", "from": "2027-01-01"}}
    other = BASE | {
        "traits": {"tarique_rahman": {"image_of.russia": 0.6, "insecurity": 0.2}},
        "inputs": {"sanctions": {"USA>RUS": {"from": "2027Q1", "value": 0.1}}},
        "posterior": "none",
    }
    status, shown = explorer.ask("fans", a=one, b=BASE, runs=40)
    assert status == 200, shown
    name = shown["leaders"]["BGD"][-1]["label"]
    assert shown["changes"] == {"b": [], "a": [f"{name} governs from 2027-01-01"]}
    _, shown = explorer.ask("fans", a=other, runs=40)
    turned = ["image of Russia of Tarique Rahman +0.60", "insecurity of Tarique Rahman +0.20"]
    turned += ["sanctions USA>RUS 0.1 from 2027Q1", "parameters from the priors"]
    assert shown["changes"] == {"a": turned} and shown["files"] == []


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_can_be_shown(explorer, measure):
    choices = json.loads(explorer.request("/ask/start")[2])
    kinds = next(m["kinds"] for m in choices["measures"] if m["name"] == measure)
    status, shown = explorer.ask("fans", runs=40, view={"measure": measure, "issue": next(iter(kinds), "")})
    assert status == 200, shown
    assert shown["panels"]
    assert shown["headline"]
    values = [v for p in shown["panels"] for v in p["a"]["median"]]
    assert all(v is not None and math.isfinite(v) for v in values)


FROM = {"from": "2026Q1"}
WRONG = {
    "a trait beyond its scale": ({"a": BASE | {"traits": {"tarique_rahman": {"image_of.russia": 5}}}}, "runs from -1 to 1"),
    "a misspelt trait": ({"a": BASE | {"traits": {"tarique_rahman": {"insecurty": 0.5}}}}, "insecurity"),
    "a trait that is a path": ({"a": BASE | {"traits": {"x.y": {"image_of.russia": 0.1}}}}, "not the name of a leader"),
    "an unknown leader": ({"a": BASE | {"seat": {"leader": "tarique_rahmann", "from": "2026-02-17"}}}, "tarique_rahman"),
    "a leader of another state": ({"a": BASE | {"seat": {"leader": "xi_jinping", "from": "2026-02-17"}}}, "heads CHN"),
    "no date": ({"a": BASE | {"seat": {"leader": "khaleda_zia", "from": "2026-02-31"}}}, "not a date"),
    "a day before all records": ({"a": BASE | {"seat": {"leader": "khaleda_zia", "from": "1960-01-01"}}}, "from 1972-01-01"),
    "a day after the end": ({"a": BASE | {"seat": {"leader": "khaleda_zia", "from": "2090-01-01"}}}, "to 2031-03-31"),
    "an input beyond its scale": ({"a": BASE | {"inputs": {"sanctions": {"USA>RUS": FROM | {"value": 7}}}}}, "from 0 to 1"),
    "an input of nobody": ({"a": BASE | {"inputs": {"sanctions": {"USA>ATL": FROM | {"value": 0.7}}}}}, "ATL"),
    "an event that is not there": ({"a": BASE | {"events": {"rapture": "2027-01-01"}}}, "no event called 'rapture'"),
    "a path for a scenario": ({"a": {"base": "../../etc/passwd"}}, "no other file"),
    "an absolute path": ({"a": {"base": "/etc/passwd"}}, "no other file"),
    "an existing path": ({"a": {"base": "scenarios/baseline.yaml"}}, "no other file"),
    "a plus in a name": ({"a": {"base": "bnp_government+/etc/passwd"}}, "no other file"),
    "a path for an overlay": ({"a": BASE | {"overlays": ["/etc/hostname"]}}, "no other file"),
    "a path for a posterior": ({"a": BASE | {"posterior": "/etc/passwd"}}, "posterior"),
    "a script for an issue": ({"view": {"issue": "<script>alert(1)</script>"}}, "<script>"),
    "too many runs": ({"runs": 10**9}, "2000"),
    "too many runs of a long record": ({"a": {"base": "history"}, "runs": 2000}, "held in memory"),
    "runs that overflow": ({"runs": 1e300}, "whole number"),
    "text for runs": ({"runs": "many"}, "whole number"),
    "a negative seed": ({"seed": -1}, "seed"),
    "an unknown key": ({"evil": 1}, "evil"),
    "an unknown measure": ({"view": {"measure": "stence"}}, "stance"),
    "a state that takes no part": ({"view": {"state": "FRA"}}, "FRA"),
    "another list of worlds": ({"a": [1, 2]}, "keys with values"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_values_are_refused_with_words(explorer, case):
    asked, words = WRONG[case]
    status, found = explorer.ask("fans", **({"runs": 40} | asked))
    assert status == 422
    assert set(found) == {"error"}
    assert all(found["error"][part] for part in ("what", "why", "how"))
    assert words in json.dumps(found, ensure_ascii=False), found


NO_STATE = (b"", b"nonsense", b"[]", b'{"a": {"base": "x"}, "seed": NaN}', b'{"a": ' * 3000, b"\xff\xfe", b"1" * 70_000)


@pytest.mark.parametrize("text", NO_STATE, ids=lambda text: repr(text[:12]))
def test_what_is_no_state_is_refused(explorer, text):
    status, _, found = explorer.request("/ask/fans", text, **JSON)
    assert status == 422
    assert json.loads(found)["error"]["what"]


# --- strangers --------------------------------------------------------------------------------------------------------------


STRANGERS = ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "10.0.0.7", "localhost@evil.example")


@pytest.mark.parametrize("host", STRANGERS)
def test_a_foreign_host_is_refused(explorer, host):
    for path in ("/", "/ask/start"):
        status, _, text = explorer.request(path, Host=host)
        assert status in (400, 403)
        assert b"padma explorer" not in text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_foreign_page_is_refused(explorer, origin):
    body = json.dumps({"a": BASE, "runs": 40}).encode()
    assert explorer.request("/ask/fans", body, Origin=origin, **JSON)[0] == 403
    assert explorer.request("/ask/fans", body, Content_Type="text/plain")[0] == 422
    assert explorer.request("/ask/fans", body, Origin=explorer.address.rstrip("/"), **JSON)[0] == 200


PATHS = ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/static/../app.py", "/app.py", "//etc/passwd", "/index.html%00")


@pytest.mark.parametrize("path", PATHS)
def test_no_path_reaches_the_file_system(explorer, path):
    status, _, text = explorer.request(path)
    assert status == 404
    assert b"root:" not in text


def test_every_answer_carries_the_headers(explorer):
    answers = [explorer.request("/"), explorer.request("/nothing"), explorer.request("/ask/fans", b"{}", **JSON)]
    for _, headers, _ in [*answers, explorer.request("/", Host="evil.example")]:
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_the_page_needs_nothing_from_elsewhere():
    folder = ROOT / "sim" / "explorer" / "static"
    for file in folder.iterdir():
        text = file.read_text(encoding="utf-8")
        assert "//cdn" not in text
        assert "eval(" not in text
        assert "innerHTML" not in text
        assert "insertAdjacentHTML" not in text
        if file.suffix == ".html":
            assert "style=" not in text
            assert "onclick" not in text


# --- starting and ending ------------------------------------------------------------------------------------------------------


def test_ctrl_c_does_not_wait_for_work():
    served = start()
    body = json.dumps({"a": {"base": "history"}, "runs": 500}).encode()
    line = socket.create_connection(("127.0.0.1", served.port))
    line.sendall(b"POST /ask/fans HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n")
    line.sendall(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    time.sleep(1.5)
    before = time.monotonic()
    code, _ = stop(served)
    assert code == 0
    assert time.monotonic() - before < 15
    line.close()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one address of their own")
def test_unless_told_otherwise_only_this_machine_reaches_it(explorer):
    """Linux answers on every address of 127.0.0.0/8: whoever listens on all of them is reached on another one, too."""
    assert explorer.said[0].count("127.0.0.1") == 1
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", explorer.port), timeout=10)


def test_another_host_is_said_aloud():
    served = start("--host", "0.0.0.0")
    assert "Whoever can reach 0.0.0.0 can use it" in served.said[1]
    if sys.platform == "linux":
        socket.create_connection(("127.0.0.2", served.port), timeout=10).close()
    assert served.request("/", Host="192.168.7.7:1")[0] == 200
    assert served.request("/", Host="evil.example")[0] == 403
    assert stop(served)[0] == 0


def test_hosts_and_ports_that_cannot_be(tmp_path):
    assert hosts_of("127.0.0.1") == {"127.0.0.1", "localhost", "[::1]"}
    with listen("127.0.0.1", 0) as taken:
        done = padma("explore", "--no-browser", "--port", taken.getsockname()[1])
        assert done.code == 2
        assert "--port 0 for a free one" in done.err
    done = padma("explore", "--no-browser", "--host", "no.such.host.invalid")
    assert (done.code, "cannot listen" in done.err) == (2, True)
    done = padma("explore", "bnp_goverment", "--no-browser", "--port", 0)
    assert (done.code, "did you mean 'bnp_government'?" in done.err) == (2, True)
    done = padma("explore", tmp_path, "--no-browser", "--port", 0)
    assert (done.code, "not a results folder" in done.err) == (2, True)


def test_a_results_folder_opens_its_scenario_and_ctrl_c_ends_it(tmp_path):
    image = "leaders.tarique_rahman.traits.image_of.russia=0.7"
    options = ("--set", "spin_up_from=2025Q3", "--until", "2026Q4", "--set", image)
    done = padma("run", "bnp_government", *options, "--runs", 100, "--no-figures", "--quiet", "--out", tmp_path / "held")
    assert done.code == 0, done.err
    known = open_explorer(str(tmp_path / "held"))
    assert known.first == "bnp_government_here"
    served = start(str(tmp_path / "held"))
    assert "127.0.0.1" in served.said[0]
    assert served.said[1] == "Only this computer can reach it.\n"
    status, shown = served.ask("fans", a={"base": known.first}, runs=100)
    assert stop(served) == (0, "Explorer closed.\n")
    assert status == 200, shown
    found = rows(tmp_path / "held" / "summary.csv", state="BGD", partner="RUS", issue="diplomacy", measure="cooperation")
    same(shown["panels"][0]["a"], found)


def test_a_missing_library_is_named(tmp_path):
    (tmp_path / "starlette.py").write_text("raise ModuleNotFoundError('none', name='starlette')\n")
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from sim.cli import main; main()"
    command = [sys.executable, "-c", code, str(tmp_path), "explore", "--no-browser"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'padma[explore]'" in done.stderr
    assert "Traceback" not in done.stderr
