"""From what pydantic finds in a file to a message in four parts with file and line.

Floor 3. Knows no file in particular; the shapes stand in :mod:`sim.schema`.
"""

from __future__ import annotations

import math
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import InputError, nearest
from sim.yamlfile import Document

M = TypeVar("M", bound=BaseModel)

HOW = "see scenarios/README.md for the form of this entry."
EXPECTED = {
    "bool": "true or false is expected",
    "dict": "keys with values are expected (key: value)",
    "float": "a number is expected",
    "finite": "a plain finite number is expected",
    "int": "a whole number is expected",
    "list": "a list is expected, as in [a, b]",
    "model": "keys with values are expected (key: value)",
    "string": "text is expected",
    "tuple": "a list is expected, as in [a, b]",
}
"""What to say instead of pydantic's words, by the first part of its name for a finding."""

ORIGINS = ("sources", "range", "basis", "from", "evidence")


def validate(model: type[M], document: Document, keys: tuple[Any, ...] = (), content: Any = None) -> M:
    """Check part of a document against a schema.

    Parameters
    ----------
    model : schema
    document : the file, for lines in messages
    keys : where in the file the part stands
    content : the part (default: the whole content)

    Raises
    ------
    InputError : the first finding, with file and line, and how many more there are
    """
    content = document.content if content is None and not keys else content
    try:
        return model.model_validate(content)
    except ValidationError as error:
        findings = error.errors(include_url=False)
        finding = next((f for f in findings if f["type"] == "extra_forbidden"), findings[0])
        raise _message(model, finding, len(findings) - 1, document, keys, content) from None


def _message(
    model: type[BaseModel], finding: Any, others: int, document: Document, keys: tuple[Any, ...], content: Any
) -> InputError:
    kind, context = str(finding["type"]), finding.get("ctx", {})
    loc = _path(content, (*finding["loc"], *context.get("keys", ())))
    where = document.where((*keys, *loc))
    more = f" ({others} more finding{'s' if others > 1 else ''} in this part)" if others else ""
    last = str(finding["loc"][-1]) if finding["loc"] else ""
    if kind == "extra_forbidden":
        parent = _model_at(model, finding["loc"][:-1])
        known = [f.alias or n for n, f in parent.model_fields.items()] if parent else []
        why = "a key that nothing reads would be silently without effect."
        return InputError(f"'{last}' is not a key here{more}", where=where, why=why, how=nearest(last, known))
    if kind == "missing" and last.isdigit():
        why, how = "the model would compute with something else than you meant.", "write two numbers, as in [0.2, 0.6]."
        return InputError(f"{'.'.join(map(str, loc))} has too few entries{more}", where=where, why=why, how=how)
    if kind == "missing":
        last = "from" if last == "from_" else last
        why = "the entry cannot be understood without it."
        why = "every value must say where it comes from and how sure it is." if last in ORIGINS else why
        how = f"add '{last}:'; scenarios/README.md shows a complete example."
        return InputError(f"the key '{last}' is missing{more}", where=where, why=why, how=how)
    key = ".".join(map(str, loc)) or "the file"
    if kind == "wrong":
        why = "the value would not mean what it says."
        return InputError(f"{key}: {context['what']}{more}", where=where, why=why, how=context["how"])
    reason, how = _reason(kind, finding, context)
    given = finding.get("input")
    shown = f"a {'list' if isinstance(given, list) else 'mapping'}" if isinstance(given, dict | list) else repr(given)
    why = "the model would compute with something else than you meant."
    return InputError(f"{key} is {shown}: {reason}{more}", where=where, why=why, how=how)


def _reason(kind: str, finding: Any, context: dict[str, Any]) -> tuple[str, str]:
    """What is expected instead, and what to do."""
    if kind == "literal_error":
        names = re.findall("'([^']*)'", str(context["expected"]))
        return f"{context['expected']} is expected", nearest(str(finding["input"]), names) if names else HOW
    if kind == "too_short":
        return "a text is expected" if finding.get("input") == "" else "at least one entry is expected", HOW
    if kind == "too_long":
        return f"it has more entries than {context.get('max_length', 'are read')}", HOW
    given = finding.get("input")
    family = "finite" if isinstance(given, float) and not math.isfinite(given) else kind.partition("_")[0]
    if family in EXPECTED and not kind.startswith("string_"):
        return EXPECTED[family], HOW
    reason = EXPECTED["string"] if kind == "string_type" else str(finding["msg"])
    reason = reason.replace("Input should", "it should").replace("String should", "the text should")
    how = "choose a number inside that limit." if kind.startswith(("greater_than", "less_than")) else HOW
    return reason[0].lower() + reason[1:], how


def _path(content: Any, loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """The part of pydantic's location that leads somewhere in the file (it also names validators and unions)."""
    found: list[Any] = []
    for part in loc:
        part = "from" if part == "from_" else part
        if isinstance(content, dict):
            part = next((k for k in content if k == part or str(k) == str(part)), None)
            if part is None:
                continue
        elif not (isinstance(content, list) and isinstance(part, int) and part < len(content)):
            continue
        content = content[part]
        found.append(part)
    return tuple(found)


def _model_at(model: type[BaseModel], loc: tuple[Any, ...]) -> type[BaseModel] | None:
    """The schema that governs the place ``loc`` leads to."""
    current: Any = model
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            fields = current.model_fields
            field = fields.get(str(part)) or next((f for f in fields.values() if f.alias == part), None)
            current = _inner(field.annotation) if field else current
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _inner(annotation: Any) -> Any:
    """The schema inside a list, dictionary or optional annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner(argument)
        if found is not None:
            return found
    return None
