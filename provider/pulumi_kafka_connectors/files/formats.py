"""What JSON, YAML and `.properties` files contain, with the lines of their keys. Pure.

Values are text as written, numbers and booleans too: that is what workers make of them.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

Location = tuple[str, ...]
"""The keys that lead to a value."""


class Malformed(Exception):
    """What is wrong with one file, and on which line."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True)
class Document:
    """The content of a file.

    Attributes:
        root: text, None, a list (its items do not matter), or a map of these.
        lines: of the keys of maps.
        repeated: keys that a map contains more than once.
    """

    root: Any
    lines: dict[Location, int]
    repeated: list[Location]


# JSON


def _json(text: str) -> Document:
    try:
        # Numbers stay as written, as a worker reads them.
        root = json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_number)
    except json.JSONDecodeError as problem:
        raise Malformed(f"is not valid JSON: {problem.msg}, column {problem.colno}", problem.lineno) from None
    except RecursionError:
        raise Malformed("is nested too deeply") from None
    lines: dict[Location, int] = {}
    repeated = []
    for location, line in _json_keys(text):
        if location in lines:
            repeated.append(location)
        lines[location] = line
    return Document(_texts(root), lines, repeated)


def _no_number(_name: str) -> str:
    raise Malformed("contains NaN or Infinity, which is not valid JSON")


def _texts(value: Any, depth: int = 2) -> Any:
    """The values with booleans as text; what is nested more deeply than a configuration does not matter."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return {key: _texts(inner, depth - 1) for key, inner in value.items()} if depth else {}
    return [] if isinstance(value, list) else value


_JSON_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],]|\n')


def _json_keys(text: str) -> Iterator[tuple[Location, int]]:
    """Every key of the outer two levels of maps in a valid JSON text, with its line."""
    line, key_next = 1, False
    opened: list[str] = []  # the keys of the maps and lists around; empty for a list's items
    key = ""
    kinds: list[str] = []
    for token in _JSON_TOKEN.finditer(text):
        sign = token[0]
        if sign == "\n":
            line += 1
        elif sign in "{[":
            kinds.append(sign)
            opened.append(key)
            key, key_next = "", sign == "{"
        elif sign in "}]":
            kinds.pop()
            opened.pop()
            key_next = False
        elif sign == ",":
            key_next = kinds[-1] == "{"
        elif key_next:
            key, key_next = json.loads(sign), False
            if len(opened) < 3 and "[" not in kinds:
                yield (*opened[1:], key), line


# YAML

_QUOTED: Final = re.compile(r"'[^']*'|\".*\"")


def _unless_content(quoted: re.Match[str]) -> str:
    """What a message quotes, unless it may be content of the file: a special character, or the name of a token."""
    return quoted[0] if re.fullmatch(r"'(\W|<[\w ]+>)'", quoted[0]) else ""


def _yaml(text: str) -> Document:
    import yaml  # late, as the other library: programs without such files do not need them

    try:
        # Not loaded, since `on`, `010` or `12:30` would not stay as written; nothing in a file constructs an object.
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        why = " ".join(_QUOTED.sub(_unless_content, str(problem.problem)).split())
        mark = problem.problem_mark
        hint = "put values that begin with a special character in quotes"
        raise Malformed(f"is not valid YAML: {why} ({hint})", mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as problem:
        raise Malformed("contains a character that YAML does not allow", text.count("\n", 0, problem.position) + 1) from None
    except RecursionError:
        raise Malformed("is nested too deeply") from None
    if node is None:
        raise Malformed("contains only comments")
    lines: dict[Location, int] = {}
    repeated: list[Location] = []
    return Document(_yaml_value(node, (), lines, repeated), lines, repeated)


def _yaml_value(node: Any, location: Location, lines: dict[Location, int], repeated: list[Location]) -> Any:
    if node.id == "scalar":
        plain = node.style is None and node.tag == "tag:yaml.org,2002:null"
        return None if plain else node.value
    if node.id != "mapping":
        return []
    if location not in _READ:  # aliases could name a large map any number of times
        return {}
    found = {}
    for key, value in node.value:
        place = (*location, _yaml_key(key))
        if place in lines:
            repeated.append(place)
        lines[place] = key.start_mark.line + 1
        if key.tag == _MERGE:
            raise Malformed("`<<` is not supported: write out the keys that it stands for", key.start_mark.line + 1)
        found[place[-1]] = _yaml_value(value, place, lines, repeated)
    return found


_READ: Final[tuple[Location, ...]] = ((), ("config",))
"""Where a map is that matters."""
_MERGE: Final = "tag:yaml.org,2002:merge"


def _yaml_key(node: Any) -> str:
    if node.id != "scalar":
        raise Malformed("has a key that is not text", node.start_mark.line + 1)
    return str(node.value)


# Properties


def _properties(text: str) -> Document:
    import javaproperties

    root: dict[str, Any] = {}
    lines: dict[Location, int] = {}
    repeated: list[Location] = []
    line = 1
    try:
        for entry in javaproperties.parse(io.StringIO(text)):
            if isinstance(entry, javaproperties.KeyValue):
                if (entry.key,) in lines:
                    repeated.append((entry.key,))
                root[entry.key] = entry.value
                lines[entry.key,] = line
            line += len(re.findall(r"\r\n|\r|\n", entry.source))
    except javaproperties.InvalidUEscapeError:
        raise Malformed("contains `\\u` without four hexadecimal digits", line) from None
    return Document(root, lines, repeated)


READERS: Final[dict[str, Callable[[str], Document]]] = {
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".properties": _properties,
}
