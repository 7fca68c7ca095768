"""Check, diff, create, read, update and delete of topics on plain values: what every front-end calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pulumi_kafka_connectors.core import ownership, spec, values
from pulumi_kafka_connectors.core.brokers import Brokers, addresses, brokers_of, translate_topic_errors
from pulumi_kafka_connectors.core.checks import Problem, adopt_problems, config_problem
from pulumi_kafka_connectors.core.clock import SYSTEM
from pulumi_kafka_connectors.core.diff import Changes
from pulumi_kafka_connectors.core.operation import (
    Checked,
    Failure,
    Operation,
    Outcome,
    Props,
    names_in,
    secret_config_keys,
    translate_errors,
)
from pulumi_kafka_connectors.core.settings import PREVIEW_SECONDS, SettingsError
from pulumi_kafka_connectors.kafka import TopicError, TopicState

VISIBLE_SECONDS: Final = 30.0
"""How long a change may take to be seen by all brokers."""
_LOOK: Final = 0.1
_COUNTS: Final = ("partitions", "replication_factor")


@translate_errors
def check(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Checked:
    """Refuse what cannot work, and bring inputs into the form that is stored. Asks the brokers only about new names."""
    given = {key: value for key, value in values.reveal(news).items() if value is not None}
    problems = list(_name_problems(given.get("name")))
    for key in _COUNTS:
        problems += _count_problems(key, given.get(key))
    problems += _config_problems(given.get("config", {}))
    problems += adopt_problems(given.get("adopt"))
    config = given.get("config", {})
    given["config"] = config if values.is_unknown(config) else spec.own_config(config) if isinstance(config, Mapping) else {}
    try:
        brokers = brokers_of(operation)
        if not problems:
            problems += _taken_name_problems(operation, brokers, olds.get("name"), given)
    except (Failure, SettingsError) as problem:
        problems.append(Problem("", operation.format_error(problem)))
    return Checked(_stored(given), tuple(problems))


def _name_problems(name: Any) -> Iterator[Problem]:
    usable = isinstance(name, str) and re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name) and name.strip(".")
    if not values.is_unknown(name) and not usable:
        text = "name must have 1 to 249 letters, digits, dots, underscores and hyphens, and not be `.` or `..`"
        yield Problem("name", text)


def _taken_name_problems(operation: Operation, brokers: Brokers, former: Any, given: Props) -> Iterator[Problem]:
    """Whether the name of a new topic is taken; asked only where a broker answers at once."""
    name, adopt = given["name"], given.get("adopt")
    if isinstance(former, str):
        # A replacement is checked once more, without what there was before: its name is not taken by somebody else.
        brokers.own_names.add(former)
    if name == former or values.is_unknown(name) or name in brokers.own_names or values.is_unknown(adopt):
        return
    found = brokers.find_existing(name)
    if found is None:
        return
    differing = [] if values.has_unknowns(given) else _differences(found, _wanted(given))
    if not ownership.may_take_over(operation.adopt(adopt), differing):
        yield Problem("name", ownership.taken(f"topic {name}", differing))
    else:
        operation.warn(ownership.will_be_taken_over(f"topic {name}", differing))


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
def compare(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Changes:
    """Update or replace: no topic can be renamed, have fewer partitions, or another replication. Asks the brokers only
    if their addresses are others than those of the state.
    """
    old, new = _comparable(values.reveal(olds)), _comparable(values.reveal(news))
    inputs = frozenset(key for key in old if old[key] != new[key])
    replaces = [entry.name for entry in spec.TOPIC if entry.replaces and entry.name in inputs]
    before, after = old["partitions"], new["partitions"]
    if isinstance(before, int | float) and isinstance(after, int | float) and after < before:
        replaces.append("partitions")
    if _moved(operation, olds):
        return Changes(inputs, (*replaces, spec.CLUSTER), moved=True)
    return Changes(inputs, tuple(replaces))


def _moved(operation: Operation, olds: Mapping[str, Any]) -> bool:
    """Whether the brokers are of another Kafka cluster than the one that the state names."""
    try:
        if not olds.get(spec.CLUSTER) or set(names_in(olds, spec.BROKERS)) == set(addresses(operation.access.kafka())):
            return False
        current = brokers_of(operation).admin.cluster_id(PREVIEW_SECONDS)
        return ownership.is_other_cluster(olds[spec.CLUSTER], current)
    except (Failure, SettingsError, TopicError):
        return False  # whatever is done to the topic finds out, and refuses


def _require_same_cluster(operation: Operation, brokers: Brokers, name: str, props: Mapping[str, Any]) -> None:
    """Leave a topic of another Kafka cluster alone.

    Raises:
        Failure: naming both clusters.
    """
    with translate_topic_errors():
        current, where = brokers.admin.cluster_id(), ", ".join(addresses(operation.access.kafka()))
    refusal = ownership.other_cluster(f"topic {name}", props.get(spec.CLUSTER), current, setting="kafka", where=where)
    if refusal is not None:
        raise Failure(refusal)


def _comparable(props: Mapping[str, Any]) -> dict[str, Any]:
    config = props.get("config") or {}
    known = spec.own_config(config) if isinstance(config, Mapping) else config
    # A number from the wire is a float: `2` and `2.0` are equal.
    return {"name": props.get("name"), "config": known, "adopt": props.get("adopt") or False} | {
        key: props.get(key) for key in _COUNTS
    }


@translate_errors
def expect(_operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Outcome:
    """What a create (without `olds`) or an update will return, as far as that is known before."""
    where = {key: olds.get(key, values.UNKNOWN) for key in (spec.CLUSTER, spec.BROKERS)}
    return Outcome("", _stored({**values.reveal(news), **where}))


@translate_errors
def create(operation: Operation, props: Mapping[str, Any]) -> Outcome:
    """Create the topic; one that exists already is taken over as `adopt` allows."""
    inputs, brokers = values.reveal(props), brokers_of(operation)
    name, wanted = inputs["name"], _wanted(inputs)
    adopt = operation.adopt(inputs.get("adopt"))
    with translate_topic_errors():
        brokers.admin.cluster_id()  # the outputs name it: what fails here must not fail after the creation
    _bring(brokers, name, wanted, lambda found: _take_over(brokers, name, found, wanted, adopt=adopt))
    brokers.owners[name] = operation.owner
    return Outcome(name, _outputs(operation, brokers, inputs))


def _take_over(brokers: Brokers, name: str, found: TopicState, wanted: TopicState, *, adopt: spec.Adopt) -> None:
    differing = _differences(found, wanted)
    if not ownership.may_take_over(adopt, differing):
        raise Failure(ownership.taken(f"topic {name}", differing))
    impossible = [key for key in differing if key == "replication_factor"]
    if wanted.partitions < found.partitions or impossible:
        raise Failure(f"topic {name} cannot be taken over: no topic can have another replication factor or fewer partitions")
    _change(brokers, name, found, wanted, before=found)


@translate_errors
def read(operation: Operation, name: str, props: Mapping[str, Any]) -> Outcome:
    """The topic as it is, as outputs and as inputs, so that drift shows per key."""
    brokers = brokers_of(operation)
    _require_same_cluster(operation, brokers, name, props)
    with translate_topic_errors():
        found = brokers.admin.find(name)
    if found is None:
        if "partitions" not in props:
            raise Failure(f"topic {name} does not exist")
        return Outcome("")
    counts = {"partitions": found.partitions, "replication_factor": found.replication_factor}
    kept = {key: values.reveal(props[key]) for key in ("adopt", spec.MARKED) if props.get(key) is not None}
    inputs = {"name": name, **counts, "config": dict(found.config), **kept}
    return Outcome(name, _outputs(operation, brokers, inputs), _stored(inputs))


@translate_errors
def update(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Outcome:
    """Change the configuration key by key, and add partitions."""
    inputs, brokers = values.reveal(news), brokers_of(operation)
    name, wanted = inputs["name"], _wanted(inputs)
    _require_same_cluster(operation, brokers, name, olds)
    config = values.reveal(olds.get("config"))
    before = TopicState(0, 0, spec.own_config(config) if isinstance(config, Mapping) else {})
    _bring(brokers, name, wanted, lambda found: _change(brokers, name, found, wanted, before=before))
    return Outcome(name, _outputs(operation, brokers, inputs))


@translate_errors
def delete(operation: Operation, name: str, props: Mapping[str, Any]) -> None:
    """Delete the topic with its data, and wait until it is gone."""
    brokers = brokers_of(operation)
    _require_same_cluster(operation, brokers, name, props)
    owner = brokers.owners.get(name, operation.owner)
    if owner != operation.owner:
        operation.warn(ownership.now_managed_by(f"topic {name}", owner))
        return
    with translate_topic_errors():
        brokers.admin.delete(name)
        _wait_until(brokers, name, lambda state: state is None)


# On the brokers


def _wanted(inputs: Props) -> TopicState:
    config = spec.own_config(inputs.get("config") or {})
    return TopicState(int(inputs["partitions"]), int(inputs["replication_factor"]), config)


def _bring(brokers: Brokers, name: str, wanted: TopicState, change: Callable[[TopicState], None]) -> None:
    """Create the topic, or change the one that there is."""
    with translate_topic_errors():
        found = brokers.admin.find(name)
        if found is not None:
            change(found)
            return
        brokers.admin.create(name, wanted)
        _wait_until(brokers, name, lambda state: state is not None)


def _change(brokers: Brokers, name: str, found: TopicState, wanted: TopicState, *, before: TopicState) -> None:
    """Change what differs, and take out what `before` declared and `wanted` does not; keys of others stay."""
    changed = {key: value for key, value in wanted.config.items() if found.config.get(key) != value}
    removed = sorted(before.config.keys() & found.config.keys() - wanted.config.keys())
    if changed or removed:
        brokers.admin.configure(name, changed, removed)

        def configured(state: TopicState | None) -> bool:
            kept = {} if state is None else state.config
            return all(kept.get(key) == value for key, value in changed.items()) and not kept.keys() & set(removed)

        _wait_until(brokers, name, configured)
    if wanted.partitions > found.partitions:
        brokers.admin.grow(name, wanted.partitions)
        _wait_until(brokers, name, lambda state: state is not None and state.partitions == wanted.partitions)


def _wait_until(brokers: Brokers, name: str, seen: Callable[[TopicState | None], bool]) -> None:
    until = SYSTEM.now() + VISIBLE_SECONDS
    while not seen(brokers.admin.find(name)):
        if SYSTEM.now() > until:
            raise Failure(f"topic {name}: the change cannot be seen after {VISIBLE_SECONDS:.0f} s")
        SYSTEM.sleep(_LOOK)


def _differences(found: TopicState, wanted: TopicState) -> list[str]:
    counts = [key for key in _COUNTS if getattr(found, key) != getattr(wanted, key)]
    return counts + [f"config['{key}']" for key in spec.differing_keys(found.config, wanted.config)]


def _stored(inputs: Props) -> Props:
    return values.mark_secrets(inputs, secret_config_keys(inputs))


def _outputs(operation: Operation, brokers: Brokers, inputs: Props) -> Props:
    with translate_topic_errors():
        return _stored(
            {**inputs, spec.CLUSTER: brokers.admin.cluster_id(), spec.BROKERS: addresses(operation.access.kafka())}
        )
