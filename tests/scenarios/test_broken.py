"""Wrong files get one message in four parts, exit code 2 and no traceback; odd but right files work.

The mistakes that can be written down as text stand in ``broken/``, one file each, with the words their message must contain.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import fields, library, priors, schema, yamlfile
from sim.check import check, kind_of
from sim.errors import PadmaError
from tests.command import ROOT, padma

BROKEN = Path(__file__).with_name("broken")
FILES = {str(path.relative_to(BROKEN).with_suffix("")): path for path in sorted(BROKEN.rglob("*.yaml"))}
SCENARIOS = [name for name in FILES if name.startswith("scenario_")]


def said(path: Path) -> tuple[list[str], int | None]:
    """The words that the message must contain, and the line it must name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    wrong = [number for number, line in enumerate(lines, start=1) if line.endswith("# wrong")]
    assert len(wrong) <= 1, f"{path.name} marks more than one line"
    return [line.removeprefix("# says: ") for line in lines if line.startswith("# says: ")], (wrong or [None])[0]


def assert_four_parts(text: str, words: list[str], place: str) -> None:
    """What, where, why and how are all there, in padma's form."""
    for word in [*words, place, "Why it matters: ", "What to do: "]:
        assert word in text, f"{word!r} is not in:\n{text}"
    assert "Traceback" not in text
    assert "something failed that should not" not in text
    assert "pydantic" not in text.lower() and "errors.pydantic" not in text


# --- one file, one mistake -------------------------------------------------------------------------------------------


def test_the_files_say_what_they_are_about():
    for page in ("README.md", "results/reference/trust.md"):
        assert re.search(rf"\b{len(FILES)} (?:wrong )?files\b", (ROOT / page).read_text(encoding="utf-8")), page
    for name, path in FILES.items():
        words, line = said(path)
        assert words, f"{name} has no '# says:' line"
        if line is None:
            assert name in ("leader_missing_name", "scenario_no_start", "scenario_circle_a", "scenario_circle_b"), name


@pytest.mark.parametrize("name", FILES)
def test_check_names_file_line_reason_and_remedy(name):
    words, line = said(FILES[name])
    done = padma("check", FILES[name])
    assert done.code == 2
    assert done.out.endswith("1 checked, 1 with a mistake\n")
    assert_four_parts(done.err, words, f"{FILES[name]}:{line}: " if line else str(BROKEN))


@pytest.mark.parametrize("name", SCENARIOS)
def test_run_refuses_the_same_scenario_in_the_same_words(name, tmp_path):
    words, line = said(FILES[name])
    done = padma("run", FILES[name], "--runs", 2, "--out", tmp_path / "out", "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("padma: ")
    assert_four_parts(done.err, words, f"{FILES[name]}:{line}: " if line else str(BROKEN))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["leader_nan", "scenario_tag", "scenario_wrong_seat", "scenario_circle_a"])
def test_the_same_from_a_shell(name):
    words, line = said(FILES[name])
    command = [sys.executable, "-m", "sim.cli", "check", FILES[name]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert_four_parts(done.stderr, words, f"{FILES[name]}:{line}: " if line else str(BROKEN))


def test_one_mistake_does_not_hide_another(tmp_path):
    for name in ("leader_nan", "scenario_tag", "event_no_label"):
        (tmp_path / f"{name}.yaml").write_bytes(FILES[name].read_bytes())
    done = padma("check", tmp_path)
    assert done.code == 2
    assert done.out == "3 checked, 3 with a mistake\n"
    assert done.err.count("What to do: ") == 3


@pytest.mark.parametrize("name", [n for n in FILES if "/" not in n and not n.startswith(("scenario", "world"))])
def test_nothing_but_the_mistake_is_wrong(name):
    """The kind of file is recognised in spite of the mistake, and the message is about it, not about another kind."""
    if not yaml_reads(FILES[name]):
        return
    assert kind_of(FILES[name]) == {"event": "events", "contract": "commitments"}.get(name.split("_")[0], name.split("_")[0])


def yaml_reads(path: Path) -> bool:
    try:
        return yamlfile.read(path) is not None
    except PadmaError:
        return False


# --- files that are no text ------------------------------------------------------------------------------------------

ODD = {
    "empty": (b"", ":", "the file is empty"),
    "only comments": (b"# nothing\n", ":", "the file is empty"),
    "binary": (bytes(range(256)) * 8, ":", "not UTF-8"),
    "binary that is UTF-8": (b"name: a\n\x00\x01\n", ":2: ", "U+0000"),
    "latin-1": ("name: Müller\n".encode("latin-1"), ":", "not UTF-8"),
    "utf-16": ("name: a\n".encode("utf-16"), ":", "not UTF-8"),
    "too large": (b"# " + b"x" * 2_100_000, ":", "larger than 2 MB"),
    "a list": (b"- a\n- b\n", ":1: ", "expected"),
    "a word": (b"hello\n", ":1: ", "a mapping (key: value) was expected"),
    "a number": (b"42\n", ":1: ", "a mapping (key: value) was expected"),
    "deep": (b"a: " + b"[" * 100_000, ":1: ", "more than 40 levels of nesting"),
    "deep by indentation": ("\n".join(" " * i + "a:" for i in range(300)).encode(), ":41: ", "more than 40 levels"),
    "deep keys": (b"? " * 5000 + b"a", ":1: ", "more than 40 levels of nesting"),
    "nested aliases": (
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nname: *c\n",
        ":1: ",
        "anchors and aliases (& and *) are not used",
    ),
    "unclosed quote": (b'name: "a\nb: 1\n', ":", "not valid YAML"),
    "many findings": (b"\n".join(b"key%d: 1" % i for i in range(2_000)), ":1: ", "'key0' is not a key here"),
    "null key": (b"~: 1\n", ":", "not"),
    "JSON": (b'{"name": "a", "title": "b",}', ":1: ", "neither the scenario nor its base says 'start'"),
}


@pytest.mark.parametrize("kind", ODD)
def test_files_that_are_not_what_they_should_be(kind, tmp_path):
    content, place, words = ODD[kind]
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    for command in ("check", "run"):
        done = padma(command, path)
        assert done.code == 2
        assert_four_parts(done.err, [words], f"{path}{place}")


def test_a_file_of_a_hundred_megabytes_is_not_even_read(tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.write(b"name: large\n")
        file.truncate(100_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for command in ("check", "run", "sweep"):
        done = padma(command, path)
        assert done.code == 2
        assert_four_parts(done.err, ["the file is larger than 2 MB"], f"{path}: ")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "kilobytes"


def test_paths_that_lead_nowhere(tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    long = "a" * 300 + ".yaml"
    for command, name, words in (
        ("check", "missing.yaml", "there is nothing here to check"),
        ("check", "empty", "no YAML file stands in this folder"),
        ("check", "folder.yaml", "no YAML file stands in this folder"),
        ("check", "pipe.yaml", "no ordinary file"),
        ("check", "loop.yaml", ""),
        ("check", long, "too long"),
        ("run", "missing.yaml", "cannot be read (No such file"),
        ("run", "folder.yaml", "this is a folder"),
        ("run", "empty", "is a folder"),
        ("run", "pipe.yaml", "no ordinary file"),
        ("run", "loop.yaml", ""),
        ("run", long, "too long"),
    ):
        done = padma(command, tmp_path / name)
        assert done.code == 2, (command, name, done)
        assert_four_parts(done.err, [words], str(tmp_path / name))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nobody can be kept out")
def test_a_file_without_permission(tmp_path):
    path = tmp_path / "closed.yaml"
    path.write_text("name: a\n")
    path.chmod(0)
    for command in ("check", "run"):
        done = padma(command, path)
        assert done.code == 2
        assert_four_parts(done.err, ["cannot be read (Permission denied)"], str(path))


# --- files that nobody thought of ------------------------------------------------------------------------------------

SAMPLES = [
    *(library.root() / name for name in ("bnp_government.yaml", "baseline.yaml", "sanctions_tighten.yaml", "issues.yaml")),
    *(library.root() / name for name in ("leaders/tarique_rahman.yaml", "states/china.yaml", "events/scenario_events.yaml")),
    *(library.root() / name for name in ("agenda.yaml", "parameters.yaml", "world/risk.yaml")),
]
SPICE = [
    *"{}[]:,-#&*!|>'\"%@`?\n\t ",
    "~",
    "null",
    "true",
    ".nan",
    "1e999",
    "2026-02-31",
    "- ",
    ": ",
    "\r",
    "\x00",
    "\u2028",
    "é",
]


@settings(max_examples=300, deadline=5000, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_slip_of_the_hand_makes_of_a_file_there_is_a_message(data, tmp_path):
    """Shipped files with a few random changes are right or get a message in four parts, within seconds."""
    sample = data.draw(st.sampled_from(SAMPLES))
    text = sample.read_text(encoding="utf-8")
    lines = text.splitlines()
    start = data.draw(st.integers(0, max(0, len(lines) - 60)))
    lines = lines[start : start + 60] if data.draw(st.booleans()) and sample.name != "parameters.yaml" else lines
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        cut = data.draw(st.integers(0, len(line)))
        match data.draw(st.sampled_from(("insert", "delete", "swap", "repeat", "value", "cut"))):
            case "insert":
                lines[at] = line[:cut] + data.draw(st.sampled_from(SPICE)) + line[cut:]
            case "delete":
                lines[at] = line[:cut] + line[cut + data.draw(st.integers(1, 4)) :]
            case "swap":
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "repeat":
                lines.insert(at, line)
            case "value":
                lines[at] = line.partition(":")[0] + ": " + data.draw(st.sampled_from(SPICE))
            case "cut":
                lines[at] = line[:cut]
    path = tmp_path / sample.name
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    for finding in check(path):
        if finding.problem:
            assert "Why it matters: " in finding.problem and "What to do: " in finding.problem, finding.problem


@settings(max_examples=100, deadline=5000, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        yamlfile.parse(text)
    except PadmaError as error:
        assert error.why and error.how and error.where


def test_what_is_written_reads_back():
    content = {
        "a": [
            1,
            2.5,
            None,
            True,
            "no",
            "2026-02-17",
            "1e3",
            "~",
            "",
            "x: y",
            "বাংলা",
            "nan",
            "1E-5",
            "0x1F",
            "1_0",
            "-",
            "# a",
            "a\nb",
        ],
        "b": {"1972": 0.1, "off": {}},
    }
    assert yamlfile.parse(yamlfile.write(content)).content == content


def test_every_schema_refuses_unknown_keys():
    models = [m for m in vars(schema).values() if isinstance(m, type) and issubclass(m, fields.Strict)]
    assert len(models) > 12
    for model in models:
        assert model.model_config["extra"] == "forbid" and model.model_config["frozen"]


@pytest.mark.parametrize("law", ["normal, mean: 1, sd: 3", "normal, mean: 1, sd: 0.3", "pooled, mean_sd: 1, spread_sd: 1"])
def test_a_law_that_could_draw_below_zero_is_no_law_of_what_cannot_be(law):
    text = (library.root() / "parameters.yaml").read_text(encoding="utf-8")
    was = "trade: {prior: {law: lognormal, median: 1, spread: 0.5}}"
    assert text.count(was) == 1
    with pytest.raises(PadmaError, match="is too wide"):
        priors.read(yamlfile.parse(text.replace(was, f"trade: {{prior: {{law: {law}}}}}"), "parameters.yaml"))


def test_only_a_sweep_writes_to_a_store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = padma("run", "bnp_government", "--runs", 2, "--out", "s3://bucket/x")
    assert done.code == 2 and "the address of a store" in done.err and not list(tmp_path.iterdir())


def test_an_empty_name_is_no_file():
    done = padma("check", "")
    assert done.code == 2 and "an empty name is no file" in done.err


@pytest.mark.parametrize(("option", "value", "says"), [("--workers", 0, "workers"), ("--scheduler", "nowhere", "tcp://")])
def test_a_dry_run_refuses_what_the_run_would_refuse(option, value, says, tmp_path):
    done = padma("sweep", "what_moves_defence_ties", "--out", tmp_path / "out", "--dry-run", option, value)
    assert done.code == 2 and says in done.err and not list(tmp_path.iterdir())
