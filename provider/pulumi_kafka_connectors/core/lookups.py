"""What the workers know, for programs and the command line: each look-up on an `Operation`, secrets hidden."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_kafka_connectors.connect import Client, ConnectError, models
from pulumi_kafka_connectors.core import traces
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.operation import Failure, Operation, translate_errors
from pulumi_kafka_connectors.core.redaction import HIDDEN, secret_keys
from pulumi_kafka_connectors.core.spec import own_config
from pulumi_kafka_connectors.core.validation import find_problems, password_keys, typed_passwords
from pulumi_kafka_connectors.core.values import texts_of

LOOKUP_SECONDS: Final = 30.0
"""Seconds to try to reach a worker, where `retry` allows as many."""


def _client(operation: Operation) -> Client:
    return operation.cluster.client.with_retry(LOOKUP_SECONDS)


def _hidden(config: Mapping[str, str], typed: frozenset[str]) -> dict[str, str]:
    """The configuration without its secrets: by name, as the plugin types them (`typed`), passwords within values."""
    secret = secret_keys(config, typed)
    return {key: HIDDEN if key in secret else value for key, value in config.items()}


def _without_secrets(cluster: Cluster, info: models.ConnectorInfo) -> models.ConnectorInfo:
    return info.model_copy(update={"config": _hidden(info.config, typed_passwords(cluster, info.config))})


def without_traces(
    operation: Operation, status: models.ConnectorStatus, info: models.ConnectorInfo | None
) -> models.ConnectorStatus:
    """The status without the secrets that its traces may hold."""
    if not traces.has_traces(status):
        return status
    if info is None:
        return traces.withheld(operation, status)
    operation.learn_config(info.config, typed_passwords(operation.cluster, info.config))
    return traces.guarded(operation, status, own_config(info.config))


@translate_errors
def get_worker(operation: Operation) -> models.Worker:
    """`GET /`."""
    return _client(operation).worker()


@translate_errors
def get_connectors(operation: Operation) -> dict[str, models.Expanded]:
    """`GET /connectors?expand=info&expand=status` (Kafka 2.3), by name, values of secret keys hidden."""
    cluster, found = operation.cluster, _client(operation).expanded(status=True, info=True)
    shown = {name: entry.info and _without_secrets(cluster, entry.info) for name, entry in found.items()}
    told = {name: entry.status and without_traces(operation, entry.status, entry.info) for name, entry in found.items()}
    return {name: models.Expanded(info=shown[name], status=told[name]) for name in sorted(found)}


@translate_errors
def get_connector(operation: Operation, name: str, secrets: object = False) -> models.ConnectorInfo:
    """`GET /connectors/{name}`; with `secrets` also the values of secret keys."""
    info = _client(operation).connector(name)
    return info if secrets is True else _without_secrets(operation.cluster, info)


@translate_errors
def get_status(operation: Operation, name: str) -> models.ConnectorStatus:
    """`GET /connectors/{name}/status`, secrets hidden in its traces."""
    client = _client(operation)
    status, info = client.status(name), None
    if traces.has_traces(status):
        with contextlib.suppress(ConnectError):
            info = client.connector(name)
    return without_traces(operation, status, info)


@translate_errors
def get_tasks(operation: Operation, name: str) -> list[models.Task]:
    """`GET /connectors/{name}/tasks`, values of secret keys hidden."""
    client = _client(operation)
    typed = password_keys(operation.cluster, client.connector(name).config.get("connector.class")).passwords
    return [task.model_copy(update={"config": _hidden(task.config, typed)}) for task in client.tasks(name)]


@translate_errors
def get_topics(operation: Operation, name: str) -> list[str]:
    """`GET /connectors/{name}/topics` (Kafka 2.5)."""
    return _client(operation).topics(name)


@translate_errors
def get_offsets(operation: Operation, name: str) -> list[models.PartitionOffset]:
    """`GET /connectors/{name}/offsets` (Kafka 3.5)."""
    return _client(operation).offsets(name)


@translate_errors
def get_plugins(operation: Operation) -> list[models.Plugin]:
    """`GET /connector-plugins`."""
    return _client(operation).plugins()


@translate_errors
def get_plugin(operation: Operation, plugin: str) -> list[models.ConfigKey]:
    """`GET /connector-plugins/{plugin}/config` (Kafka 3.2)."""
    return _client(operation).plugin_config(plugin)


@translate_errors
def validate(operation: Operation, config: Any, name: str, marked: Sequence[str] | None = None) -> list[str]:
    """`PUT /connector-plugins/{class}/config/validate`: every problem, a sentence each that names its key.

    No sentence shows the value of a secret key or of one that is `marked`.
    """
    if not isinstance(config, Mapping) or not isinstance(config.get("connector.class"), str):
        raise Failure("config must be a map of configuration keys to values, with connector.class")
    plain = own_config(texts_of(config))
    wrong = [key for key, value in plain.items() if not isinstance(value, str)]
    if wrong:
        raise Failure(f"config['{wrong[0]}'] is not text, a number or a boolean")
    found = find_problems(operation.cluster, name, plain, secret_keys(plain, marked or ()), operation.access.validation())
    if not found.reached:
        urls = ", ".join(operation.cluster.settings.urls)
        raise Failure(f"none of the workers {urls} could be asked to validate")
    if found.warning:
        raise Failure(found.warning)
    return [problem.text for problem in found.problems]


@translate_errors
def get_loggers(operation: Operation) -> dict[str, models.Logger]:
    """`GET /admin/loggers` (Kafka 2.4)."""
    return _client(operation).loggers()
