"""What a change of the declaration means: nothing, update or replace. Pure, without any call."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_kafka_connectors.core import spec
from pulumi_kafka_connectors.core.redaction import is_mask
from pulumi_kafka_connectors.core.values import seconds_of

_TARGET_WORDS: Final = [state.word for state in spec.TARGET_STATES]


@dataclass(frozen=True)
class Changes:
    """What is different between the state and the declaration.

    Attributes:
        inputs: names of the inputs that changed.
        replaces: properties for whose change another connector is needed.
        unhealthy: whether an update must mend what the last look showed failed.
        moved: whether the workers belong to another Kafka cluster than the connector.
    """

    inputs: frozenset[str] = frozenset()
    replaces: tuple[str, ...] = ()
    unhealthy: bool = False
    moved: bool = False

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.inputs) or self.unhealthy or self.moved

    @property
    def local(self) -> bool:
        """Whether only inputs changed that say how operations work: nothing to do on the cluster."""
        return self.inputs <= spec.LOCAL and not self.unhealthy


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Compare the last outputs of a connector (they hold its inputs too) with its declaration."""
    inputs = frozenset(key for key in spec.INPUTS if _input(old, key) != _input(new, key))
    replaces = [entry.name for entry in spec.CONNECTOR if entry.replaces and entry.name in inputs]
    if "config" in inputs and _other_class(old.get("config"), new.get("config")):
        replaces.append("config")
    return Changes(inputs, tuple(replaces), _failed(old) and new.get("wait", True) is not False)


def _input(props: Mapping[str, Any], key: str) -> Any:
    value = props.get(key)
    if value is None or value in ({}, []):
        # An empty list of offsets asks for a reset; everywhere else empty and absent are the same.
        return value if key == "offsets" else spec.DEFAULTS.get(key)
    if key == "config" and isinstance(value, Mapping):
        return spec.own_config(value)
    if key == "timeouts" and isinstance(value, Mapping):
        return {name: _duration(entry) for name, entry in value.items()}
    return value


class Kind(enum.Enum):
    """How one property differs."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Detail:
    """One property that differs, and whether for this another resource is needed."""

    kind: Kind
    replaces: bool


def details(old: Mapping[str, Any], new: Mapping[str, Any], changes: Changes) -> dict[str, Detail]:
    """What differs, per key of the configuration, by property path such as `config["tasks.max"]`."""
    found: dict[str, Detail] = {}
    for name in sorted(changes.inputs):
        before, after = old.get(name), new.get(name)
        if name != "config" or not isinstance(before, Mapping) or not isinstance(after, Mapping):
            found[name] = Detail(_kind(before, after), name in changes.replaces)
            continue
        one, other = spec.own_config(before), spec.own_config(after)
        for key in spec.differing_keys(one, other):
            replaces = name in changes.replaces and key == "connector.class"
            found[f"config{_step_to(key)}"] = Detail(_kind(one.get(key), other.get(key)), replaces)
    return found


def _step_to(key: str) -> str:
    """A key of a map in a property path, as the engine spells it."""
    return f".{key}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key) else f"[{json.dumps(key)}]"


def _kind(before: Any, after: Any) -> Kind:
    return Kind.ADD if before is None else Kind.DELETE if after is None else Kind.UPDATE


def _duration(value: Any) -> Any:
    try:
        return seconds_of(value)
    except ValueError:
        return value


def _other_class(old: Any, new: Any) -> bool:
    before, after = (config.get("connector.class") if isinstance(config, Mapping) else None for config in (old, new))
    if not isinstance(before, str) or not isinstance(after, str):
        # Not known yet: the update that follows finds out, and a worker changes the class of a connector in place.
        return False
    return not same_class(before, after)


def same_class(one: str, other: str) -> bool:
    """Whether two values of `connector.class` name the same plugin: a full name, a simple name and an alias may."""
    if one == other:
        return True
    if "." in one and "." in other:
        return False
    return _alias(one) == _alias(other)


def _alias(name: str) -> str:
    simple = name.rpartition(".")[2]
    return simple.removesuffix("Connector") or simple


def _failed(old: Mapping[str, Any]) -> bool:
    return "failed" in _states(old)


def _states(old: Mapping[str, Any]) -> list[Any]:
    """The last known states of a connector and its tasks."""
    tasks = old.get("tasks")
    states = [task.get("state") for task in tasks if isinstance(task, Mapping)] if isinstance(tasks, list | tuple) else []
    return [old.get("status"), *states]


def in_target_state(old: Mapping[str, Any]) -> bool:
    """Whether the last look at a connector showed it and its tasks in states that can be asked for."""
    return all(state in _TARGET_WORDS for state in _states(old))


# Against a live configuration, in which workers may show a mask instead of a secret


def live_differences(live: Mapping[str, str], declared: Mapping[str, str]) -> list[str]:
    """Keys in which a live configuration differs from a declared one; a mask is equal to any value."""
    return [key for key in spec.differing_keys(live, declared) if not (key in declared and is_mask(live.get(key)))]


def unmasked(live: Mapping[str, str], sent: Mapping[str, str]) -> dict[str, str]:
    """The live configuration, with what was last sent where the worker answers a mask."""
    return {key: sent.get(key, value) if is_mask(value) else value for key, value in live.items()}
