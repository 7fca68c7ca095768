"""What a user declares about one connector: strict reading and plain refusals. Pure.

`inputs` are the properties as the engine holds them; `ConnectorSpec` is what the operations work with.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_kafka_connectors.secrecy import is_mask, is_secret

INPUTS: Final = (
    "config",
    "name",
    "state",
    "sensitive",
    "restart",
    "offsets",
    "adopt",
    "validate",
    "wait",
    "rollback",
    "timeouts",
    "forget",
)
STATES: Final = ("running", "paused", "stopped")
DEFAULT_TIMEOUT: Final = 300.0
"""Seconds that create, update and delete may take each."""
LARGEST_CONFIG: Final = 1_000_000
"""Bytes of keys and values: a larger record does not fit into the workers' config topic."""

FLAGS: Final[dict[str, Any]] = {"adopt": False, "validate": True, "wait": True, "rollback": True, "forget": False}
"""What a flag that is left out stands for."""
_REFUSED = "refused"
_EXACT = 2**53
_WIRE_NUMBERS = {"long": r"-?\d+", "double": r"-?\d+(\.\d+)?(e[+-]?\d+)?"}


class Unknown:
    """A value that is known only once another resource exists."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


def is_unknown(value: object) -> bool:
    """Whether the value itself is not known yet."""
    return isinstance(value, Unknown)


def has_unknowns(value: object) -> bool:
    """Whether anything in the value is not known yet."""
    if isinstance(value, Mapping):
        return any(map(has_unknowns, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_unknowns, value))
    return is_unknown(value)


# Values as text


def text_of(value: object) -> Any:
    """A config value as the string that Kafka Connect stores; what is no config value becomes a mark that `clean`
    refuses later, by the name of its key and together with everything else that is wrong.

    Numbers become strings here, before the wire turns every number into a float.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return {_REFUSED: "text with half of a surrogate pair"}
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else {_REFUSED: "not a finite number"}
    return {_REFUSED: _kind(value)}


def _kind(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list | tuple | set):
        return "a list"
    return f"a {type(value).__name__}"


def offset_value(value: object) -> Any:
    """A value inside an offset, so that its JSON type survives the wire, where every number is a float.

    Offsets hold only primitives, so a map is free to mark what would be lost: `{"long": "..."}`, `{"double": "..."}`.
    """
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else {"long": str(value)}
    if isinstance(value, float) and math.isfinite(value):
        return {"double": repr(value)} if value.is_integer() else value
    return {_REFUSED: _kind(value)}


def _json_of(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "long" in value:
            return int(value["long"])
        return float(value["double"])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


# Configurations


def unmasked(live: Mapping[str, str], sent: Mapping[str, str]) -> dict[str, str]:
    """The live configuration, with what was last sent where the worker answers a mask."""
    return {key: sent.get(key, value) if is_mask(value) else value for key, value in live.items()}


def own(config: Mapping[str, Any]) -> dict[str, Any]:
    """Without the keys that workers add by themselves; keys without a value count as absent."""
    kept = {key: value for key, value in config.items() if key != "name" and not key.startswith("__internal.")}
    return {key: value for key, value in kept.items() if value is not None}


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Keys of two configurations that are not equal, sorted."""
    left, right = own(one), own(other)
    return sorted(key for key in left.keys() | right.keys() if left.get(key) != right.get(key))


# Reading


@dataclass(frozen=True)
class Timeouts:
    """Seconds that each operation may take."""

    create: float = DEFAULT_TIMEOUT
    update: float = DEFAULT_TIMEOUT
    delete: float = DEFAULT_TIMEOUT


@dataclass(frozen=True)
class Offset:
    """One partition and the offset to set; None removes it."""

    partition: Mapping[str, Any]
    offset: Mapping[str, Any] | None


@dataclass(frozen=True)
class ConnectorSpec:
    """A connector as declared, everything known and checked."""

    name: str
    config: Mapping[str, str]
    state: str | None = None
    sensitive: tuple[str, ...] = ()
    restart: Any = None
    offsets: tuple[Offset, ...] | None = None
    adopt: bool = False
    validate: bool = True
    wait: bool = True
    rollback: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    forget: bool = False


def spec_of(inputs: Mapping[str, Any]) -> ConnectorSpec:
    """The spec for inputs that `clean` let pass; keys that an older version did not store get their defaults."""
    offsets = inputs.get("offsets")
    return ConnectorSpec(
        name=inputs["name"],
        config={key: wire_text(value) for key, value in (inputs.get("config") or {}).items()},
        state=inputs.get("state"),
        sensitive=tuple(inputs.get("sensitive") or ()),
        restart=inputs.get("restart"),
        offsets=None if offsets is None else tuple(map(_offset_of, offsets)),
        timeouts=Timeouts(**{key: seconds(value) for key, value in (inputs.get("timeouts") or {}).items()}),
        **{flag: inputs.get(flag, default) for flag, default in FLAGS.items()},
    )


def _offset_of(entry: Mapping[str, Any]) -> Offset:
    offset = entry.get("offset")
    return Offset(
        partition={key: _json_of(value) for key, value in entry["partition"].items()},
        offset=None if offset is None else {key: _json_of(value) for key, value in offset.items()},
    )


def wire_text(value: Any) -> Any:
    """A config value that came over the wire: whole numbers lose the `.0` it gave them."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text_of(value)


def seconds(value: object) -> float:
    """Seconds of a duration: a number, or text such as "90s", "5m", "1h30m".

    Raises:
        ValueError: when it is neither, or not more than zero.
    """
    if isinstance(value, str):
        found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", value.strip())
        if found is None or not any(found.groups()):
            raise ValueError("give seconds, or text such as 90s, 5m or 1h30m")
        hours, minutes, rest = (float(part or 0) for part in found.groups())
        value = hours * 3600 + minutes * 60 + rest
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("give seconds, or text such as 90s, 5m or 1h30m")
    if value <= 0:
        raise ValueError("it must be more than zero")
    return float(value)


_UNUSABLE = {
    "/": "workers of Kafka 4 can create but never change or delete it",
    "%": "workers of Kafka 4 can create but never change or delete it",
    "\\": "workers of Kafka 4 can create but never change or delete it",
    ";": "workers forward requests for it to the connector named by the part before the `;`",
    "{": "workers cannot forward requests for it",
    "}": "workers cannot forward requests for it",
}


def name_problem(name: object) -> str | None:
    """Why no connector can have this name; None when it can."""
    if not isinstance(name, str):
        return f"name must be text, not {_kind(name)}"
    if not name or name != name.strip():
        return "name must not be empty or have blanks around it: workers drop them"
    if name in (".", ".."):
        return "name must not be `.` or `..`: no HTTP client can ask for it"
    if _control(name):
        return "name must not hold control characters: workers refuse them"
    for sign, reason in _UNUSABLE.items():
        if sign in name:
            return f"name must not hold `{sign}`: {reason}"
    return None


def _control(text: str) -> bool:
    return re.search(r"[\x00-\x1f\x7f-\x9f]", text) is not None


def clean(inputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Inputs in the one form that is stored and compared, and everything wrong with them, a sentence each.

    Works with parts unknown. The sentences name keys and never show a value.
    """
    given = {key: inputs[key] for key in INPUTS if inputs.get(key) is not None}
    problems: list[str] = []
    if "name" in given and not is_unknown(given["name"]) and (reason := name_problem(given["name"])):
        problems.append(reason)
    given["config"], wrong = _clean_config(given.get("config"), given.get("name"), given.get("sensitive"))
    problems += wrong
    problems += _flag_problems(given)
    if "timeouts" in given:
        given["timeouts"], wrong = _clean_timeouts(given["timeouts"])
        problems += wrong
    if "offsets" in given:
        problems += _offset_problems(given["offsets"])
    return given, problems


def _clean_config(config: Any, name: Any, sensitive: Any) -> tuple[Any, list[str]]:
    if is_unknown(config):
        return config, []
    if not isinstance(config, Mapping) or set(config) == {_REFUSED}:
        return {}, ["config must be a map of configuration keys to values"]
    kept: dict[str, Any] = {}
    problems: list[str] = []
    for key, raw in config.items():
        value = raw if is_unknown(raw) else wire_text(raw)
        if key == "name":
            if not is_unknown(value) and not is_unknown(name) and value != name:
                problems.append("config['name'] differs from the connector's name: leave it out, it is sent by itself")
            continue
        problems += _entry_problems(key, raw, value, sensitive)
        kept[key] = value
    problems += _class_problems(kept)
    size = sum(len(key.encode()) + len(value.encode()) for key, value in kept.items() if isinstance(value, str))
    if size > LARGEST_CONFIG:
        problems.append(f"config has {size} bytes: workers cannot store more than about {LARGEST_CONFIG}")
    return kept, problems


def _entry_problems(key: str, raw: Any, value: Any, sensitive: Any) -> list[str]:
    if not key or key != key.strip() or _control(key):
        return [f"config[{key!r}]: the key is empty, has blanks around it or holds control characters"]
    if key.startswith("__internal."):
        return [f"config['{key}']: keys that start with __internal. belong to the worker: leave it out"]
    if isinstance(value, Mapping):
        kind = raw.get(_REFUSED) if isinstance(raw, Mapping) and set(raw) == {_REFUSED} else value[_REFUSED]
        how = "leave the key out, or give text (an empty one too)" if kind == "None" else "give text, a number or a boolean"
        return [f"config['{key}']: {kind} is not a configuration value: {how}"]
    listed = sensitive if isinstance(sensitive, list | tuple) else ()
    if is_mask(value) and is_secret(key, value, listed):
        return [f"config['{key}']: this is the mask of a secret, not the secret: give the value itself"]
    return []


def _class_problems(config: Mapping[str, Any]) -> list[str]:
    name = config.get("connector.class")
    if is_unknown(name) or isinstance(name, Mapping):
        return []
    if name is None or not name.strip():
        return ["config['connector.class'] is missing: give the class of the connector plugin"]
    if name != name.strip() or _control(name):
        return ["config['connector.class'] has blanks around it: no plugin has such a name"]
    return []


def _flag_problems(given: Mapping[str, Any]) -> list[str]:
    known = {key: value for key, value in given.items() if not is_unknown(value)}
    problems = [f"{flag} must be True or False" for flag in FLAGS if flag in known and not isinstance(known[flag], bool)]
    if "state" in known and known["state"] not in STATES:
        problems.append(f"state must be one of {', '.join(STATES)} (or left out)")
    sensitive = known.get("sensitive", [])
    if not isinstance(sensitive, list | tuple) or not all(isinstance(key, str) or is_unknown(key) for key in sensitive):
        problems.append("sensitive must be a list of configuration keys")
    return problems


def _clean_timeouts(timeouts: Any) -> tuple[Any, list[str]]:
    if is_unknown(timeouts):
        return timeouts, []
    if not isinstance(timeouts, Mapping):
        return {}, ["timeouts must be a map with create, update or delete"]
    kept: dict[str, Any] = {}
    problems = []
    for key, value in timeouts.items():
        if key not in ("create", "update", "delete"):
            problems.append(f"timeouts['{key}'] is not known: it has create, update and delete")
        elif is_unknown(value):
            kept[key] = value
        else:
            try:
                kept[key] = seconds(value)
            except ValueError as reason:
                problems.append(f"timeouts['{key}']: {reason}")
    return kept, problems


def _offset_problems(offsets: Any) -> list[str]:
    if is_unknown(offsets):
        return []
    if not isinstance(offsets, list | tuple):
        return ["offsets must be a list of {partition, offset}; an empty list resets"]
    return [f"offsets[{at}]{reason}" for at, entry in enumerate(offsets) for reason in _one_offset_problems(entry)]


def _one_offset_problems(entry: Any) -> list[str]:
    if is_unknown(entry):
        return []
    if not isinstance(entry, Mapping) or "partition" not in entry:
        return [" must be a map with partition and offset"]
    problems = [
        f"['{key}'] is not known: it has partition and offset" for key in entry if key not in ("partition", "offset")
    ]
    for part in ("partition", "offset"):
        values = entry.get(part)
        if is_unknown(values) or (part == "offset" and values is None):
            continue
        if not isinstance(values, Mapping) or (part == "partition" and not values):
            problems.append(f"['{part}'] must be a map of names to plain values")
            continue
        problems += [f"['{part}']['{key}'] must be a plain value" for key, value in values.items() if not _plain(value)]
    return problems


def _plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        kind, text = next(iter(value.items()), ("", ""))
        return len(value) == 1 and isinstance(text, str) and re.fullmatch(_WIRE_NUMBERS.get(kind, "$^"), text) is not None
    return value is None or is_unknown(value) or isinstance(value, str | bool | int | float)
