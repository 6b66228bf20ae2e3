"""One suite for all rules, present and future: what a rule must be before anybody argues about what it says."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

import numpy as np
import pytest

import sim.axes
from sim import library
from sim.axes import AXES, PartnerThird, PerDyad, PerDyadIssue, PerState, PerThird, mean_over, sum_over
from sim.codebook import codebook
from sim.errors import PadmaError
from sim.rulebook import RULES, Rule, ShapeError, bind, rule
from sim.rules.turn import CARRIED, PHASES

ALL = pytest.mark.parametrize("name", sorted(RULES))
SEEDS = range(4)


def arguments(rule: Rule, board: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the rule is handed: frames turned as its argument names ask."""
    return {a.name: board[a.variable] if a.turn is None else board[a.variable].transpose(a.turn) for a in rule.arguments}


def evaluate(rule: Rule, board: dict[str, np.ndarray], lengths: dict[str, int]) -> np.ndarray:
    return bind(rule, lambda name, turn: board[name] if turn is None else board[name].transpose(turn), lengths)


# --- what it computes -----------------------------------------------------------------------------------------------


@ALL
def test_same_inputs_give_the_same_output_and_stay_as_they_were(name, board):
    """The board is read-only, so that writing into an argument fails loudly."""
    given = arguments(RULES[name], board(1))
    before = {key: value.copy() for key, value in given.items()}
    first = RULES[name].function(**given)
    second = RULES[name].function(**given)
    assert np.array_equal(first, second)
    assert all(np.array_equal(given[key], before[key]) for key in given)


@ALL
def test_many_runs_at_once_are_the_single_runs_stacked(name, board, lengths):
    many = board(2, runs=17)
    result = evaluate(RULES[name], many, lengths)
    for run in range(17):
        single = {key: value[..., run : run + 1] if value.shape[-1] > 1 else value for key, value in many.items()}
        assert np.array_equal(evaluate(RULES[name], single, lengths)[..., 0], result[..., run if result.shape[-1] > 1 else 0])


@ALL
@pytest.mark.parametrize("runs", [1, 3])
def test_the_result_lies_on_the_promised_axes(name, runs, board, lengths):
    result = evaluate(RULES[name], board(3, runs=runs), lengths)
    promised = [lengths[axis] if axis in RULES[name].axes else 1 for axis in AXES[:-1]]
    assert list(result.shape[:-1]) == promised
    assert result.shape[-1] in (1, runs)
    assert codebook()[name].axes == RULES[name].axes


@ALL
def test_the_result_is_finite_and_within_the_codebook_range(name, board, lengths):
    low, high = codebook()[name].range
    if name.startswith("next_"):
        carried = codebook()[name.removeprefix("next_")].range
        low, high = max(low, carried[0]), min(high, carried[1])
    for seed in SEEDS:
        result = evaluate(RULES[name], board(10 + seed, runs=40), lengths)
        assert np.isfinite(result).all()
        assert low <= result.min() and result.max() <= high


# --- what it claims -------------------------------------------------------------------------------------------------

CLAIM = re.compile(r"(rises|falls) with (\w+)(?: when (\w+) is (positive|zero|negative))?|is zero when (\w+) is zero")
CLAIMS = [(name, claim) for name in sorted(RULES) for claim in RULES[name].claims]


def check_claim(rule: Rule, claim: str, board: dict[str, np.ndarray]) -> bool:
    """Raise AssertionError if the claim is false on this board; say whether anything moved at all.

    ``rises with x``: where every entry of x rises by the same amount, no entry of the result falls.
    """
    match = CLAIM.fullmatch(claim)
    assert match, f"'{claim}' is not of the form 'rises with x', 'falls with x when y is positive' or 'is zero when y is zero'"
    direction, moved, condition, sign, zero = match.groups()
    given = arguments(rule, board)
    for argument in (moved, condition, zero):
        assert argument is None or argument in given, f"'{argument}' is not an argument of '{rule.name}'"
    if zero:
        result = rule.function(**given | {zero: np.zeros_like(given[zero])})
        assert (result == 0).all()
        return True
    if condition:
        size = np.abs(given[condition])
        given[condition] = {"positive": size, "negative": -size, "zero": 0.0 * size}[sign]
    lower, higher = apart(rule, moved, given[moved])
    difference = rule.function(**given | {moved: higher}) - rule.function(**given | {moved: lower})
    difference = difference if direction == "rises" else -difference
    assert difference.min() >= -1e-9, f"'{claim}' fails for '{rule.name}'"
    return bool(difference.max() > 1e-9)


def apart(rule: Rule, argument: str, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two versions of an argument inside its range, the second higher by a tenth of the range everywhere."""
    variable = codebook()[next(a.variable for a in rule.arguments if a.name == argument)]
    if variable.unit in ("0 or 1", "-1 or 1", "-1, 0 or 1"):
        return np.zeros_like(value), np.ones_like(value)
    low, high = (0.0, 1.0) if variable.law == "uniform" else variable.range
    low, high = (low if np.isfinite(low) else -4.0), (high if np.isfinite(high) else 4.0)
    lower = low + 0.9 * (value - low)
    return lower, lower + 0.1 * (high - low)


@pytest.mark.parametrize(("name", "claim"), CLAIMS, ids=[f"{n}: {c}" for n, c in CLAIMS])
def test_what_a_rule_claims_is_true(name, claim, board):
    assert any([check_claim(RULES[name], claim, board(20 + seed, runs=10)) for seed in SEEDS]), "nothing moved at all"


@ALL
def test_every_rule_claims_something(name):
    assert RULES[name].claims or len(RULES[name].arguments) == 0


def test_false_claims_are_noticed(board):
    """The check itself can fail: a wrong direction, an unknown argument, a sentence it cannot read."""
    for claim in ("falls with hostility", "rises with clarity", "grows with hostility"):
        with pytest.raises(AssertionError):
            check_claim(RULES["threat"], claim, board(20))
    assert not check_claim(RULES["pull"], "rises with counterweight", board(20) | {"power": np.zeros((5, 1, 1, 1, 1, 1, 1))})


# --- a wrong fold is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", [1, 1000])
def test_a_sum_over_the_wrong_axis_is_refused_however_many_runs(runs, board, lengths, monkeypatch):
    for name in ("warmth", "counterweight"):
        monkeypatch.setitem(RULES, name, RULES[name])  # put back afterwards

    @rule(source="goldstein-freeman1990")
    def warmth(stance: PerDyadIssue, norm: PerDyadIssue) -> PerDyad:
        """Folds partners where issue areas were meant."""
        return mean_over(stance - norm, "partner")

    @rule(source="walt1987")
    def counterweight(other_third_rivalry: PartnerThird, third_threat: PerThird) -> PerDyad:
        """Folds partners where third states were meant: both axes are equally long."""
        return sum_over(other_third_rivalry * third_threat, "partner")

    values = board(4, runs=runs)
    for bad in ("warmth", "counterweight"):
        with pytest.raises(ShapeError, match=f"'{bad}' returned length"):
            evaluate(RULES[bad], values, lengths)


def test_the_wrong_rules_above_are_gone():
    assert RULES["warmth"].function.__module__ == "sim.rules.decision"
    assert RULES["counterweight"].function.__module__ == "sim.rules.system"


def test_annotations_that_contradict_the_codebook_are_refused():
    before = dict(RULES)
    with pytest.raises(PadmaError, match="seen from there"):

        @rule(source="walt1987")
        def threat(hostility: PerState) -> PerDyad:
            """Hostility lies on dyads."""
            return hostility

    with pytest.raises(PadmaError, match="not in the codebook"):

        @rule(source="walt1987")
        def pull(hostillity: PerDyad) -> PerDyad:
            """There is no such variable."""
            return hostillity

    with pytest.raises(PadmaError, match="the codebook says"):

        @rule(source="walt1987")
        def wish(hostility: PerDyad) -> PerDyad:
            """A wish varies by issue area."""
            return hostility

    assert before == RULES


# --- how it is written ----------------------------------------------------------------------------------------------


def tree(name: str) -> ast.FunctionDef:
    """Syntax tree of a rule."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(RULES[name].function))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    return definition


@ALL
def test_the_body_is_docstring_assignments_and_return(name):
    docstring, *body = tree(name).body
    assert isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant)
    assert all(isinstance(statement, ast.Assign) for statement in body[:-1])
    assert isinstance(body[-1], ast.Return)
    forbidden = (
        ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.With, ast.comprehension, ast.Lambda, ast.Global,
        ast.Subscript, ast.Attribute, ast.Compare, ast.BoolOp, ast.NamedExpr, ast.Await, ast.Yield,
    )  # fmt: skip
    allowed_comparisons = {"vote", "act_done"}  # a draw against a probability
    for node in (inner for statement in body for inner in ast.walk(statement)):
        if isinstance(node, ast.Compare) and name in allowed_comparisons:
            continue
        assert not isinstance(node, forbidden), f"{type(node).__name__} on line {node.lineno} of '{name}'"


@ALL
def test_the_body_uses_array_functions_and_its_own_arguments_only(name):
    definition = tree(name)
    known = {argument.arg for argument in definition.args.args}
    for statement in definition.body[1:]:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in known:
                function = getattr(sim.axes, node.id, None)
                assert inspect.isfunction(function), f"'{name}' uses '{node.id}', neither argument nor array function"
        known |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


@ALL
def test_no_unsourced_number_stands_in_a_rule(name):
    numbers = [
        node.value
        for statement in tree(name).body[1:]
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant) and not isinstance(node.value, str)
    ]
    assert set(numbers) <= {0, 1, 2, 3, 0.5}, "a number with a meaning belongs in the codebook, with its source"


@ALL
def test_the_docstring_says_what_it_is_in_a_sentence_and_in_units(name):
    text = inspect.getdoc(RULES[name].function) or ""
    first = text.split("\n\n")[0]
    assert first[0].isupper() or re.match(r"R\d", first)
    assert first.rstrip().endswith("."), "the first paragraph is a sentence"
    assert re.search(r"^Units: \S", text, flags=re.MULTILINE)


@ALL
def test_the_idea_has_a_source_card(name):
    assert library.source_key(RULES[name].source) in library.sources()


@ALL
def test_the_decorator_returns_the_function_untouched(name):
    function = RULES[name].function
    assert inspect.isfunction(function) and function.__name__ == name
    assert getattr(inspect.getmodule(function), name) is function


def test_every_rule_is_played_once_in_the_turn():
    played = [name for members in PHASES.values() for name in members]
    assert sorted(played) == sorted(RULES)
    assert {f"next_{name}" for name in CARRIED} <= set(played)


def test_within_a_turn_nothing_is_read_before_it_is_known():
    known = {name for name, v in codebook().items() if v.kind not in ("computed", "observable")}
    for members in PHASES.values():
        for played in (RULES[name] for name in members):
            assert played.reads <= known, f"'{played.name}' reads {sorted(played.reads - known)} too early"
            known.add(played.name)
