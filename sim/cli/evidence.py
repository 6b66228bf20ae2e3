"""Commands that hold the model against the record. Part of the door: the work is done by ``calibration``, opened on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AsJson, Seed
from sim.errors import InputError, PadmaError
from sim.files import alone
from sim.folders import check_writable

MAX_SEED = 10**9
"""Less than a simulation takes: a chain is numbered from a thousand times the seed."""

if TYPE_CHECKING:
    from sim.redraw import Wish

Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for what is made.")]
Workers = Annotated[int, typer.Option("--workers", metavar="N", help="Processes at the same time.")]
Quick = Annotated[bool, typer.Option("--quick", help="Short chains, to see whether it runs.")]
Record = Annotated[
    Path | None, typer.Option("--record", metavar="DIR", help="Another record, in the format of calibration/data.")
]


def calibrate(out: Out = None, seed: Seed = 1, workers: Workers = 2, quick: Quick = False) -> None:
    """Fit the parameters to the record; write a versioned posterior and its card."""
    with _working(Path("results/calibration"), seed, workers, out):
        _hand_over("calibration.fit", {"--out": out, "--seed": seed, "--processes": workers, "--quick": quick})


def backtest(
    record: Record = None,
    out: Out = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="PART", help="One part of it; may be repeated.")] = None,
    seed: Seed = 1,
    workers: Workers = 2,
    quick: Quick = False,
    as_json: AsJson = False,
) -> None:
    """Held-out regimes and rolling origins: scores against the named baselines."""
    options = {"--record": record, "--out": out, "--only": only, "--seed": seed, "--workers": workers}
    with _working(out or Path("results/backtest"), seed, workers, out):
        _hand_over("calibration.backtest", options | {"--quick": quick, "--json": as_json})


def claims(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Only these claims.")] = None,
    as_json: AsJson = False,
) -> None:
    """What the two source texts claim, as tests: verdict, probability, evidence."""
    _hand_over("calibration.claims", {"--json": as_json}, ids or [])


def forecast(
    out: Out = None,
    check: Annotated[bool, typer.Option("--check", help="Has the sealed forecast been changed?")] = False,
    as_json: AsJson = False,
) -> None:
    """The registered forecast from 2024-08-04: make it once, or check its seal."""
    _hand_over("calibration.forecast", ({"--check": out or True} if check else {"--out": out}) | {"--json": as_json})


@contextmanager
def _working(place: Path, seed: int, workers: int, out: Path | None) -> Iterator[None]:
    """Refuse what can be refused before a fit begins, and keep other processes out of the place where it works."""
    from sim.run import check_workers

    if not 0 <= seed <= MAX_SEED:
        why, how = "chains are numbered from it.", f"choose a whole number from 0 to {MAX_SEED}."
        raise InputError(f"the seed is {seed}", where="--seed", why=why, how=how)
    check_workers(workers)
    check_writable(out or place)
    with alone(place):
        if out:
            out.mkdir(parents=True, exist_ok=True)  # some places refuse only then
        yield


def is_evidence(folder: Path) -> bool:
    """Whether a folder holds a back-test or a posterior."""
    return (folder / "backtest.json").is_file() or (folder / "card.json").is_file()


def draw_evidence(folder: Path, wish: Wish) -> list[Path]:
    """Draw figures of a back-test or of a posterior against its priors.

    Raises
    ------
    InputError : a kind, format or size that is not there
    """
    found: list[Path] = import_module("calibration.evidence_figures").redraw(folder, wish)
    return found


def _hand_over(module: str, options: dict[str, Any], names: list[str] | None = None) -> None:
    """Call the ``main`` of a module with options; those not given keep its own defaults."""
    words = list(names or [])
    for option, value in options.items():
        if value is True:
            words.append(option)
        elif value not in (None, False):
            for one in value if isinstance(value, list) else [value]:
                words.append(f"{option}={one}")
    with _installed():
        code = import_module(module).main(words)
    if code:
        raise typer.Exit(code)


@contextmanager
def _installed() -> Iterator[None]:
    """Say which extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise PadmaError(
            f"the library '{error.name}' is not installed",
            why="fitting the model needs libraries that running it does not.",
            how="install them with: pip install 'padma[calibrate]'  (in a checkout: pip install -e '.[calibrate]')",
        ) from error
