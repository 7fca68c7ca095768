"""Plain refusals of what a user declares about one connector: offline, everything at once, by key. Pure.

Sentences name keys and never show a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_kafka_connectors.core import redaction, spec, values
from pulumi_kafka_connectors.core.values import REFUSED, is_unknown, kind_of


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a declaration.

    Attributes:
        key: where, as a user would write it: `config['tasks.max']`, `timeouts['create']`, `name`; empty for the whole.
        text: the sentence, which names the key.
    """

    key: str
    text: str


def config_problem(key: str, text: str) -> Problem:
    """A problem of one configuration key."""
    where = f"config[{key!r}]"
    return Problem(where, f"{where}{text}")


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
        return f"name must be text, not {kind_of(name)}"
    if not name or name != name.strip():
        return "name must not be empty or have blanks around it: workers drop them"
    if name in (".", ".."):
        return "name must not be `.` or `..`: no HTTP client can ask for it"
    if _has_control(name):
        return "name must not hold control characters: workers refuse them"
    if _has_surrogate(name):
        return "name must not hold half of a surrogate pair: it cannot be sent"
    for sign, reason in _UNUSABLE.items():
        if sign in name:
            return f"name must not hold `{sign}`: {reason}"
    return None


def _has_surrogate(text: str) -> bool:
    return re.search(r"[\ud800-\udfff]", text) is not None


def _has_control(text: str) -> bool:
    return re.search(r"[\x00-\x1f\x7f-\x9f]", text) is not None


def clean(inputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Inputs in the one form that is stored and compared, and everything wrong with them.

    Works with parts unknown.
    """
    given = {key: inputs[key] for key in spec.INPUTS if inputs.get(key) is not None}
    problems = list(_name_problems(given.get("name")))
    problems += _config_problems(given)
    problems += _flag_problems(given)
    if validate_mode(given.get("validate")) is not None:
        given["validate"] = validate_mode(given["validate"])
    if "timeouts" in given:
        given["timeouts"], wrong = _clean_timeouts(given["timeouts"])
        problems += wrong
    if "offsets" in given:
        problems += _offsets_problems(given["offsets"])
    given["config"] = _clean_config(given.get("config"))
    return given, problems


def _name_problems(name: Any) -> Iterator[Problem]:
    if name is not None and not is_unknown(name) and (reason := name_problem(name)):
        yield Problem("name", reason)


# The configuration


def _is_map(config: Any) -> bool:
    return isinstance(config, Mapping) and set(config) != {REFUSED}


def _clean_config(config: Any) -> Any:
    if is_unknown(config):
        return config
    return spec.own_config(config) if _is_map(config) else {}


def _config_problems(given: Mapping[str, Any]) -> Iterator[Problem]:
    config, name = given.get("config"), given.get("name")
    if is_unknown(config):
        return
    if not isinstance(config, Mapping) or not _is_map(config):
        yield Problem("config", "config must be a map of configuration keys to values")
        return
    sensitive = given.get("sensitive")
    listed = sensitive if isinstance(sensitive, list | tuple) else ()
    for key, value in config.items():
        if key == "name":
            yield from _inner_name_problems(value, name)
        else:
            yield from _entry_problems(key, value, listed)
    yield from _class_problems(config.get("connector.class"))
    size = sum(
        len(key.encode("utf-8", "replace")) + len(value.encode())
        for key, value in spec.own_config(config).items()
        if _is_text(value)
    )
    if size > spec.LARGEST_CONFIG:
        text = f"config has {size} bytes: workers cannot store more than about {spec.LARGEST_CONFIG}"
        yield Problem("config", text)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(values.text_of(value), Mapping)


def _inner_name_problems(value: Any, name: Any) -> Iterator[Problem]:
    if not is_unknown(value) and not is_unknown(name) and values.wire_text(value) != name:
        yield config_problem("name", " differs from the connector's name: leave it out, it is sent by itself")


def _entry_problems(key: str, value: Any, listed: Any) -> Iterator[Problem]:
    if not key or key != key.strip() or _has_control(key) or _has_surrogate(key):
        yield config_problem(key, ": the key is empty, has blanks around it or holds control characters")
    elif key.startswith("__internal."):
        yield config_problem(key, ": keys that start with __internal. belong to the worker: leave it out")
    elif (kind := _refusal(value)) == values.NO_KEY:
        yield config_problem(key, ": the key is not text: write it as text in quotes")
    elif kind is not None:
        way_out = (
            "leave the key out, or give text (an empty one too)" if kind == "None" else "give text, a number or a boolean"
        )
        yield config_problem(key, f": {kind} is not a configuration value: {way_out}")
    elif redaction.is_mask(value) and redaction.is_secret(key, value, listed):
        yield config_problem(key, ": this is the mask of a secret, not the secret: give the value itself")


def _refusal(value: Any) -> str | None:
    """What a value is that no configuration can hold; None when it can, or is not known yet."""
    if is_unknown(value):
        return None
    if isinstance(value, Mapping) and set(value) == {REFUSED}:
        return str(value[REFUSED])
    text = values.wire_text(value)
    return str(text[REFUSED]) if isinstance(text, Mapping) else None


def _class_problems(name: Any) -> Iterator[Problem]:
    key = "connector.class"
    text = None if name is None or is_unknown(name) else values.wire_text(name)
    if is_unknown(name) or isinstance(text, Mapping):
        return
    if text is None or not text.strip():
        yield config_problem(key, " is missing: give the class of the connector plugin")
    elif text != text.strip() or _has_control(text):
        yield config_problem(key, " has blanks around it: no plugin has such a name")
    elif not is_class_name(text):
        yield config_problem(key, " is not the name of a class: no plugin has such a name")


def is_class_name(text: object) -> bool:
    """Whether a worker can be asked about a plugin of this name."""
    return isinstance(text, str) and bool(text.strip(".")) and text == text.strip() and not re.search(r"[/\\]|\.\.", text)


# The other inputs


def _flag_problems(given: Mapping[str, Any]) -> Iterator[Problem]:
    known = {key: value for key, value in given.items() if not is_unknown(value)}
    for flag in spec.FLAGS:
        if flag in known and not isinstance(known[flag], bool):
            yield Problem(flag, f"{flag} must be True or False")
    if "validate" in known and validate_mode(known["validate"]) is None:
        yield Problem("validate", f"validate must be one of {', '.join(spec.VALIDATE)}")
    yield from adopt_problems(known.get("adopt"))
    yield from _settle_problems(known.get("settle"))
    words = [state.word for state in spec.TARGET_STATES]
    if "state" in known and known["state"] not in words:
        yield Problem("state", f"state must be one of {', '.join(words)} (or left out)")
    sensitive = known.get("sensitive", [])
    if not isinstance(sensitive, list | tuple) or not all(isinstance(key, str) or is_unknown(key) for key in sensitive):
        yield Problem("sensitive", "sensitive must be a list of configuration keys")


def validate_mode(value: object) -> str | None:
    """`error`, `warn` or `off`: True and False stand for the first and the last; None for anything else."""
    if isinstance(value, bool):
        return "error" if value else "off"
    return value if isinstance(value, str) and value in spec.VALIDATE else None


def adopt_problems(value: object) -> Iterator[Problem]:
    """What is wrong with the input `adopt`; None is fine."""
    try:
        if value is not None and not is_unknown(value):
            spec.Adopt.of(value)
    except ValueError as reason:
        yield Problem("adopt", f"adopt {reason}")


def _settle_problems(value: object) -> Iterator[Problem]:
    try:
        if value is not None:
            values.seconds_of(value, zero=True)
    except ValueError as reason:
        yield Problem("settle", f"settle: {reason}")


def _clean_timeouts(timeouts: Any) -> tuple[Any, list[Problem]]:
    if is_unknown(timeouts):
        return timeouts, []
    if not isinstance(timeouts, Mapping):
        return {}, [Problem("timeouts", "timeouts must be a map with create, update or delete")]
    kept: dict[str, Any] = {}
    problems = []
    for key, value in timeouts.items():
        where = f"timeouts['{key}']"
        if key not in ("create", "update", "delete"):
            problems.append(Problem(where, f"{where} is not known: it has create, update and delete"))
        elif is_unknown(value):
            kept[key] = value
        else:
            try:
                kept[key] = values.seconds_of(value)
            except ValueError as reason:
                problems.append(Problem(where, f"{where}: {reason}"))
    return kept, problems


def _offsets_problems(offsets: Any) -> Iterator[Problem]:
    if is_unknown(offsets):
        return
    if not isinstance(offsets, list | tuple):
        yield Problem("offsets", "offsets must be a list of {partition, offset}; an empty list resets")
        return
    for at, entry in enumerate(offsets):
        for reason in _offset_reasons(entry):
            yield Problem(f"offsets[{at}]", f"offsets[{at}]{reason}")


def _offset_reasons(entry: Any) -> Iterator[str]:
    """What is wrong with one entry, each to be put behind its place."""
    if is_unknown(entry):
        return
    if not isinstance(entry, Mapping) or "partition" not in entry:
        yield " must be a map with partition and offset"
        return
    for key in entry:
        if key not in ("partition", "offset"):
            yield f"['{key}'] is not known: it has partition and offset"
    for part in ("partition", "offset"):
        inner = entry.get(part)
        if is_unknown(inner) or (part == "offset" and inner is None):
            continue
        if not isinstance(inner, Mapping) or (part == "partition" and not inner):
            yield f"['{part}'] must be a map of names to plain values"
            continue
        for key, value in inner.items():
            if not values.is_offset_value(value):
                yield f"['{part}']['{key}'] must be a plain value"
