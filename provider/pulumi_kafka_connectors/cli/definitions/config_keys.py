"""What a connector class understands: its keys by the definitions of a worker, and their values by its validation. Pure."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_kafka_connectors.connect.models import ConfigKey, ConfigValue, Validation
from pulumi_kafka_connectors.core.keys import forwarded_prefixes
from pulumi_kafka_connectors.core.redaction import is_secret, visible

PROBE: Final = "no-such-value"
"""A value that no key accepts which accepts certain values only."""
NAME, CLASS, VERSION = "name", "connector.class", "connector.plugin.version"
NUMBERS: Final = frozenset({"INT", "LONG", "SHORT"})
_LISTING: Final = NUMBERS | {"STRING"}
"""Types of keys that may accept certain values only; BOOLEAN does anyway."""
_LONGEST_DOCUMENTATION: Final = 4000
_PATTERN: Final = re.compile(r"[()\[\]{}*+?|^$\\<>]")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")
_ONE_OF: Final = re.compile(r"must be one of(?: \(case insensitive\))?:? ([\w.+-]+(?:, [\w.+-]+)*)\Z")
_REQUIRED: Final = re.compile(r"value is invalid: A value is required\Z")


@dataclass(frozen=True)
class Key:
    """One key of a configuration.

    Attributes:
        name: as it is spelt.
        type: Kafka's: BOOLEAN, INT, LONG, SHORT, DOUBLE, STRING, LIST, CLASS or PASSWORD.
        required: a configuration is not valid without it.
        default: None for none, and for one that may be a secret.
        importance: high, medium or low.
        documentation: on one line.
        values: the only ones that it accepts; none if it accepts any.
    """

    name: str
    type: str = "STRING"
    required: bool = False
    default: str | None = None
    importance: str = ""
    documentation: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConnectorClass:
    """One connector class of a worker.

    Attributes:
        name: of the class, with its package.
        version: of the plugin; empty if the worker does not tell.
        aliases: shorter names that the worker understands.
        keys: all but `name`; the class first, then the required ones, each by name.
        prefixes: of further keys, which nothing defines.
    """

    name: str
    version: str
    aliases: tuple[str, ...]
    keys: tuple[Key, ...]
    prefixes: tuple[str, ...]


def connector_class(
    name: str,
    version: str,
    installed: Collection[str],
    definitions: Sequence[ConfigKey],
    validation: Validation,
    demanded: Collection[str] = (),
) -> ConnectorClass:
    """Put together what a worker tells about a class.

    Args:
        name: of the class, with its package.
        version: of the plugin; the definitions tell better if they say which one they are of.
        installed: all connector classes of the worker.
        definitions: those of the class; Connect's own keys may be missing.
        validation: of a configuration with `probes`; empty if the worker did not validate.
        demanded: keys that are required although their definitions do not say so.
    """
    defined = {key.name: key for key in [*defined_in(validation), *definitions] if key.name}
    values = {entry.value.name: entry.value for entry in validation.configs if entry.value}
    keys = [
        _key(key, values.get(key.name), required=key.required or key.name in demanded)
        for key in defined.values()
        if key.name != NAME and not _PATTERN.search(key.name)
    ]
    patterns = [_PATTERN.split(key, maxsplit=1)[0] for key in defined if _PATTERN.search(key)]
    found = defined.get(VERSION)
    return ConnectorClass(
        name,
        (found.default_value if found else None) or version,
        aliases(name, installed),
        tuple(sorted(keys, key=lambda key: (key.name != CLASS, not key.required, key.name))),
        tuple(sorted({*forwarded_prefixes(name), *filter(None, patterns)})),
    )


def defined_in(validation: Validation) -> list[ConfigKey]:
    """The definitions in a validation."""
    return [entry.definition for entry in validation.configs if entry.definition]


def missed(validation: Validation) -> list[ConfigKey]:
    """The keys whose value the plugin misses although their definitions do not say that they are required."""
    return [
        entry.definition
        for entry in validation.configs
        if entry.definition and entry.value and any(map(_REQUIRED.search, entry.value.errors))
    ]


def stand_in(key: ConfigKey) -> str:
    """A value of the type of the key."""
    return "1" if key.type in NUMBERS | {"DOUBLE"} else PROBE


def probes(definitions: Iterable[ConfigKey]) -> dict[str, str]:
    """Values for a validation that make a worker list what it accepts instead.

    Only optional keys whose default is a word get one: keys with addresses, paths and the like are left alone.
    """
    return {
        key.name: PROBE
        for key in definitions
        if key.type == "STRING"
        and not key.required
        and _WORD.fullmatch(key.default_value or "")
        and not is_secret(key.name, key.default_value)
        and not key.name.endswith(".version")
    }


def aliases(name: str, installed: Collection[str]) -> tuple[str, ...]:
    """The shorter names of a class that no other class of the worker has too: without the package, without `Connector`."""
    others = {short for other in installed if other != name for short in _short(other)}
    return tuple(short for short in _short(name) if short not in others and short != name)


def class_named(name: str, installed: Collection[str]) -> str | None:
    """The class with this name or alias; None if there is none, or several."""
    found = {other for other in installed if name == other or name in aliases(other, installed)}
    return found.pop() if len(found) == 1 else None


def nearest(name: str, installed: Collection[str]) -> list[str]:
    """The classes that may be meant by a name, the nearest first."""
    short = {_short(other)[0].lower(): other for other in sorted(installed)}
    return [short[near] for near in difflib.get_close_matches(_short(name)[0].lower(), short, n=3, cutoff=0.5)]


def _short(name: str) -> list[str]:
    simple = name.rpartition(".")[2]
    return list(dict.fromkeys([simple, simple.removesuffix("Connector") or simple]))


def _key(key: ConfigKey, value: ConfigValue | None, *, required: bool) -> Key:
    hidden = key.type == "PASSWORD" or is_secret(key.name, key.default_value)
    return Key(
        key.name,
        key.type,
        required,
        None if hidden else key.default_value,
        key.importance.lower(),
        textwrap.shorten(visible(key.documentation or ""), _LONGEST_DOCUMENTATION, placeholder=" ..."),
        () if hidden or key.type not in _LISTING else _values(key, value),
    )


def _values(key: ConfigKey, value: ConfigValue | None) -> tuple[str, ...]:
    """The only values that a key accepts, sorted: the order in which plugins list them differs from run to run."""
    if value is None or key.name.endswith(".version"):  # of which only the installed ones are listed, without ranges
        return ()
    refused = [found[1].split(", ") for error in value.errors if key.name in error and (found := _ONE_OF.search(error))]
    listed = refused[0] if refused else [one for one in value.recommended_values if one]
    default = key.default_value or ""
    known = default.lower() in {one.lower() for one in listed}
    if not listed or not (known or refused):  # what leaves the default out leaves out others too
        return ()
    if key.type in NUMBERS and not all(map(_is_whole, listed)):
        return ()
    if default.islower() and default not in listed and known:
        listed = [one.lower() for one in listed]
    return tuple(sorted({*listed, *filter(None, [default])}))


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,18}", text, re.ASCII) is not None
