"""Check, diff, create, read, update and delete of topics on plain values: what every front-end calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pulumi_kafka_connectors.core import spec, values
from pulumi_kafka_connectors.core.adoption import may_take_over, taken
from pulumi_kafka_connectors.core.checks import Problem, adopt_problems, config_problem
from pulumi_kafka_connectors.core.clock import SYSTEM
from pulumi_kafka_connectors.core.diff import Changes
from pulumi_kafka_connectors.core.operation import (
    Checked,
    Failure,
    Operation,
    Outcome,
    Props,
    secret_config_keys,
    translate_errors,
)
from pulumi_kafka_connectors.core.registry import Registry
from pulumi_kafka_connectors.core.settings import SettingsError
from pulumi_kafka_connectors.kafka import TopicError, TopicState

if TYPE_CHECKING:
    from pulumi_kafka_connectors.kafka.admin import TopicAdmin

VISIBLE_SECONDS: Final = 30.0
"""How long a change may take to be seen by all brokers."""
_LOOK: Final = 0.1
_COUNTS: Final = ("partitions", "replication_factor")


@translate_errors
def check(operation: Operation, _olds: Mapping[str, Any], news: Mapping[str, Any]) -> Checked:
    """Refuse what cannot work, and bring inputs into the form that is stored. Asks no broker."""
    given = {key: value for key, value in values.reveal(news).items() if value is not None}
    problems = list(_name_problems(given.get("name")))
    for key in _COUNTS:
        problems += _count_problems(key, given.get(key))
    problems += _config_problems(given.get("config", {}))
    problems += adopt_problems(given.get("adopt"))
    config = given.get("config", {})
    given["config"] = config if values.is_unknown(config) else spec.own_config(config) if isinstance(config, Mapping) else {}
    try:
        _admin(operation)
    except (Failure, SettingsError) as problem:
        problems.append(Problem("", operation.format_error(problem)))
    return Checked(_stored(given), tuple(problems))


def _name_problems(name: Any) -> Iterator[Problem]:
    usable = isinstance(name, str) and re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name) and name.strip(".")
    if not values.is_unknown(name) and not usable:
        text = "name must have 1 to 249 letters, digits, dots, underscores and hyphens, and not be `.` or `..`"
        yield Problem("name", text)


def _count_problems(key: str, value: Any) -> Iterator[Problem]:
    whole = isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer() and value >= 1
    if not values.is_unknown(value) and not whole:
        yield Problem(key, f"{key} must be a whole number of at least 1")


def _config_problems(config: Any) -> Iterator[Problem]:
    if values.is_unknown(config):
        return
    if not isinstance(config, Mapping):
        yield Problem("config", "config must be a map of configuration keys to values")
        return
    for key, value in config.items():
        if value is not None and not values.is_unknown(value) and not isinstance(values.wire_text(value), str):
            yield config_problem(key, ": give text, a number or a boolean")


@translate_errors
def compare(_operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Changes:
    """Update or replace: no topic can be renamed, have fewer partitions, or another replication."""
    old, new = _comparable(values.reveal(olds)), _comparable(values.reveal(news))
    inputs = frozenset(key for key in old if old[key] != new[key])
    replaces = [entry.name for entry in spec.TOPIC if entry.replaces and entry.name in inputs]
    before, after = old["partitions"], new["partitions"]
    if isinstance(before, int) and isinstance(after, int) and after < before:
        replaces.append("partitions")
    return Changes(inputs, tuple(replaces))


def _comparable(props: Mapping[str, Any]) -> dict[str, Any]:
    counts = {key: int(props[key]) if isinstance(props.get(key), int | float) else props.get(key) for key in _COUNTS}
    config = spec.own_config(props.get("config") or {}) if not values.is_unknown(props.get("config")) else props["config"]
    return {"name": props.get("name"), "config": config, "adopt": props.get("adopt") or False, **counts}


@translate_errors
def create(operation: Operation, props: Mapping[str, Any]) -> Outcome:
    """Create the topic; one that exists already is taken over as `adopt` allows."""
    inputs, admin = values.reveal(props), _admin(operation)
    name, wanted = inputs["name"], _wanted(inputs)
    adopt = _adopt(operation, inputs)
    _bring(admin, name, wanted, lambda found: _take_over(admin, name, found, wanted, adopt=adopt))
    _OWNERS[admin, name] = operation.owner
    return Outcome(name, _stored(inputs))


def _adopt(operation: Operation, inputs: Props) -> spec.Adopt:
    given = inputs.get("adopt")
    return operation.access.adopt() if given is None else spec.Adopt.of(given)


def _take_over(admin: TopicAdmin, name: str, found: TopicState, wanted: TopicState, *, adopt: spec.Adopt) -> None:
    differing = _differences(found, wanted)
    if not may_take_over(adopt, differing):
        raise Failure(taken(f"topic {name}", differing))
    impossible = [key for key in differing if key == "replication_factor"]
    if wanted.partitions < found.partitions or impossible:
        raise Failure(f"topic {name} cannot be taken over: no topic can have another replication factor or fewer partitions")
    _change(admin, name, found, wanted, before=found)


@translate_errors
def read(operation: Operation, name: str, props: Mapping[str, Any]) -> Outcome:
    """The topic as it is, as outputs and as inputs, so that drift shows per key."""
    with _failures():
        found = _admin(operation).find(name)
    if found is None:
        if "partitions" not in props:
            raise Failure(f"topic {name} does not exist")
        return Outcome("")
    counts = {"partitions": found.partitions, "replication_factor": found.replication_factor}
    kept = {key: values.reveal(props[key]) for key in ("adopt", spec.MARKED) if props.get(key) is not None}
    stored = _stored({"name": name, **counts, "config": dict(found.config), **kept})
    return Outcome(name, stored, stored)


@translate_errors
def update(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Outcome:
    """Change the configuration key by key, and add partitions."""
    inputs, admin = values.reveal(news), _admin(operation)
    name, wanted = inputs["name"], _wanted(inputs)
    before = _wanted(values.reveal(olds))
    _bring(admin, name, wanted, lambda found: _change(admin, name, found, wanted, before=before))
    return Outcome(name, _stored(inputs))


@translate_errors
def delete(operation: Operation, name: str, _props: Mapping[str, Any]) -> None:
    """Delete the topic with its data, and wait until it is gone."""
    admin = _admin(operation)
    owner = _OWNERS.get((admin, name), operation.owner)
    if owner != operation.owner:
        operation.warn(f"topic {name} is now managed by {owner}, which created or took it over in this run: it stays")
        return
    with _failures():
        admin.delete(name)
        _wait_until(admin, name, lambda state: state is None)


# On the brokers


def _admin(operation: Operation) -> TopicAdmin:
    properties = tuple(sorted(operation.access.kafka().items()))
    with _failures():
        return _ADMINS.of(properties)


def _make_admin(properties: tuple[tuple[str, str], ...]) -> TopicAdmin:
    try:
        from pulumi_kafka_connectors.kafka.admin import TopicAdmin
    except ImportError:
        raise Failure("topics need another library: run `pip install pulumi-kafka-connectors[topics]`") from None
    return TopicAdmin(dict(properties))


_ADMINS: Final = Registry(_make_admin, kind=lambda properties: dict(properties).get("bootstrap.servers"))
_OWNERS: Final[dict[tuple[object, str], str]] = {}
"""Which resource created a topic or took it over in this run."""


@contextmanager
def _failures() -> Iterator[None]:
    """Make what the brokers refuse a `Failure`."""
    try:
        yield
    except TopicError as problem:
        raise Failure(str(problem)) from None


def _wanted(inputs: Props) -> TopicState:
    config = spec.own_config(inputs.get("config") or {})
    return TopicState(int(inputs["partitions"]), int(inputs["replication_factor"]), config)


def _bring(admin: TopicAdmin, name: str, wanted: TopicState, change: Callable[[TopicState], None]) -> None:
    """Create the topic, or change the one that there is."""
    with _failures():
        found = admin.find(name)
        if found is not None:
            change(found)
            return
        admin.create(name, wanted)
        _wait_until(admin, name, lambda state: state is not None)


def _change(admin: TopicAdmin, name: str, found: TopicState, wanted: TopicState, *, before: TopicState) -> None:
    """Change what differs, and take out what `before` declared and `wanted` does not; keys of others stay."""
    changed = {key: value for key, value in wanted.config.items() if found.config.get(key) != value}
    removed = sorted(before.config.keys() & found.config.keys() - wanted.config.keys())
    if changed or removed:
        admin.configure(name, changed, removed)

        def configured(state: TopicState | None) -> bool:
            kept = {} if state is None else state.config
            return all(kept.get(key) == value for key, value in changed.items()) and not kept.keys() & set(removed)

        _wait_until(admin, name, configured)
    if wanted.partitions > found.partitions:
        admin.grow(name, wanted.partitions)
        _wait_until(admin, name, lambda state: state is not None and state.partitions == wanted.partitions)


def _wait_until(admin: TopicAdmin, name: str, seen: Callable[[TopicState | None], bool]) -> None:
    until = SYSTEM.now() + VISIBLE_SECONDS
    while not seen(admin.find(name)):
        if SYSTEM.now() > until:
            raise Failure(f"topic {name}: the change cannot be seen after {VISIBLE_SECONDS:.0f} s")
        SYSTEM.sleep(_LOOK)


def _differences(found: TopicState, wanted: TopicState) -> list[str]:
    counts = [key for key in _COUNTS if getattr(found, key) != getattr(wanted, key)]
    return counts + [f"config['{key}']" for key in spec.differing_keys(found.config, wanted.config)]


def _stored(inputs: Props) -> Props:
    return values.mark_secrets(inputs, secret_config_keys(inputs))
