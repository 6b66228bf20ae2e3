"""Reads YAML as text that a coder wrote, and remembers on which line each value stands.

Floor 0, and the only place that imports PyYAML. Stricter than YAML itself: no duplicate keys, no tabs, no anchors or
aliases, no tags, no surprises (``no``, ``off`` and dates stay text; only ``true``/``false`` are truth values). Nothing
in a file is ever executed.
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
_TAB = re.compile(r"(?:^|[\r\n]) *\t")
_UNPRINTABLE = re.compile(r"[^\t\r\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of a text round, so that it reads as something else."""
_SPECIAL = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass
class Document:
    """One YAML file: its content and the line of every value.

    Attributes
    ----------
    path : where it came from (shown in messages)
    content : plain dictionaries, lists, text, numbers, truth values, None
    lines : line (from 1) of each value, keyed by the tuple of keys that leads to it
    places : where values stand that were laid on top from elsewhere (another file, an option)
    """

    path: str
    content: Any
    lines: dict[tuple[Any, ...], int] = field(default_factory=dict)
    places: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def where(self, keys: tuple[Any, ...] = ()) -> str:
        """``file:line`` of the value that ``keys`` lead to, or of its nearest parent that stands in the file."""
        for length in range(len(keys), -1, -1):
            if keys[:length] in self.places:
                return self.places[keys[:length]]
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
        if path.exists() and not path.is_file():
            raise InputError(
                f"this is {'a folder' if path.is_dir() else 'no ordinary file'}, a YAML file was expected",
                where=name,
                why="there is no text here to read.",
                how="name a file." if not path.is_dir() else "name one file in it.",
            )
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
    except (OSError, ValueError) as error:
        raise InputError(
            f"the file cannot be read ({getattr(error, 'strerror', None) or error})",
            where=name,
            why="nothing can be computed without it.",
            how="check the path and its permissions.",
        ) from error
    return parse(text, name)


def parse(text: str, name: str = "text") -> Document:
    """Parse YAML text.

    Raises
    ------
    InputError : text that is no YAML, or YAML that padma refuses (aliases, tags, a key twice)

    >>> parse("votes: {RUS: no, USA: yes}").content
    {'votes': {'RUS': 'no', 'USA': 'yes'}}
    """
    _refuse_invisible(text, name)
    try:
        _refuse_extras(text, name)
        node = yaml.compose(text, Loader=Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise _syntax_error(error, name) from error
    document = Document(name, None)
    document.content = _value(node, (), document)
    return document


def _refuse_invisible(text: str, name: str) -> None:
    """Refuse what a reader cannot see in a line: tabs as indentation, control characters."""
    if found := _TAB.search(text):
        raise InputError(
            "a tab stands at the start of this line",
            where=f"{name}:{_line(text, found.end())}",
            why="YAML marks structure by spaces; a tab has no agreed width.",
            how="replace it by two spaces per level.",
        )
    if found := _UNPRINTABLE.search(text):
        raise InputError(
            f"the character U+{ord(found[0]):04X} stands on this line",
            where=f"{name}:{_line(text, found.end())}",
            why="a text file has no control characters: this is no YAML file, or it was damaged.",
            how="remove the character, or check that this is the file you meant.",
        )


def _line(text: str, position: int) -> int:
    return len(re.findall("\r\n|\r|\n", text[:position])) + 1


def _refuse_extras(text: str, name: str) -> None:
    """Refuse what YAML allows and padma's files do not need: anchors, aliases, tags, deep nesting."""
    for depth, event in _events(text):
        mark = f"{name}:{event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InputError(
                "anchors and aliases (& and *) are not used in padma's files",
                where=mark,
                why="a value must be readable where it stands, and nested aliases can expand without end.",
                how="write the value out.",
            )
        if getattr(event, "tag", None):
            raise InputError(
                f"the tag {event.tag} is not used in padma's files",
                where=mark,
                why="a file holds values only, never instructions.",
                how="remove the tag (a word that begins with ! needs quotes).",
            )
        if depth > MAX_DEPTH:
            raise _too_deep(mark)


def _too_deep(where: str) -> InputError:
    why = "no file of padma's is built like that; a bracket is probably missing."
    return InputError(f"more than {MAX_DEPTH} levels of nesting", where=where, why=why, how="flatten the structure.")


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
    begun = getattr(error, "context_mark", None)
    if isinstance(error, RecursionError) or "nesting depth" in problem:  # some parsers have a limit of their own
        return _too_deep(f"{name}:{mark.line + 1}" if mark else name)
    if mark and begun and begun.line < mark.line:
        problem += f", in what begins on line {begun.line + 1}"
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
    assert isinstance(node, yaml.ScalarNode)
    _refuse_escaped(node, f"{document.path}:{node.start_mark.line + 1}")
    return _scalar(node)


def _mapping(node: yaml.MappingNode, keys: tuple[Any, ...], document: Document) -> dict[Any, Any]:
    content: dict[Any, Any] = {}
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        where = f"{document.path}:{line}"
        if not isinstance(key_node, yaml.ScalarNode):
            raise InputError(
                "a key must be plain text",
                where=where,
                why="values are looked up by their names.",
                how="put quotes around it.",
            )
        _refuse_escaped(key_node, where)
        key = str(key_node.value) if key_node.style else _scalar(key_node)
        if not str(key_node.value).strip():
            why = "values are looked up by their names."
            raise InputError("a key is empty", where=where, why=why, how="give it a name, or take the entry out.")
        if str(key) in seen:
            raise InputError(
                f"the key '{key}' stands twice (first on line {seen[str(key)]})",
                where=where,
                why="only one of the two values could count, and a reader would not know which.",
                how="keep one of them.",
            )
        seen[str(key)] = document.lines[(*keys, key)] = line
        content[key] = _value(value_node, (*keys, key), document)
    return content


def _refuse_escaped(node: yaml.ScalarNode, where: str) -> None:
    """Refuse control characters that quoted text spells out, such as ``\\e`` for the one that commands a terminal."""
    if found := _UNPRINTABLE.search(str(node.value)):
        raise InputError(
            f"an escape stands for the character U+{ord(found[0]):04X}",
            where=where,
            why="titles and names are shown in terminals, pages and slides, which obey control characters or break on them.",
            how="take the escape out, or put the text in single quotes, which keep a backslash as it is.",
        )


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style:  # quoted or block text stays text
        return text
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INTEGER.fullmatch(text) and len(text) < 20:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if text.lower().lstrip("+-") in {".nan", ".inf"}:
        return math.nan if "nan" in text.lower() else math.copysign(math.inf, -1.0 if text.startswith("-") else 1.0)
    return text


def write(content: Any) -> str:
    """Plain YAML text of ``content``; reads back as the same content.

    >>> parse(write({"from": "2026-02-17", "off": "off", "value": 0.5})).content
    {'from': '2026-02-17', 'off': 'off', 'value': 0.5}
    """
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes without aliases, and with quotes around text that would be read as a number."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def quoted(self, data: str) -> yaml.Node:
        style = '"' if _FLOAT.fullmatch(data) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.quoted)
