"""The rooms of the house: who may import whom, read off the syntax trees, so that nothing hides.

Every module says in its docstring on which floor it stands ("Floor 3."); a package says it for its members.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

SIM = Path(__file__).resolve().parents[2] / "sim"
FILES = {".".join(p.relative_to(SIM.parent).with_suffix("").parts): p for p in sorted(SIM.rglob("*.py"))}
FILES = {name.removesuffix(".__init__"): path for name, path in FILES.items()}
MODULES = sorted(FILES)

FLOORS = {
    0: "axes errors yamlfile quarters",
    1: "codebook rulebook shocks words",
    2: "rules rules.system rules.perception rules.decision rules.domestic rules.implementation rules.turn",
    3: "schema library scenario priors world",
    4: "engine agents",
    5: "measures history summary run",
    6: "plots handout report deck",
    7: "cli",
}
"""The founding rooms. New modules state their floor in their docstring; these may not move."""

QUARANTINE = {
    "mesa": ("sim.agents", "sim.explorer"),
    "matplotlib": ("sim.plots",),
    "yaml": ("sim.yamlfile",),
    "jax": (),
    "numpyro": (),
    "ctypes": ("sim.compiled",),
    "dask": ("sim.sweep.cluster",),
    "distributed": ("sim.sweep.cluster",),
    "fsspec": ("sim.sweep.places",),
    "jinja2": ("sim.report",),
    "pptx": ("sim.deck",),
    "starlette": ("sim.explorer",),
    "uvicorn": ("sim.explorer.serve",),
}
"""Library -> the only modules (or packages) that may import it, at the top, inside a function or for types."""

LONGEST = 350


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """Full names of everything a module imports, wherever the statement stands."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively (line {node.lineno}): write the full name"
            for alias in node.names:
                member = f"{node.module}.{alias.name}"
                found.add(member if member in FILES else str(node.module))
    return frozenset(found)


def inner(module: str) -> set[str]:
    """Modules of sim that a module imports."""
    return {name for name in imports(module) if name in FILES and name not in ("sim", module)}


@cache
def floor(module: str) -> int:
    """The floor a module says it stands on, or the one of its package."""
    match = re.search(r"\bFloor (\d)\b", ast.get_docstring(tree(module)) or "")
    if match:
        return int(match[1])
    package = module.rpartition(".")[0]
    assert package not in ("", "sim"), f"{module} does not say 'Floor N.' in its docstring"
    return floor(package)


ROOMS = [m for m in MODULES if m != "sim"]


# --- floors ---------------------------------------------------------------------------------------------------------


def test_there_is_something_to_look_at():
    assert {"sim.axes", "sim.rules.turn", "sim.engine"} <= set(MODULES)
    assert inner("sim.engine") >= {"sim.rulebook", "sim.world", "sim.rules.turn"}


@pytest.mark.parametrize("number", FLOORS)
def test_founding_rooms_stay_on_their_floor(number):
    for name in FLOORS[number].split():
        assert floor(f"sim.{name}") == number, name


@pytest.mark.parametrize("module", ROOMS)
def test_imports_go_downward_or_stay(module):
    for other in inner(module):
        assert floor(other) <= floor(module), f"{module} (floor {floor(module)}) imports {other} (floor {floor(other)})"


def test_the_two_executors_do_not_know_each_other():
    assert "sim.agents" not in inner("sim.engine")
    assert "sim.engine" not in inner("sim.agents")


def test_nothing_imports_in_a_circle():
    """Modules are taken away while they import nothing that is left; what cannot be taken away is a circle."""
    left = {m: inner(m) for m in ROOMS}
    while free := [m for m, needs in left.items() if not needs & set(left)]:
        for module in free:
            del left[module]
    assert not left, f"in a circle: {sorted(left)}"


def test_nothing_of_the_calibration_imports_in_a_circle():
    """The same for what its modules import when they are loaded; what they import for types alone loads nothing."""
    folder = SIM.parent / "calibration"
    files = {".".join(p.relative_to(SIM.parent).with_suffix("").parts): p for p in folder.rglob("*.py")}
    left = {}
    for name, path in files.items():
        body = [n for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.ImportFrom)]
        wanted = {f"{n.module}.{alias.name}" for n in body for alias in n.names} | {n.module for n in body}
        left[name] = wanted & set(files) - {name}
    assert left["calibration.fit"] >= {"calibration.processes", "calibration.model.core"}
    while free := [m for m, needs in left.items() if not needs & set(left)]:
        for module in free:
            del left[module]
    assert not left, f"in a circle: {sorted(left)}"


@pytest.mark.parametrize("module", [m for m in ROOMS if m.startswith("sim.rules.")])
def test_rules_import_array_functions_and_the_decorator_only(module):
    allowed = {"sim.axes", "sim.rulebook"} | ({"sim.rules"} if module == "sim.rules.turn" else set())
    assert imports(module) <= allowed


@pytest.mark.parametrize("module", [m for m in ROOMS if floor(m) == 6])
def test_what_shows_results_never_computes_them(module):
    forbidden = {"sim.engine", "sim.agents", "sim.world"}
    if module.startswith("sim.plots"):
        forbidden |= {"sim.priors", "sim.rulebook", "sim.scenario", "sim.library", "sim.history"}
    assert not inner(module) & forbidden


# --- quarantines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", QUARANTINE)
def test_a_heavy_library_stays_in_its_room(library):
    for module in MODULES:
        if any(name.split(".")[0] == library for name in imports(module)):
            assert module.startswith(tuple(QUARANTINE[library]) or ("nowhere",)), f"{module} imports {library}"


def test_sim_never_imports_what_is_built_on_it():
    """Nor does the door: it opens ``calibration`` by name, when a command asks for it."""
    for module in MODULES:
        assert not {name.split(".")[0] for name in imports(module)} & {
            "calibration",
            "tests",
            "scenarios",
            "results",
        }, module


def test_chance_comes_from_shocks_only():
    """No random generator elsewhere: not Python's, not NumPy's, not SciPy's, nor the clock or the system's entropy."""
    for module in MODULES:
        if module == "sim.shocks":
            continue
        roots = {name for name in imports(module) if re.match(r"(random|secrets|uuid|numpy\.random|scipy\.stats\.qmc)\b", name)}
        assert not roots, f"{module} imports {roots}"
        for node in ast.walk(tree(module)):
            drawn = isinstance(node, ast.Attribute) and node.attr in (
                "random",
                "default_rng",
                "RandomState",
                "rvs",
                "urandom",
            )
            assert not drawn, f"{module} draws on line {node.lineno}"


def test_the_theory_reads_no_files_and_knows_no_country():
    """Content is not engine: codes of states stand in scenarios/, except where Bangladesh is asked about by default."""
    for module in [
        "sim.engine",
        "sim.agents",
        "sim.rulebook",
        "sim.codebook",
        "sim.axes",
        *(m for m in ROOMS if m.startswith("sim.rules")),
    ]:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and not _is_docstring(module, node):
                known = (node.value == "RUS" and module == "sim.agents") or node.value not in (
                    "BGD",
                    "RUS",
                    "IND",
                    "CHN",
                    "USA",
                )
                assert known, f"{module} names {node.value} on line {node.lineno}"


def _is_docstring(module: str, constant: ast.Constant) -> bool:
    return any(isinstance(n, ast.Expr) and n.value is constant for n in ast.walk(tree(module)))


HEAVY = (
    *("mesa", "matplotlib", "dask", "distributed", "fsspec", "SALib", "sklearn"),
    *("jax", "xarray", "pandas", "zarr", "numpyro", "solara", "pptx", "jinja2", "starlette", "uvicorn"),
)


@pytest.mark.parametrize(
    "statement", ["import sim", "import sim.engine, sim.scenario, sim.world, sim.priors", "import sim.cli"]
)
def test_importing_is_light(statement):
    """Each optional or heavy library is imported where it is used."""
    code = f"import sys; {statement}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SIM.parent, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


# --- size and manners -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_no_file_outgrows_a_reader(module):
    lines = len(FILES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"{lines} lines: is this still one thing?"


@pytest.mark.parametrize("module", ROOMS)
def test_every_module_says_what_it_is_for(module):
    docstring = ast.get_docstring(tree(module)) or ""
    assert len(docstring) > 20, module
    assert docstring[0].isupper() or docstring[0].isdigit()


def test_public_functions_and_classes_say_what_they_do():
    silent = [f"{module}.{node.name}" for module in MODULES for node in _public(tree(module)) if not ast.get_docstring(node)]
    assert not silent, silent


def _public(node: ast.Module | ast.ClassDef) -> list[ast.FunctionDef | ast.ClassDef]:
    """Functions and classes a user can reach by public names, methods included."""
    found = []
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            found += [child, *(_public(child) if isinstance(child, ast.ClassDef) else [])]
    return found
