"""Reads connectors from files as they are sent to workers: JSON, YAML and `.properties`.

A file holds one connector, either as the body of `POST /connectors` (`name`, `config`, and `initial_state` or `state`) or as
a bare map of its configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pulumi_kafka_connectors.core.redaction import visible
from pulumi_kafka_connectors.core.spec import TARGET_STATES
from pulumi_kafka_connectors.core.values import is_key
from pulumi_kafka_connectors.files.formats import READERS, Document, Location, Malformed
from pulumi_kafka_connectors.files.placeholders import BadPlaceholder, pieces

LONGEST_FILE: Final = 2**20
"""Bytes: more than a worker accepts as a record with a configuration."""
_BODY: Final = ("name", "config", "state", "initial_state", "tasks", "type")
"""What the body of a POST, or the response to one, contains; the last two are not declared."""
_STATES: Final = tuple(state.word for state in TARGET_STATES)
_LONGEST_KEY: Final = 100
_MOST: Final = 10
"""Problems of one file that are told."""


@dataclass(frozen=True)
class ConnectorFile:
    """A connector as its file declares it.

    Attributes:
        file: the file's name.
        stem: that name without its ending.
        name: of the connector.
        config: values may contain placeholders (see `files.placeholders`).
        state: running, paused or stopped, if the file says so.
        lines: where each key of the configuration is, counted from 1, as far as known.
    """

    file: str
    stem: str
    name: str
    config: Mapping[str, str] = field(repr=False)
    state: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)

    def at(self, key: str) -> str:
        """The file and the line of a key, for messages."""
        return located(self.file, self.lines.get(key))


class FilesError(Exception):
    """Files cannot be used.

    Attributes:
        problems: one sentence each, beginning with file and line; they never show a value.
    """

    def __init__(self, folder: str, problems: list[str]) -> None:
        self.problems = problems
        count = f"{len(problems)} problems in {visible(folder)}:\n" if len(problems) > 1 else ""
        super().__init__(count + "\n".join(problems))


def located(file: str, line: int | None) -> str:
    """`orders.json, line 3` for messages."""
    return visible(file) if line is None else f"{visible(file)}, line {line}"


def read_files(path: Path) -> list[ConnectorFile]:
    """The connectors of a folder, in the order of the files' names, or of one file.

    Files with other endings, files whose name begins with a dot, and subfolders are not read.

    Raises:
        FilesError: with the problems of all files.
    """
    problems: list[str] = []
    found: list[ConnectorFile] = []
    for file in _files(path):
        try:
            found.append(parse_file(file.name, _content(file)))
        except FilesError as wrong:
            problems += wrong.problems
    problems += [*_twice(found, "name", "connector"), *_twice(found, "stem", "resource")]
    if problems:
        raise FilesError(str(path), problems)
    return found


def parse_file(file: str, content: bytes) -> ConnectorFile:
    """The connector of one file. Pure.

    Args:
        file: its name, whose ending says how it is written.

    Raises:
        FilesError: with everything that is wrong with it.
    """
    name = Path(file)
    try:
        document = READERS[name.suffix.lower()](_text(content))
        problems = list(_problems(document))
    except Malformed as wrong:
        problems = [wrong]
    if problems:
        told = [f"{located(file, wrong.line)}: {wrong}" for wrong in problems[:_MOST]]
        more = len(problems) - len(told)
        raise FilesError(file, told + ([f"{located(file, None)}: and {more} more"] if more else []))
    return _connector(document, name)


def _files(path: Path) -> list[Path]:
    try:
        if path.is_file():
            found = [path] if path.suffix.lower() in READERS else []
        else:
            entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
            found = [entry for entry in entries if entry.suffix.lower() in READERS and not entry.is_dir()]
    except OSError as problem:
        raise FilesError(str(path), [f"{visible(str(path))} cannot be read: {problem.strerror}"]) from None
    if not found:
        endings = ", ".join(READERS)
        raise FilesError(str(path), [f"{visible(str(path))} contains no connector: no file that ends in {endings}"])
    return found


def _content(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise FilesError(file.name, [f"{visible(file.name)}: is not a regular file"])
        with file.open("rb") as opened:
            return opened.read(LONGEST_FILE + 1)
    except OSError as problem:
        raise FilesError(file.name, [f"{visible(file.name)}: cannot be read: {problem.strerror}"]) from None


def _twice(found: list[ConnectorFile], attribute: str, what: str) -> Iterator[str]:
    first: dict[str, ConnectorFile] = {}
    for connector in found:
        other = first.setdefault(getattr(connector, attribute), connector)
        if other is not connector:
            name = visible(getattr(connector, attribute))
            yield f"{located(connector.file, None)}: {what} {name} is in {located(other.file, None)} too"


def _text(content: bytes) -> str:
    if len(content) > LONGEST_FILE:
        raise Malformed(f"has more than {LONGEST_FILE} bytes: is this the configuration of a connector?")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise Malformed("is not valid UTF-8: save it in that encoding", line) from None
    if "\0" in text:
        raise Malformed("contains a NUL character", text.count("\n", 0, text.index("\0")) + 1)
    if not text.strip():
        raise Malformed("is empty")
    return text


# What a file means


def _problems(document: Document) -> Iterator[Malformed]:
    """Everything that keeps the document from being a connector."""
    root, lines = document.root, document.lines
    for location in document.repeated:
        yield Malformed(f"{_shown(location)} is there more than once", lines.get(location))
    if not isinstance(root, dict):
        yield Malformed("contains no map: give the body of a POST (name, config) or the configuration itself")
        return
    config, prefix = _config(root)
    if prefix:
        unknown = [key for key in root if key not in _BODY]
        yield from (Malformed(f"{_shown((key,))} is not part of a connector", lines.get((key,))) for key in unknown)
        yield from _wrong_texts({key: root[key] for key in ("name", "state", "initial_state") if key in root}, lines, ())
        yield from _wrong_states(root, lines)
    yield from _wrong_texts(config, lines, prefix)
    for key, value in config.items():
        try:
            pieces(value if isinstance(value, str) else "")
        except BadPlaceholder as wrong:
            yield Malformed(f"{_shown((*prefix, key))}: {wrong}", lines.get((*prefix, key)))
    if "connector.class" not in config:
        yield Malformed("has no connector.class: is this the configuration of a connector?", lines.get(prefix))
    if prefix and isinstance(root.get("name"), str) and config.get("name", root["name"]) != root["name"]:
        yield Malformed("the name in config differs from the one beside it", lines.get((*prefix, "name")))


def _config(root: Mapping[str, Any]) -> tuple[dict[str, Any], Location]:
    """The configuration, and where it is: below `config`, or the document itself."""
    config = root.get("config")
    return (dict(config), ("config",)) if isinstance(config, dict) else (dict(root), ())


def _wrong_texts(values: Mapping[str, Any], lines: Mapping[Location, int], prefix: Location) -> Iterator[Malformed]:
    for key, value in values.items():
        location = (*prefix, key)
        if not key.strip():
            yield Malformed("contains an empty key", lines.get(location))
        elif not isinstance(value, str):
            yield Malformed(f"{_shown(location)} {_ODD[type(value)]}", lines.get(location))
        elif not is_key(key) or not is_key(value):
            yield Malformed(f"{_shown(location)} contains text that is not valid Unicode", lines.get(location))
        elif key == "name" and not value.strip():
            yield Malformed(f"{_shown(location)} is empty", lines.get(location))


_ODD: Final = {
    dict: "is a map: values are text, numbers or booleans",
    list: "is a list: write its items as one text with commas between them",
    type(None): "is null: give a value, or leave the key out",
}


def _wrong_states(root: Mapping[str, Any], lines: Mapping[Location, int]) -> Iterator[Malformed]:
    given = {key: root[key].lower() for key in ("state", "initial_state") if isinstance(root.get(key), str)}
    for key, state in given.items():
        if state not in _STATES:
            yield Malformed(f"{key} must be {', '.join(_STATES[:-1])} or {_STATES[-1]}", lines.get((key,)))
    if len(set(given.values())) > 1:
        yield Malformed("state and initial_state differ: keep one of them", lines.get(("initial_state",)))


def _connector(document: Document, name: Path) -> ConnectorFile:
    root = document.root
    config, prefix = _config(root)
    inner = config.pop("name", name.stem)
    named = root.get("name", inner) if prefix else inner
    state = (root.get("state") or root.get("initial_state")) if prefix else None
    lines = {key: line for key in config if (line := document.lines.get((*prefix, key)))}
    return ConnectorFile(name.name, name.stem, named, config, state.lower() if state else None, lines)


def _shown(location: Location) -> str:
    text = ".".join(location) if len(location) < 2 else f"{location[0]}['{'.'.join(location[1:])}']"
    return " ".join(visible(text).split())[:_LONGEST_KEY]
