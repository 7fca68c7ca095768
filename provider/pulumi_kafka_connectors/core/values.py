"""Conversion of values between programs and workers: markers for unknowns and secrets, and the text that workers store."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

REFUSED: Final = "refused"
"""Key of the marker for a value that is not allowed in a configuration; `checks` reports it to the user."""
_EXACT: Final = 2**53
_JSON_NUMBERS: Final = {"long": r"-?\d{1,400}", "double": r"-?\d{1,400}(\.\d{1,400})?(e[+-]?\d{1,4})?"}
_LARGEST_BITS: Final = 1000
"""Of an integer that becomes a float on the wire."""
_LONGEST_NUMBER: Final = 4000
"""Maximum digits of an integer; Python refuses to print more than 4,300."""


class Unknown:
    """A value that is unknown until another resource exists."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that must be stored encrypted and never shown."""

    value: Any = field(repr=False)


def is_unknown(value: object) -> bool:
    """Whether the value itself is unknown."""
    return isinstance(value, Unknown)


def has_unknowns(value: object) -> bool:
    """Whether the value is or contains an unknown."""
    if isinstance(value, Secret):
        return has_unknowns(value.value)
    if isinstance(value, Mapping):
        return any(map(has_unknowns, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_unknowns, value))
    return is_unknown(value)


def reveal(value: Any) -> Any:
    """The value without `Secret` markers, at every depth."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(inner) for inner in value]
    return value


def mark_secrets(props: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    """The properties with these keys of `config` marked as `Secret`; unknown values stay as they are."""
    config = props.get("config")
    if not keys or not isinstance(config, Mapping):
        return dict(props)
    return {**props, "config": {key: _marked(value) if key in keys else value for key, value in config.items()}}


def _marked(value: Any) -> Any:
    return value if is_unknown(value) or isinstance(value, Secret) else Secret(value)


# Configuration values


def text_of(value: object) -> Any:
    """A configuration value as the string that Kafka Connect stores; an invalid value becomes a marker, which `checks`
    reports later by its key, together with all other problems.

    Numbers become strings here, before the wire turns every number into a float.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return {REFUSED: "text with an unpaired surrogate"}
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 3 * _LONGEST_NUMBER else {REFUSED: "a number with thousands of digits"}
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else {REFUSED: "not a finite number"}
    return {REFUSED: kind_of(value)}


NO_KEY: Final = "a key that is not text"


def is_key(key: object) -> bool:
    """Whether this can be a key of a configuration on the wire."""
    return isinstance(key, str) and sendable(key) == key


def sendable(value: Any) -> Any:
    """A value of an input that the wire can carry: what it cannot carry becomes a mark, or text that shows it."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
        return {REFUSED: f"{value:#x}"}
    if isinstance(value, Mapping):
        return {sendable(key if isinstance(key, str) else str(key)): sendable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [sendable(inner) for inner in value]
    return value


def wire_text(value: Any) -> Any:
    """A configuration value from the wire: removes the `.0` that the wire adds to whole numbers."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text_of(value)


def texts_of(config: Any) -> Any:
    """A configuration with every value as text; anything but a map becomes a marker that `checks` reports."""
    if not isinstance(config, Mapping):
        return text_of(config)
    return {
        key if is_key(key) else sendable(str(key)): text_of(value) if is_key(key) else {REFUSED: NO_KEY}
        for key, value in config.items()
    }


def kind_of(value: object) -> str:
    """A description of the type of a rejected value."""
    if value is None:
        return "None"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list | tuple | set):
        return "a list"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


# Values inside offsets


def offset_to_wire(value: object) -> Any:
    """A value inside an offset, in a form that preserves its JSON type on the wire, where every number is a float.

    Offsets contain only primitives, so a map can mark what would be lost: `{"long": "..."}`, `{"double": "..."}`.
    """
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
        return {REFUSED: "a number of hundreds of digits"}
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else {"long": str(value)}
    if isinstance(value, float) and math.isfinite(value):
        return {"double": repr(value)} if value.is_integer() else value
    return {REFUSED: kind_of(value)}


def offset_from_wire(value: Any) -> Any:
    """The inverse of `offset_to_wire`."""
    if isinstance(value, Mapping):
        return int(value["long"]) if "long" in value else float(value["double"])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def is_offset_value(value: Any) -> bool:
    """Whether this is a valid value inside an offset, in wire form."""
    if isinstance(value, Mapping):
        kind, text = next(iter(value.items()), ("", ""))
        return len(value) == 1 and isinstance(text, str) and re.fullmatch(_JSON_NUMBERS.get(kind, "$^"), text) is not None
    return value is None or is_unknown(value) or isinstance(value, str | bool | int | float)


# Durations

_DURATION: Final = re.compile(r"(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s?)?")
LONGEST_DURATION: Final = 10 * 365 * 24 * 3600.0


def seconds_of(value: object, *, zero: bool = False) -> float:
    """Seconds of a duration: a number, or text such as "90s", "5m", "1h30m"; zero only with `zero`.

    Raises:
        ValueError: it is neither, not positive, or longer than ten years.
    """
    if isinstance(value, str):
        found = _DURATION.fullmatch(value.strip())
        if found is None or not any(found.groups()):
            raise ValueError("give seconds, or text such as 90s, 5m or 1h30m")
        hours, minutes, rest = (float(part or 0) for part in found.groups())
        value = hours * 3600 + minutes * 60 + rest
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("give seconds, or text such as 90s, 5m or 1h30m")
    if value < 0 or (value == 0 and not zero):
        raise ValueError("it must be greater than zero")
    if value > LONGEST_DURATION:
        raise ValueError("it must be less than ten years")
    return float(value)
