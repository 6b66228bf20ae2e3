"""Nothing that padma reads is ever executed: not YAML, not a results folder; and nothing is loaded by pickle."""

from __future__ import annotations

import ast
import json
import os
import pickle
import shutil
from functools import cache
from pathlib import Path

import pytest

from sim import provenance, stores
from tests.command import SMALL, padma

ROOT = Path(__file__).resolve().parents[2]
FILES = [path for folder in ("sim", "calibration") for path in sorted((ROOT / folder).rglob("*.py"))]
EXECUTES = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("yaml.load", "yaml.unsafe_load", "yaml.full_load", "pd.read_pickle"),
}
"""Calls that execute text or unpickle."""

CHOOSES = {"sim/__init__.py", "sim/cli/jobs.py", "sim/cli/evidence.py", "calibration/backtest.py"}
"""Where a module is imported by a name from a constant table of the same file, never from a file or an option."""

FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "telnetlib", "xmlrpc"}
"""Libraries that turn a file or a socket into a running program."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call as (name as written, node)."""
    return [(ast.unparse(node.func), node) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def given(node: ast.Call, name: str) -> str:
    """An argument of a call, as written."""
    return next((ast.unparse(word.value) for word in node.keywords if word.arg == name), "")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_code_that_executes_what_it_reads(path):
    for node in ast.walk(tree(path)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        assert not {name.split(".")[0] for name in names} & FORBIDDEN, f"line {node.lineno}"
        if isinstance(node, ast.ImportFrom) and node.module in ("os", "subprocess", "builtins"):
            assert not {a.name for a in node.names} & {"system", "popen", "exec", "eval", "getoutput"}, f"line {node.lineno}"
    for name, node in calls(path):
        where = f"{path.name}:{node.lineno}: {name}"
        assert name not in EXECUTES and not name.startswith(("os.exec", "os.spawn", "os.posix_spawn")), where
        assert given(node, "shell") in ("", "False"), where
        assert given(node, "allow_pickle") in ("", "False"), where
        assert name not in ("np.load", "numpy.load") or given(node, "allow_pickle") == "False", (
            f"{where}: say that it loads no pickle"
        )
        if name == "import_module" and not is_text(node.args[0]):
            assert path.relative_to(ROOT).as_posix() in CHOOSES, where


NETWORK = {
    *("socket", "socketserver", "ssl", "ftplib", "smtplib", "poplib", "imaplib", "nntplib", "urllib.request", "http.client"),
    *("http.server", "requests", "httpx", "aiohttp", "paramiko", "boto3", "s3fs", "webbrowser"),
    *("uvicorn", "fsspec", "distributed", "dask.distributed"),
}
"""Libraries that open connections."""

CONNECTS = {"sim/explorer/serve.py", "sim/sweep/places.py", "sim/sweep/cluster.py"}
"""Where padma is asked to: a page for this machine's browser, a store elsewhere, workers and schedulers."""


def test_connections_are_opened_only_where_they_are_asked_for():
    """What results/reference/audit.md says; that they are not opened unasked is for tests/cli/test_places.py."""
    found = set()
    for path in FILES:
        named = [a.name for node in ast.walk(tree(path)) if isinstance(node, ast.Import) for a in node.names]
        for node in (n for n in ast.walk(tree(path)) if isinstance(n, ast.ImportFrom)):
            named += [str(node.module), *(f"{node.module}.{a.name}" for a in node.names)]
        named += [ast.literal_eval(n.args[0]) for name, n in calls(path) if name == "import_module" and is_text(n.args[0])]
        if {part for name in named for part in (name, name.split(".")[0])} & NETWORK:
            found.add(path.relative_to(ROOT).as_posix())
    assert found == CONNECTS


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("results") / "held"
    assert padma("run", "bnp_government", "--runs", 4, *SMALL, "--quiet", "--out", out).code == 0
    return out


class Bomb:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self.mark}'",)


CARDS = {
    "an object": {"dtype": "|O", "filters": [{"id": "pickle"}], "compressor": None, "fill_value": None},
    "a filter": {"filters": [{"id": "pickle"}], "compressor": None},
    "a second filter": {"filters": [{"id": "vlen-utf8"}, {"id": "pickle"}], "compressor": None},
    "a compressor": {"filters": None, "compressor": {"id": "pickle"}},
    "rubbish": {"dtype": 7},
}


@pytest.mark.parametrize("kind", [*CARDS, "another format"])
def test_a_results_folder_that_brings_a_program_is_refused(kind, results, tmp_path):
    """With checksums that agree, for whoever makes such a folder makes them too."""
    folder, mark = shutil.copytree(results, tmp_path / "folder"), tmp_path / "mark"
    store = folder / "history.zarr" / "cooperation"
    card = json.loads((store / ".zarray").read_text())
    for chunk in store.iterdir():
        if not chunk.name.startswith("."):
            chunk.write_bytes(pickle.dumps(Bomb(mark)))
    if kind == "another format":
        (store / "zarr.json").write_text('{"zarr_format": 3, "node_type": "array"}')
    else:
        (store / ".zarray").write_text(json.dumps(card | CARDS[kind]))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["store"] = stores.store_sums(folder)
    (folder / "manifest.json").write_bytes(provenance.as_file(manifest))
    for command in (("check",), ("figure",), ("export", "--to", "netcdf"), ("explain",), ("cite",)):
        done = padma(command[0], folder, *command[1:])
        assert done.code == 2 and "asks for a way of unpacking that padma does not use" in done.err, (command, done)
        assert not mark.exists()


def test_the_bomb_would_go_off(tmp_path):
    """What the test above waits for does happen when somebody unpickles it."""
    pickle.loads(pickle.dumps(Bomb(tmp_path / "mark")))
    assert (tmp_path / "mark").exists()


TAGS = (
    "!!python/object/apply:os.system ['touch {mark}']",
    "!!python/name:os.system",
    "!!python/object/new:os.system ['touch {mark}']",
    "!!python/module:os",
    "!include /etc/passwd",
)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("command", ["check", "run", "sweep"])
def test_a_tag_is_refused_and_nothing_runs(tag, command, tmp_path):
    path = tmp_path / "file.yaml"
    path.write_text(f"name: example\ntitle: A\nbased_on: baseline\nnote: {tag.format(mark=tmp_path / 'mark')}\n")
    done = padma(command, path)
    assert done.code == 2 and "the tag " in done.err and f"{path}:4: " in done.err
    assert not (tmp_path / "mark").exists()


def test_markup_in_names_is_text_in_every_output(tmp_path):
    """A title that would be a program in a page, a shell or a format string comes out as it went in."""
    title = "<script>alert(1)</script> $(touch mark) {0.__class__} %n ${x} `touch mark` [bold]x[/bold]"
    path = tmp_path / "file.yaml"
    path.write_text(f"name: example\ntitle: '{title}'\nbased_on: baseline\n")
    done = padma("run", path, "--runs", 40, *SMALL[1:], "--out", tmp_path / "out")
    assert done.code == 0, done
    assert title in " ".join(done.out.split()) and not (tmp_path / "mark").exists()
    drawn = (tmp_path / "out" / "figures").rglob("*.svg")
    assert all("<script" not in svg.read_text(encoding="utf-8") for svg in drawn)
    assert title in (tmp_path / "out" / "scenario.yaml").read_text(encoding="utf-8").replace("\n ", "")
