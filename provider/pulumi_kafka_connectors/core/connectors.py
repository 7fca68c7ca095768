"""Check, diff, create, read, update and delete of connectors on plain values: what every front-end calls.

Properties come in as maps of plain values, with `Unknown` and `Secret` as marks; they leave with secret values of the
configuration marked as `Secret`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pulumi_kafka_connectors.connect import ConnectError, Refused
from pulumi_kafka_connectors.connect.errors import without_value
from pulumi_kafka_connectors.core import checks, diff, ownership, spec, values
from pulumi_kafka_connectors.core.checks import Problem
from pulumi_kafka_connectors.core.clock import Cancelled
from pulumi_kafka_connectors.core.diff import Changes
from pulumi_kafka_connectors.core.operation import (
    Checked,
    Failure,
    Incomplete,
    Operation,
    Outcome,
    Props,
    names_in,
    secret_config_keys,
    translate_errors,
)
from pulumi_kafka_connectors.core.settings import PREVIEW_SECONDS, SettingsError
from pulumi_kafka_connectors.core.spec import CLUSTER, MARKED, PASSWORDS, WORKERS

if TYPE_CHECKING:
    from pulumi_kafka_connectors.core.health import Observed
    from pulumi_kafka_connectors.core.validation import Findings

_MARKABLE: Final = frozenset({"restart", "offsets"})
"""Inputs besides `config` that a program may derive from secrets."""


@translate_errors
def check(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Checked:
    """Refuse what cannot work, and bring inputs into the form that is stored.

    The workers are asked only when inputs changed, and only about what is known.
    """
    inputs, problems = checks.clean(values.reveal(news))
    if marked := names_in(news, MARKED):
        inputs[MARKED] = marked
    try:
        asked, passwords = _ask_workers(operation, values.reveal(olds), inputs)
        asked += _name_problems(operation, values.reveal(olds), inputs)
    except (SettingsError, ConnectError) as problem:
        asked, passwords = (Problem("", operation.format_error(problem)),), frozenset()
    if passwords:
        inputs[PASSWORDS] = sorted(passwords)
    known = {problem.key for problem in problems}
    told = (*problems, *(problem for problem in asked if problem.key not in known))
    return Checked(_stored(inputs, news), told)


def _ask_workers(operation: Operation, olds: Props, inputs: Props) -> tuple[tuple[Problem, ...], frozenset[str]]:
    """Problems that the workers tell, and keys that the plugin types as PASSWORD."""
    operation.access.require()
    config = inputs["config"]
    plugin = config.get("connector.class") if isinstance(config, Mapping) else None
    if not isinstance(plugin, str) or not checks.is_class_name(plugin):
        return (), frozenset()
    kept = frozenset(names_in(olds, PASSWORDS)) & config.keys()
    if olds and not diff.compare(olds, inputs).inputs:
        return (), kept
    found = _find_problems(operation, inputs, plugin)
    operation.redactor.add(*found.secrets)
    if found.warning:
        operation.warn(found.warning)
    passwords = found.passwords & config.keys() if found.reached else kept
    if inputs.get("validate") != "off":
        _warn_of_doubts(operation, inputs, found)
    if inputs.get("validate", "error") == "error":
        return found.problems, passwords
    for problem in found.problems:
        operation.warn(f"connector {inputs.get('name', '')}: {problem.text}")
    return (), passwords


def _warn_of_doubts(operation: Operation, inputs: Props, found: Findings) -> None:
    from pulumi_kafka_connectors.core import validation

    for text in validation.doubts(operation.cluster, inputs["config"], found):
        operation.warn(f"connector {inputs.get('name', '')}: {text}")


def _name_problems(operation: Operation, olds: Props, inputs: Props) -> tuple[Problem, ...]:
    """Whether the name of a new connector is taken; asked only where a worker answers at once."""
    from pulumi_kafka_connectors.core import observing

    name, former = inputs.get("name"), olds.get("name")
    if isinstance(former, str):
        # A replacement is checked once more, without what there was before: its name is not taken by somebody else.
        operation.cluster.own_names.add(former)
    if name == former or checks.name_problem(name) or any(checks.adopt_problems(inputs.get("adopt"))):
        return ()
    found = None if name in operation.cluster.own_names else observing.find_existing(operation.cluster, str(name))
    if found is None or values.is_unknown(inputs.get("adopt")):
        return ()
    declared, live = inputs["config"] if isinstance(inputs["config"], Mapping) else {}, spec.own_config(found.config)
    differing = [key for key in diff.live_differences(live, declared) if not values.is_unknown(declared.get(key))]
    if not ownership.may_take_over(operation.adopt(inputs.get("adopt")), differing):
        return (Problem("name", ownership.taken(f"connector {name}", differing)),)
    operation.warn(ownership.will_be_taken_over(f"connector {name}", differing))
    return ()


def _find_problems(operation: Operation, inputs: Props, plugin: str) -> Findings:
    from pulumi_kafka_connectors.core import validation

    config, name = inputs["config"], inputs.get("name", "")
    if inputs.get("validate") == "off" or values.has_unknowns(config) or values.has_unknowns(name):
        version = config.get("connector.plugin.version")
        return validation.password_keys(operation.cluster, plugin, version if isinstance(version, str) else None)
    plain = {key: value for key, value in config.items() if isinstance(value, str)}
    seconds = operation.access.validation()
    return validation.find_problems(operation.cluster, name, plain, secret_config_keys(inputs), seconds)


@translate_errors
def compare(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Changes:
    """Nothing, update or replace; offline unless the addresses of the workers are others than those of the state."""
    changes = diff.compare(values.reveal(olds), values.reveal(news))
    if _moved(operation, olds):
        return replace(changes, replaces=(*changes.replaces, CLUSTER), moved=True)
    if changes.unhealthy:
        _warn_about_failures(operation, str(olds.get("name", "")), values.reveal(olds))
    return changes


def _moved(operation: Operation, olds: Mapping[str, Any]) -> bool:
    """Whether the workers belong to another Kafka cluster than the one that the state names."""
    try:
        urls = operation.access.settings().urls
        if not olds.get(CLUSTER) or set(names_in(olds, WORKERS)) == set(urls):
            return False
        return ownership.is_other_cluster(olds[CLUSTER], operation.cluster.kafka_cluster_id(PREVIEW_SECONDS))
    except (SettingsError, ConnectError):
        return False  # whatever is done to the connector finds out, and refuses


def _warn_about_failures(operation: Operation, name: str, olds: Props) -> None:
    from pulumi_kafka_connectors.core import health, observing, traces

    try:
        cluster = operation.cluster
        status = observing.status_of(cluster.client.with_retry(PREVIEW_SECONDS), name)
    except (SettingsError, ConnectError):
        return
    for text in health.failures(status and traces.guarded(operation, status, _texts(olds.get("config")))):
        operation.warn(f"connector {name}: {text}")


def _require_same_cluster(operation: Operation, name: str, props: Mapping[str, Any]) -> None:
    """Leave a connector of another Kafka cluster alone.

    Raises:
        Failure: naming both clusters.
    """
    current, workers = operation.cluster.kafka_cluster_id(), ", ".join(operation.cluster.settings.urls)
    refusal = ownership.other_cluster(f"connector {name}", props.get(CLUSTER), current, setting="url", where=workers)
    if refusal is not None:
        raise Failure(refusal)


@translate_errors
def expect(_operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Outcome:
    """What a create (without `olds`) or an update will return, as far as that is known before."""
    inputs = _declared(news)
    observed = dict.fromkeys(spec.OBSERVED, values.UNKNOWN)
    if olds:
        lasting = spec.OBSERVED if diff.compare(values.reveal(olds), inputs).local else ("type", CLUSTER)
        observed.update({key: olds[key] for key in (*lasting, WORKERS) if key in olds})
    return Outcome("", _stored({**inputs, **observed}, news))


@translate_errors
def create(operation: Operation, props: Mapping[str, Any]) -> Outcome:
    """Create the connector and wait until it runs."""
    from pulumi_kafka_connectors.core import lifecycle

    inputs = _declared(props)
    declared = _spec(operation, inputs)
    operation.cluster.kafka_cluster_id()  # the outputs name it: what fails here must not fail after the creation
    with _resolving(operation, inputs), _recording(operation, inputs, props):
        found = lifecycle.create(operation, declared)
    operation.cluster.owners[declared.name] = operation.owner
    return Outcome(declared.name, _outputs(operation, inputs, found, props))


@translate_errors
def read(operation: Operation, name: str, props: Mapping[str, Any]) -> Outcome:
    """The connector as it is, as outputs and as inputs, so that every drifted key shows.

    Args:
        operation: how to reach the cluster.
        name: of the connector.
        props: what is known of it; without `status` it is asked for by name alone, and must exist.
    """
    from pulumi_kafka_connectors.core import health, observing, traces, validation

    cluster = operation.cluster
    _require_same_cluster(operation, name, props)
    found = observing.read(cluster, name, cluster.clock.now() + spec.DEFAULT_TIMEOUT)
    if found is None:
        if "status" not in props:
            raise Failure(f"connector {name} does not exist on {', '.join(cluster.settings.urls)}")
        return Outcome("")
    operation.learn_config(found.config)
    inputs = {**_declared(props), "name": name}
    stored = inputs.get("config")
    declared = stored if isinstance(stored, Mapping) else {}
    inputs["config"] = diff.unmasked(found.config, declared)
    if inputs.get("state") is not None and found.target is found.state:
        inputs["state"] = found.state.word
    passwords = set(names_in(inputs, PASSWORDS))
    if drifted := inputs["config"].keys() - declared.keys():
        known = validation.known_passwords(cluster, name, inputs["config"])
        passwords |= drifted if known is None else known
    if passwords:
        inputs[PASSWORDS] = sorted(passwords)
    operation.learn(inputs)
    for text in health.failures(found.status and traces.guarded(operation, found.status, inputs["config"])):
        operation.warn(f"connector {name}: {text}")
    return Outcome(name, _outputs(operation, inputs, found, props), _stored(inputs, props))


@translate_errors
def update(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Outcome:
    """Bring the connector to the new inputs; a change of how operations work makes no REST call."""
    inputs = _declared(news)
    changes = diff.compare(values.reveal(olds), inputs)
    if changes.any and changes.local and (diff.in_target_state(values.reveal(olds)) or inputs.get("wait") is False):
        observed = {key: olds[key] for key in (*spec.OBSERVED, WORKERS) if key in olds}
        return Outcome(inputs["name"], _stored({**inputs, **observed}, news))
    from pulumi_kafka_connectors.core import lifecycle

    _require_same_cluster(operation, inputs["name"], olds)
    with _resolving(operation, inputs), _recording(operation, inputs, news):
        found = lifecycle.update(operation, spec.former_spec(inputs["name"], _declared(olds)), _spec(operation, inputs))
    return Outcome(inputs["name"], _outputs(operation, inputs, found, news))


@translate_errors
def delete(operation: Operation, name: str, props: Mapping[str, Any]) -> None:
    """Delete the connector and wait until it is gone."""
    from pulumi_kafka_connectors.core import lifecycle

    _require_same_cluster(operation, name, props)
    owner = operation.cluster.owners.get(name, operation.owner)
    if owner != operation.owner:
        operation.warn(ownership.now_managed_by(f"connector {name}", owner))
        return
    lifecycle.delete(operation, _in_time(operation, spec.delete_spec(name, props), props))


def _spec(operation: Operation, inputs: Props) -> spec.ConnectorSpec:
    """The declaration, with what the settings say where it says nothing."""
    declared = spec.spec_of(inputs)
    settle = operation.access.settle() if declared.settle is None else declared.settle
    adopt = operation.adopt(inputs.get("adopt"))
    return _in_time(operation, replace(declared, adopt=adopt, settle=settle), inputs)


def _in_time(operation: Operation, declared: spec.ConnectorSpec, props: Mapping[str, Any]) -> spec.ConnectorSpec:
    """The declaration with the time that the engine allows, where the resource itself does not say."""
    if operation.seconds is None or props.get("timeouts"):
        return declared
    return replace(declared, timeouts=spec.Timeouts(*[operation.seconds] * 3))


def _declared(props: Mapping[str, Any]) -> Props:
    """The inputs among stored properties, without marks."""
    return {key: values.reveal(props[key]) for key in (*spec.INPUTS, PASSWORDS, MARKED) if props.get(key) is not None}


def _stored(inputs: Props, marked: Mapping[str, Any]) -> Props:
    """Properties as they are stored: every secret value of the configuration marked, and what came marked again."""
    remarked = {key for key in _MARKABLE & inputs.keys() if isinstance(marked.get(key), values.Secret)}
    inputs = {**inputs, **{key: values.Secret(inputs[key]) for key in remarked}}
    config, given = inputs.get("config"), marked.get("config")
    if not isinstance(config, Mapping):
        return inputs
    keys = set(config) if isinstance(given, values.Secret) else secret_config_keys(inputs)
    if isinstance(given, Mapping):
        keys |= {key for key, value in given.items() if isinstance(value, values.Secret)} & config.keys()
    return values.mark_secrets(inputs, keys)


def _outputs(operation: Operation, inputs: Props, found: Observed, marked: Mapping[str, Any]) -> Props:
    cluster = operation.cluster
    where = {CLUSTER: cluster.kafka_cluster_id() or None, WORKERS: list(cluster.settings.urls)}
    return _stored({**inputs, **found.outputs, **{key: value for key, value in where.items() if value}}, marked)


@contextmanager
def _recording(operation: Operation, inputs: Props, marked: Mapping[str, Any]) -> Iterator[None]:
    """Where what fails in this block leaves something on the cluster, say what, for a front-end that can record it."""
    from pulumi_kafka_connectors.core import observing, plan

    try:
        yield
    except Incomplete as problem:
        cluster, name = operation.cluster, inputs["name"]
        cluster.owners[name] = operation.owner
        found = observing.observe_once(cluster.client, name)
        reached = plan.reached(inputs, problem.unfinished, problem.state)
        problem.remains = Outcome(name, _outputs(operation, reached, found, marked), _stored(reached, marked))
        raise


@contextmanager
def _resolving(operation: Operation, inputs: Props) -> Iterator[None]:
    """Where what fails in this block quotes a worker, hide what the references of the configuration stand for."""
    try:
        yield
    except (Failure, Refused) as problem:
        from pulumi_kafka_connectors.core import traces

        config, secret = _texts(inputs.get("config")), secret_config_keys(inputs)
        try:
            unknown = bool(traces.learn(operation, inputs["name"], config, secret))
        except Cancelled:
            unknown = True
        told = without_value(str(problem))
        if unknown and told != str(problem):
            shown = Failure(told)
            shown.remains = getattr(problem, "remains", None)
            raise shown from None
        raise


def _texts(config: Any) -> dict[str, str]:
    """What is text in a configuration."""
    return {key: value for key, value in config.items() if isinstance(value, str)} if isinstance(config, Mapping) else {}
