"""Check, diff, create, read, update and delete of connectors on plain values: what every front-end calls.

Properties come in as maps of plain values, with `Unknown` and `Secret` as marks; they leave with secret values of the
configuration marked as `Secret`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pulumi_kafka_connectors.connect import ConnectError, Refused
from pulumi_kafka_connectors.core import checks, diff, spec, values
from pulumi_kafka_connectors.core.checks import Problem
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
from pulumi_kafka_connectors.core.settings import SettingsError
from pulumi_kafka_connectors.core.spec import PASSWORDS

if TYPE_CHECKING:
    from pulumi_kafka_connectors.core.health import Observed
    from pulumi_kafka_connectors.core.validation import Findings


@translate_errors
def check(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Checked:
    """Refuse what cannot work, and bring inputs into the form that is stored.

    The workers are asked only when inputs changed, and only about what is known.
    """
    inputs, problems = checks.clean(values.reveal(news))
    try:
        asked, passwords = _ask_workers(operation, values.reveal(olds), inputs)
    except (SettingsError, ConnectError) as problem:
        asked, passwords = (Problem("", operation.format_error(problem)),), frozenset()
    if passwords:
        inputs[PASSWORDS] = sorted(passwords)
    known = {problem.key for problem in problems}
    told = (*problems, *(problem for problem in asked if problem.key not in known))
    return Checked(_stored(inputs, news), told)


def _ask_workers(operation: Operation, olds: Props, inputs: Props) -> tuple[tuple[Problem, ...], frozenset[str]]:
    """Problems that the workers tell, and keys that the plugin types as PASSWORD."""
    operation.access.settings()  # told also where nothing is asked
    config = inputs["config"]
    plugin = config.get("connector.class") if isinstance(config, Mapping) else None
    if not isinstance(plugin, str) or not plugin or plugin != plugin.strip():
        return (), frozenset()
    kept = frozenset(names_in(olds, PASSWORDS)) & config.keys()
    unchanged = bool(olds) and not diff.compare(olds, inputs).inputs
    if unchanged or inputs.get("validate") is False:
        return (), kept
    found = _find_problems(operation, inputs, plugin)
    operation.redactor.add(*found.secrets)
    return found.problems, found.passwords & config.keys() if found.reached else kept


def _find_problems(operation: Operation, inputs: Props, plugin: str) -> Findings:
    from pulumi_kafka_connectors.core import validation

    config, name = inputs["config"], inputs.get("name", "")
    if values.has_unknowns(config) or values.is_unknown(name):
        return validation.password_keys(operation.cluster, plugin)
    plain = {key: value for key, value in config.items() if isinstance(value, str)}
    return validation.find_problems(operation.cluster, name, plain, secret_config_keys(inputs))


@translate_errors
def compare(_operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Changes:
    """Nothing, update or replace; offline."""
    return diff.compare(values.reveal(olds), values.reveal(news))


@translate_errors
def create(operation: Operation, props: Mapping[str, Any]) -> Outcome:
    """Create the connector and wait until it runs."""
    from pulumi_kafka_connectors.core import lifecycle

    inputs = _declared(props)
    declared = spec.spec_of(inputs)
    with _resolving(operation, inputs):
        found = lifecycle.create(operation, declared)
    return Outcome(declared.name, _outputs(inputs, found, props))


@translate_errors
def read(operation: Operation, name: str, props: Mapping[str, Any]) -> Outcome:
    """The connector as it is, as outputs and as inputs, so that every drifted key shows.

    Args:
        operation: how to reach the cluster.
        name: of the connector.
        props: what is known of it; without `status` it is asked for by name alone, and must exist.
    """
    from pulumi_kafka_connectors.core import observing, validation

    cluster = operation.cluster
    found = observing.read(cluster, name, cluster.clock.now() + spec.DEFAULT_TIMEOUT)
    if found is None:
        if "status" not in props:
            raise Failure(f"connector {name} does not exist on {', '.join(cluster.settings.urls)}")
        return Outcome("")
    inputs = {**_declared(props), "name": name}
    declared = inputs.get("config") or {}
    inputs["config"] = diff.unmasked(found.config, declared)
    if inputs.get("state") is not None and found.target is found.state:
        inputs["state"] = found.state.word
    passwords = set(names_in(inputs, PASSWORDS))
    if inputs["config"].keys() - declared.keys():
        passwords |= validation.typed_passwords(cluster, inputs["config"])
    if passwords:
        inputs[PASSWORDS] = sorted(passwords)
    return Outcome(name, _outputs(inputs, found, props), _stored(inputs, props))


@translate_errors
def update(operation: Operation, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Outcome:
    """Bring the connector to the new inputs; a change of how operations work makes no REST call."""
    inputs = _declared(news)
    changes = diff.compare(values.reveal(olds), inputs)
    if changes.any and changes.local:
        observed = {key: olds[key] for key in spec.OBSERVED if key in olds}
        return Outcome(inputs["name"], _stored({**inputs, **observed}, news))
    from pulumi_kafka_connectors.core import lifecycle

    with _resolving(operation, inputs):
        found = lifecycle.update(operation, spec.spec_of(_declared(olds)), spec.spec_of(inputs))
    return Outcome(inputs["name"], _outputs(inputs, found, news))


@translate_errors
def delete(operation: Operation, name: str, props: Mapping[str, Any]) -> None:
    """Delete the connector and wait until it is gone."""
    from pulumi_kafka_connectors.core import lifecycle

    lifecycle.delete(operation, spec.spec_of({**_declared(props), "name": name}))


def _declared(props: Mapping[str, Any]) -> Props:
    """The inputs among stored properties, without marks."""
    return {key: values.reveal(props[key]) for key in (*spec.INPUTS, PASSWORDS) if props.get(key) is not None}


def _stored(inputs: Props, marked: Mapping[str, Any]) -> Props:
    """Properties as they are stored: every secret value of the configuration marked, and what came marked again."""
    config, given = inputs.get("config"), marked.get("config")
    if not isinstance(config, Mapping):
        return inputs
    keys = secret_config_keys(inputs)
    if isinstance(given, Mapping):
        keys |= {key for key, value in given.items() if isinstance(value, values.Secret)} & config.keys()
    return values.mark_secrets(inputs, keys)


def _outputs(inputs: Props, found: Observed, marked: Mapping[str, Any]) -> Props:
    return _stored({**inputs, **found.outputs}, marked)


@contextmanager
def _resolving(operation: Operation, inputs: Props) -> Iterator[None]:
    """Where what fails in this block quotes a worker, learn what the references of the configuration stand for."""
    try:
        yield
    except (Failure, Refused):
        from pulumi_kafka_connectors.core import validation

        config = {key: value for key, value in (inputs.get("config") or {}).items() if isinstance(value, str)}
        secret = secret_config_keys(inputs)
        operation.redactor.add(*(validation.resolved_secrets(operation.cluster, inputs["name"], config, secret) or ()))
        raise
