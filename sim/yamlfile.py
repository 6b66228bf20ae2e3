"""Reads YAML as text that a coder wrote, and remembers on which line each value stands.

Floor 0, and the only place that imports PyYAML. Stricter than YAML itself: no duplicate keys, no tabs, no anchors or
aliases, no tags, no surprises (``no``, ``off`` and dates stay text; only ``true``/``false`` are truth values). Nothing in
a file is ever executed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sim.errors import InputError

MAX_BYTES = 2_000_000
"""Largest file read. The largest shipped file is below 0.2 MB; anything near the limit is a mistake."""

MAX_DEPTH = 40

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass
class Document:
    """One YAML file: its content and the line of every value.

    Attributes
    ----------
    path : where it came from (shown in messages)
    content : plain dictionaries, lists, text, numbers, truth values, None
    lines : line (from 1) of each value, keyed by the tuple of keys that leads to it
    """

    path: str
    content: Any
    lines: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def where(self, keys: tuple[Any, ...] = ()) -> str:
        """``file:line`` of the value that ``keys`` lead to, or of its nearest parent that stands in the file."""
        for length in range(len(keys), -1, -1):
            if keys[:length] in self.lines:
                return f"{self.path}:{self.lines[keys[:length]]}"
        return self.path


def read(path: Path | str, shown: str | None = None) -> Document:
    """Read one YAML file.

    Parameters
    ----------
    path : the file
    shown : how to name it in messages (default: the path as given)

    Raises
    ------
    InputError : missing, unreadable, too large, not UTF-8, or not the plain YAML described above
    """
    path = Path(path)
    name = shown or str(path)
    try:
        if path.is_dir():
            raise InputError("this is a folder, a YAML file was expected", where=name, how="name one file in it.")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(
                f"the file is larger than {MAX_BYTES // 1_000_000} MB",
                where=name,
                why="padma's files are small texts written by hand; reading on could fill the memory.",
                how="check that this is the file you meant.",
            )
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "the file is not UTF-8 text",
            where=name,
            why="names in Bengali, Russian or Chinese can only be read in one agreed encoding.",
            how="save it as UTF-8 in your editor.",
        ) from error
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror or error})", where=name, how="check the path and its permissions."
        ) from error
    return parse(text, name)


def parse(text: str, name: str = "text") -> Document:
    """Parse YAML text.

    >>> parse("votes: {RUS: no, USA: yes}").content
    {'votes': {'RUS': 'no', 'USA': 'yes'}}
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            raise InputError(
                "a tab stands at the start of this line",
                where=f"{name}:{number}",
                why="YAML marks structure by spaces; a tab has no agreed width.",
                how="replace it by two spaces per level.",
            )
    try:
        _refuse_aliases(text, name)
        node = yaml.compose(text, Loader=Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise _syntax_error(error, name) from error
    document = Document(name, None)
    document.content = _value(node, (), document)
    return document


def _refuse_aliases(text: str, name: str) -> None:
    for depth, event in _events(text):
        mark = f"{name}:{event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InputError(
                "anchors and aliases (& and *) are not used in padma's files",
                where=mark,
                why="a value must be readable where it stands, and nested aliases can expand without end.",
                how="write the value out.",
            )
        if depth > MAX_DEPTH:
            raise InputError(f"more than {MAX_DEPTH} levels of nesting", where=mark, how="flatten the structure.")


def _events(text: str) -> Any:
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        yield depth, event


def _syntax_error(error: Exception, name: str) -> InputError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).splitlines()[0]
    return InputError(
        f"this is not valid YAML ({problem})",
        where=f"{name}:{mark.line + 1}" if mark else name,
        why="nothing after this point can be understood.",
        how="compare the line with the examples in scenarios/README.md: indentation, colons, quotes, brackets.",
    )


def _value(node: yaml.Node | None, keys: tuple[Any, ...], document: Document) -> Any:
    if node is None:
        return None
    document.lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, keys, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*keys, index), document) for index, child in enumerate(node.value)]
    return _scalar(node, document)


def _mapping(node: yaml.MappingNode, keys: tuple[Any, ...], document: Document) -> dict[Any, Any]:
    content: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        where = f"{document.path}:{line}"
        if not isinstance(key_node, yaml.ScalarNode):
            raise InputError("a key must be plain text", where=where, how="put quotes around it.")
        key = str(key_node.value) if key_node.style else _scalar(key_node, document)
        if key in content:
            raise InputError(
                f"the key '{key}' stands twice (first on line {document.lines[(*keys, key)]})",
                where=where,
                why="only one of the two values could count, and a reader would not know which.",
                how="keep one of them.",
            )
        document.lines[(*keys, key)] = line
        content[key] = _value(value_node, (*keys, key), document)
    return content


def _scalar(node: yaml.Node, document: Document) -> Any:
    text = str(node.value)
    if node.tag not in _PLAIN_TAGS:
        raise InputError(
            f"the tag {node.tag} is not used in padma's files",
            where=f"{document.path}:{node.start_mark.line + 1}",
            why="a file holds values only, never instructions.",
            how="remove the tag.",
        )
    if node.style:  # quoted or block text stays text
        return text
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INTEGER.fullmatch(text) and len(text) < 18:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if text.lower().lstrip("+-") in {".nan", ".inf", "nan", "inf", "infinity"}:
        return math.nan if "nan" in text.lower() else math.copysign(math.inf, -1.0 if text.startswith("-") else 1.0)
    return text


_PLAIN_TAGS = {"tag:yaml.org,2002:" + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")}


def write(content: Any) -> str:
    """Plain YAML text of ``content``; reads back as the same content.

    >>> parse(write({"from": "2026-02-17", "off": "off", "value": 0.5})).content
    {'from': '2026-02-17', 'off': 'off', 'value': 0.5}
    """
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes without aliases, so that :func:`read` accepts what was written."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
