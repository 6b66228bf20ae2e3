"""The door to calibration: it hands options over, says which extra is missing, and opens nothing before it is asked."""

import json
import subprocess
import sys

import pytest

from sim.cli import evidence
from tests.command import padma


class Spy:
    """Stands for a module of calibration; remembers what it was called with."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.words: list[str] = []

    def main(self, words: list[str]) -> int:
        self.words = words
        return self.code


@pytest.fixture
def spy(monkeypatch):
    made = Spy()
    monkeypatch.setattr(evidence, "import_module", lambda name: made)
    return made


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("calibrate", "--seed", 3, "--quick"), ["--seed=3", "--processes=2", "--quick"]),
        (("backtest", "--only", "forward", "--only", "placebo", "--json"), ["--only=forward", "--only=placebo", "--json"]),
        (("backtest", "--record", "mine"), ["--record=mine"]),
        (("claims", "peak_al", "--json"), ["peak_al", "--json"]),
        (("forecast", "--check", "--out", "there", "--json"), ["--check=there", "--json"]),
        (("forecast", "--check"), ["--check"]),
        (("forecast", "--out", "there"), ["--out=there"]),
    ],
)
def test_options_are_handed_over(spy, command, words):
    assert padma(*command).code == 0
    assert set(words) <= set(spy.words)


def test_the_exit_code_is_that_of_the_work(spy):
    spy.code = 1
    assert padma("calibrate").code == 1


def test_a_missing_extra_is_named(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'numpyro'", name="numpyro")

    monkeypatch.setattr(evidence, "import_module", missing)
    done = padma("calibrate")
    assert done.code == 1
    for word in ("numpyro", "is not installed", "pip install 'padma[calibrate]'"):
        assert word in done.err


def test_claims_are_one_json_document():
    done = padma("claims", "--json")
    assert done.code == 0, done.err
    claims = json.loads(done.out)
    assert len(claims) >= 24
    for claim in claims:
        assert {"id", "text", "source", "test", "verdict", "probability", "evidence"} <= set(claim)
        assert claim["verdict"] in ("supported", "mixed", "not supported", "cannot tell")


def test_help_opens_neither_jax_nor_calibration():
    code = (
        "import sys; sys.argv = ['padma', '--help']\n"
        "from sim.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('jax', 'numpyro', 'calibration', 'numpy')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip().endswith("[]")
