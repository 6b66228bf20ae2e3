"""Docstrings of everything public: there, in sentences, and saying which shapes, units, errors and sources a reader needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from sim.rulebook import RULES
from tests.architecture.test_floors import MODULES, SIM, tree

OWN_ERRORS = {"InputError", "PadmaError", "TooFewRuns"}
HELP = re.compile(r"sim\.cli\b")
"""Commands: their docstring is what ``--help`` prints."""

SHAPE = re.compile(r"\b[Aa]rrays?\b|\b[Ff]rames?\b|\((\w+|\.\.\.),|:(func|class):`")
"""A shape by its axes, the word for one with fixed axes, or another function that says it."""


class Public(NamedTuple):
    """Something public of a module."""

    where: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    module: str
    words: str

    @property
    def signature(self) -> str:
        assert not isinstance(self.node, ast.ClassDef)
        annotated = [a.annotation for a in (*self.node.args.args, *self.node.args.kwonlyargs)]
        return " | ".join(ast.unparse(part) for part in [*annotated, self.node.returns] if part)


def public(module: str, whole: ast.Module | None = None) -> Iterator[Public]:
    """Public functions, classes and methods of a module of sim, or of a syntax tree; the inside of a function is its own."""

    def visit(body: list[ast.stmt], prefix: str) -> Iterator[Public]:
        for node in body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            yield Public(f"{module}.{prefix}{node.name}", node, module, ast.get_docstring(node) or "")
            if isinstance(node, ast.ClassDef):
                yield from visit(node.body, f"{prefix}{node.name}.")

    yield from visit((whole or tree(module)).body, "")


EVERYTHING = [found for module in MODULES for found in public(module)]
FUNCTIONS = [found for found in EVERYTHING if not isinstance(found.node, ast.ClassDef)]


def test_there_is_something_to_read():
    assert len(FUNCTIONS) > 400 and {"sim.engine.turn", "sim.summary.Context"} <= {found.where for found in EVERYTHING}


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module):
    assert len((ast.get_docstring(tree(module)) or "").split()) >= 5


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_has_a_docstring_that_begins_with_a_sentence(module):
    for found in public(module):
        first = found.words.split("\n\n")[0].strip()
        assert first, f"{found.where} has no docstring"
        assert not first[0].islower() or module == "sim.axes", f"{found.where}: begin with a capital: {first!r}"
        assert first[-1] in ".:?`)", f"{found.where}: end the first sentence: {first!r}"


def raised(node: ast.AST) -> set[str]:
    """Errors of padma that a function raises in its own lines, those of functions inside it left out."""
    inner = [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef) and n is not node]
    apart = {id(n) for function in inner for n in ast.walk(function)}
    calls = [n.exc for n in ast.walk(node) if isinstance(n, ast.Raise) and id(n) not in apart]
    return {call.func.id for call in calls if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)} & OWN_ERRORS


CALIBRATION = sorted((SIM.parent / "calibration").rglob("*.py"))


@pytest.mark.parametrize("path", CALIBRATION, ids=lambda path: path.relative_to(SIM.parent).as_posix())
def test_everything_public_of_the_calibration_has_a_docstring(path):
    whole = ast.parse(path.read_text(encoding="utf-8"))
    bare = [found.where for found in public(path.stem, whole) if not found.words.strip()]
    assert ast.get_docstring(whole) and not bare, f"no docstring: {bare or path.stem}"
    for found in public(path.stem, whole):
        told = found.words.partition("Raises\n------")[2]
        assert all(error in told for error in raised(found.node)), f"{found.where} does not say what it raises"
        if isinstance(found.node, ast.FunctionDef) and handles_arrays(found):
            assert SHAPE.search(found.words), f"{found.where} says no shape: {found.signature}"


@pytest.mark.parametrize("found", [f for f in FUNCTIONS if not HELP.match(f.module)], ids=lambda f: f.where)
def test_what_a_function_refuses_stands_in_its_docstring(found):
    if "Every function here raises" in (ast.get_docstring(tree(found.module)) or "") or "or a message" in found.words:
        return
    for error in raised(found.node):
        assert "Raises\n------" in found.words, f"{found.where} raises {error} and does not say so"
        assert error in found.words.split("Raises\n------")[1], f"{found.where}: say when it raises {error}"


def handles_arrays(found: Public) -> bool:
    bare = re.sub(r"Callable\[\[.*?\], .*?\]+", "", found.signature)
    return bool(re.search(r"\b(NDArray|Floats|Array)\b", bare))


@pytest.mark.parametrize("found", [f for f in FUNCTIONS if handles_arrays(f)], ids=lambda f: f.where)
def test_who_takes_or_gives_arrays_says_their_shape(found):
    """Rules say it by annotation; the vocabulary of ``sim.axes`` works number by number, whatever the shape."""
    if not found.module.startswith("sim.rules") and found.module != "sim.axes":
        assert SHAPE.search(found.words), f"{found.where} says no shape: {found.signature}"


@pytest.mark.parametrize("rule", RULES)
def test_rules_say_their_unit_and_cite_their_source(rule):
    assert re.search(r"^Units: \S", (RULES[rule].function.__doc__ or "").replace("    ", ""), re.MULTILINE)
    assert RULES[rule].source


def test_the_tests_can_fail():
    """On a module that does all of it wrong."""
    text = "def f(x: Array) -> None:\n    'double it'\n    raise InputError('no')\n"
    node = ast.parse(text).body[0]
    wrong = Public("m.f", node, "m", ast.get_docstring(node))
    assert not next(public("m", ast.parse("def f(): ..."))).words
    assert raised(node) == {"InputError"} and handles_arrays(wrong) and not SHAPE.search(wrong.words)
    with pytest.raises(AssertionError, match="does not say so"):
        test_what_a_function_refuses_stands_in_its_docstring(wrong._replace(module="sim.run"))
