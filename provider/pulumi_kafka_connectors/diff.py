"""What a change of the declaration means: nothing, update or replace. Pure, without any call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_kafka_connectors import spec


@dataclass(frozen=True)
class Change:
    """Which inputs changed, which of them need a new connector, and whether only the cluster changed."""

    inputs: frozenset[str]
    replaces: tuple[str, ...]
    drifted: bool

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.inputs) or self.drifted


def change(old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    """Compare the last outputs of a connector (they hold its inputs too) with its declaration."""
    inputs = frozenset(key for key in spec.INPUTS if _input(old, key) != _input(new, key))
    replaces = []
    if "name" in inputs:
        replaces.append("name")
    if "config" in inputs and _other_class(old.get("config"), new.get("config")):
        replaces.append("config")
    return Change(inputs, tuple(replaces), _failed(old) and new.get("wait", True) is not False)


def _input(values: Mapping[str, Any], key: str) -> Any:
    value = values.get(key)
    if value is None or value in ({}, []):
        # An empty list of offsets asks for a reset; everywhere else empty and absent are the same.
        return value if key == "offsets" else spec.FLAGS.get(key)
    if key == "config" and isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in spec.own(value).items()}
    if key == "timeouts" and isinstance(value, Mapping):
        return {name: _duration(entry) for name, entry in value.items()}
    return value


def _plain(value: Any) -> Any:
    return value if spec.is_unknown(value) else spec.wire_text(value)


def _duration(value: Any) -> Any:
    try:
        return spec.seconds(value)
    except ValueError:
        return value


def _other_class(old: Any, new: Any) -> bool:
    before, after = (values.get("connector.class") if isinstance(values, Mapping) else None for values in (old, new))
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
    tasks = old.get("tasks")
    states = [task.get("state") for task in tasks if isinstance(task, Mapping)] if isinstance(tasks, list | tuple) else []
    return "failed" in [old.get("status"), *states]
