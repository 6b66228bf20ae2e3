"""Whether the tests notice when a rule or a score is wrong: ``make mutation``. Not a test of the suite.

    python -m tests.mutation [--only FILE] [--sample N] [--out FILE]

Changes one thing at a time inside a function (a sign, a number, a comparison, a name: the operators of mutmut 2) and runs the
quick tests of that file until one fails. A mutant that no test notices survives; each survivor is either no change of what is
computed, or a gap in the tests. Nothing on disk is touched: the changed text is executed in a process of its own, in the place
of the module that was imported, and what others imported from there is exchanged.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sim.rulebook import RULES

ROOT = Path(__file__).resolve().parents[1]
OF_RULES = ("tests/rules/test_worked_examples.py", "tests/rules/test_worked_steps.py", "tests/rules/test_all_rules.py")
FILES: dict[str, tuple[str, ...]] = {
    **{f"sim/rules/{p.name}": ("sim/rules", *OF_RULES) for p in sorted((ROOT / "sim/rules").glob("[a-z]*.py"))},
    "calibration/held_out/scores.py": ("calibration/held_out/scores.py", "tests/calibration/test_scores.py"),
    "calibration/model/targets.py": ("calibration/model/targets.py", "tests/calibration/test_targets.py"),
}
"""File -> the quick tests that are about it."""

LONGEST = 60
"""Seconds of computing after which a mutant counts as noticed: it does not end."""


def mutants(text: str) -> Iterator[tuple[str, int]]:
    """The text with one thing changed inside a function, once for each thing that mutmut knows how to change; and the line."""
    from mutmut import Context, list_mutations, mutate

    inside = {line for f in _functions(text) for line in range(f.body[0].lineno, (f.end_lineno or 0) + 1)}
    for change in list_mutations(Context(source=text)):
        if change.line_number + 1 in inside:
            yield mutate(Context(source=text, mutation_id=change))[0], change.line_number + 1


def _functions(text: str) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]


def exchange(module: ModuleType, text: str) -> None:
    """Execute a changed text in the place of a module, and hand the new objects to all who imported the old ones."""
    old = dict(vars(module))
    for name in [name for name, rule in RULES.items() if rule.function.__module__ == module.__name__]:
        del RULES[name]
    exec(compile(text, str(module.__file__), "exec", dont_inherit=True), vars(module))
    new = {id(value): vars(module)[name] for name, value in old.items() if getattr(value, "__module__", "") == module.__name__}
    for other in list(sys.modules.values()):
        for name, value in list(getattr(other, "__dict__", {}).items()):
            if id(value) in new:
                setattr(other, name, new[id(value)])


class Trials:
    """A plugin of pytest that runs the collected tests once for each mutant instead of once."""

    def __init__(self, name: str, sample: int, seed: int) -> None:
        self.name, self.text = name, (ROOT / name).read_text(encoding="utf-8")
        every = list(mutants(self.text))
        self.tried = random.Random(f"{seed} {name}").sample(every, min(sample, len(every))) if sample else every
        self.found: dict[str, Any] = {"mutants": len(every), "tried": len(self.tried), "survivors": [], "noticed": {}}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the text as it is, then every mutant."""
        if said := self.noticed_by(session, self.text, 0):
            raise pytest.UsageError(f"{self.name}: a test fails before anything is changed: {said}")
        for text, line in self.tried:
            said = self.noticed_by(session, text, line)
            before, after = self.text.splitlines()[line - 1].strip(), text.splitlines()[line - 1].strip()
            if said:
                self.found["noticed"][f"{line}: {after}"] = said
            else:
                self.found["survivors"].append([line, before, after])
                print(f"{self.name}:{line}\n  - {before}\n  + {after}", flush=True)
        return True

    def noticed_by(self, session: pytest.Session, text: str, line: int) -> str:
        """The first test that fails with the text in the place of the module, in a process of its own; '' where all pass."""
        reader, writer = os.pipe()
        if (child := os.fork()) == 0:
            try:
                os.write(writer, self._first_failure(session, text, line).encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            found = answer.read()
        os.waitpid(child, 0)
        return found.removesuffix("passed") if found else "does not end"

    def _first_failure(self, session: pytest.Session, text: str, line: int) -> str:
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        module = importlib.import_module(self.name.removesuffix(".py").replace("/", "."))
        try:
            exchange(module, text)
        except Exception as error:
            return f"on import: {type(error).__name__}"
        about = next((f.name for f in _functions(self.text) if f.lineno <= line <= (f.end_lineno or 0)), "?")
        items = sorted(session.items, key=lambda item: about not in item.nodeid)  # those that name it first: sooner done
        for item in items:
            if isinstance(item, pytest.DoctestItem) and item.dtest and item.dtest.filename == module.__file__:
                item.dtest.globs.update(vars(module))  # examples were collected with copies of the old names
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return item.nodeid
        return "passed"


def main() -> int:
    """Mutate and test; exit code 1 where a mutant survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="Do the tests notice a wrong rule?")
    parser.add_argument("--only", action="append", help="one file; may be repeated")
    parser.add_argument("--sample", type=int, default=0, help="mutants of each file, drawn at random (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--out", type=Path, help="where to put every mutant and the test that noticed it, as JSON")
    asked = parser.parse_args()
    os.chdir(ROOT)
    options = ["-q", "-s", "-n", "0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    found: dict[str, Any] = {}
    for name in asked.only or FILES:
        trials = Trials(name, asked.sample, asked.seed)
        if code := pytest.main([*options, *FILES[name]], plugins=[trials]):
            return int(code)
        found[name] = trials.found
        if asked.out:
            asked.out.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    print("\n| file | mutants | tried | noticed | survived |\n|---|---:|---:|---:|---:|")
    for name, row in found.items():
        lived = len(row["survivors"])
        print(f"| `{name}` | {row['mutants']} | {row['tried']} | {row['tried'] - lived} | {lived} |")
    used = os.times()
    print(f"\n{used.user + used.system + used.children_user + used.children_system:.0f} seconds of computing.")
    return int(any(row["survivors"] for row in found.values()))


if __name__ == "__main__":
    raise SystemExit(main())
