"""Functions that query the workers from programs: plain ones, and `_output` variants that take and return outputs.

Each queries the cluster of the stack's settings, or that of `provider=`, when the program runs, also during preview. A
plain function needs known arguments; if a name or a setting is an output of a resource, the `_output` variant waits for
it (and returns an unknown output during preview if it is unknown).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import pulumi

from pulumi_kafka_connectors.connect.models import (
    ConfigKey,
    ConnectorInfo,
    ConnectorStatus,
    Expanded,
    Logger,
    PartitionOffset,
    Plugin,
    Task,
    Worker,
)
from pulumi_kafka_connectors.core import lookups, settings
from pulumi_kafka_connectors.core.operation import Operation, OperationFailed
from pulumi_kafka_connectors.resources.inputs import config_input, is_awaitable, marked_input
from pulumi_kafka_connectors.resources.provider import ProviderDeclaration as Provider

T = TypeVar("T")
_Given = Mapping[str, Any]


class LookupFailed(pulumi.RunError):
    """A lookup failed. Pulumi shows only the message, without a traceback."""


# Internals


def _given(provider: Provider | None) -> dict[str, Any]:
    if provider is not None:
        return dict(provider.given)
    stack = pulumi.Config(settings.NAMESPACE)
    return {name: stack.get(name) for name in settings.NAMES}


def _answer(given: _Given, query: Callable[..., T], *args: Any) -> T:
    try:
        return query(Operation(settings.Access(given)), *args)
    except OperationFailed as problem:
        text = str(problem)
    raise LookupFailed(text)


def _has_awaitables(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_awaitables, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_awaitables, value))
    return is_awaitable(value)


def _call(provider: Provider | None, query: Callable[..., T], *args: Any) -> T:
    given = _given(provider)
    awaitable = [name for name, value in given.items() if _has_awaitables(value)]
    if awaitable or _has_awaitables(args):
        what = f"setting {awaitable[0]} of the provider" if awaitable else "an argument"
        raise LookupFailed(f"{what} is an output, whose value is not known yet: use the _output variant of this function")
    return _answer(given, query, *args)


def _call_output(provider: Provider | None, query: Callable[..., T], *args: Any) -> pulumi.Output[T]:
    # A secret login does not make the workers' responses secret.
    given: pulumi.Output[_Given] = pulumi.Output.unsecret(pulumi.Output.from_input(_given(provider)))

    def ask(known: list[Any]) -> Awaitable[T]:
        return asyncio.to_thread(_answer, known[0], query, *known[1:])

    return pulumi.Output.all(given, *args).apply(ask)


# Functions


def get_worker(*, provider: Provider | None = None) -> Worker:
    """`GET /`: version, commit and Kafka cluster ID of the worker that answers.

    Raises:
        LookupFailed: no worker answers, or it refuses.
    """
    return _call(provider, lookups.get_worker)


def get_worker_output(*, provider: Provider | None = None) -> pulumi.Output[Worker]:
    """As `get_worker`, as an output."""
    return _call_output(provider, lookups.get_worker)


def get_connectors(*, provider: Provider | None = None) -> dict[str, Expanded]:
    """`GET /connectors?expand=info&expand=status` (Kafka 2.3): `info` and `status` of every connector, by name.

    Values of secret keys are `[hidden]`.

    Raises:
        LookupFailed: no worker answers, or it refuses.
    """
    return _call(provider, lookups.get_connectors)


def get_connectors_output(*, provider: Provider | None = None) -> pulumi.Output[dict[str, Expanded]]:
    """As `get_connectors`, as an output."""
    return _call_output(provider, lookups.get_connectors)


def get_connector(name: str, *, secrets: bool = False, provider: Provider | None = None) -> ConnectorInfo:
    """`GET /connectors/{name}`: its configuration, tasks and type.

    Args:
        name: of the connector.
        secrets: also the values of secret keys, instead of `[hidden]`.
        provider: of another cluster than the stack's.

    Raises:
        LookupFailed: there is no such connector, or no worker answers.
    """
    return _call(provider, lookups.get_connector, name, secrets)


def get_connector_output(
    name: pulumi.Input[str], *, secrets: bool = False, provider: Provider | None = None
) -> pulumi.Output[ConnectorInfo]:
    """As `get_connector`, as an output, which is secret with `secrets`."""
    found = _call_output(provider, lookups.get_connector, name, secrets)
    return pulumi.Output.secret(found) if secrets else found


def get_status(name: str, *, provider: Provider | None = None) -> ConnectorStatus:
    """`GET /connectors/{name}/status`: state, worker and trace of the connector and of each task.

    Raises:
        LookupFailed: there is no such connector, or no worker answers.
    """
    return _call(provider, lookups.get_status, name)


def get_status_output(name: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[ConnectorStatus]:
    """As `get_status`, as an output."""
    return _call_output(provider, lookups.get_status, name)


def get_tasks(name: str, *, provider: Provider | None = None) -> list[Task]:
    """`GET /connectors/{name}/tasks`: the tasks with their configurations; values of secret keys are `[hidden]`.

    Raises:
        LookupFailed: there is no such connector, or no worker answers.
    """
    return _call(provider, lookups.get_tasks, name)


def get_tasks_output(name: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[list[Task]]:
    """As `get_tasks`, as an output."""
    return _call_output(provider, lookups.get_tasks, name)


def get_topics(name: str, *, provider: Provider | None = None) -> list[str]:
    """`GET /connectors/{name}/topics` (Kafka 2.5): topics it has used; empty for an unknown connector.

    Raises:
        LookupFailed: the workers do not track topics, or none answers.
    """
    return _call(provider, lookups.get_topics, name)


def get_topics_output(name: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[list[str]]:
    """As `get_topics`, as an output."""
    return _call_output(provider, lookups.get_topics, name)


def get_offsets(name: str, *, provider: Provider | None = None) -> list[PartitionOffset]:
    """`GET /connectors/{name}/offsets` (Kafka 3.5): committed offsets, each with `partition` and `offset`.

    Raises:
        LookupFailed: there is no such connector, the workers are older, or none answers.
    """
    return _call(provider, lookups.get_offsets, name)


def get_offsets_output(name: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[list[PartitionOffset]]:
    """As `get_offsets`, as an output."""
    return _call_output(provider, lookups.get_offsets, name)


def get_plugins(*, provider: Provider | None = None) -> list[Plugin]:
    """`GET /connector-plugins`: class, type and version of the connector plugins of the worker that answers.

    Raises:
        LookupFailed: no worker answers, or it refuses.
    """
    return _call(provider, lookups.get_plugins)


def get_plugins_output(*, provider: Provider | None = None) -> pulumi.Output[list[Plugin]]:
    """As `get_plugins`, as an output."""
    return _call_output(provider, lookups.get_plugins)


def get_plugin(plugin: str, *, provider: Provider | None = None) -> list[ConfigKey]:
    """`GET /connector-plugins/{plugin}/config` (Kafka 3.2): the configuration keys that a plugin of any kind defines.

    Raises:
        LookupFailed: there is no such plugin, the workers are older, or none answers.
    """
    return _call(provider, lookups.get_plugin, plugin)


def get_plugin_output(plugin: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[list[ConfigKey]]:
    """As `get_plugin`, as an output."""
    return _call_output(provider, lookups.get_plugin, plugin)


def validate(
    config: Mapping[str, str | float | bool], *, name: str = "validate", provider: Provider | None = None
) -> list[str]:
    """`PUT /connector-plugins/{class}/config/validate`: every problem of a configuration, as a list of messages
    that name the key; empty when it is valid. Nothing is created, and no message shows a secret.

    Raises:
        LookupFailed: `connector.class` is missing, or no worker answers.
    """
    return _call(provider, lookups.validate, config, name)


def validate_output(
    config: pulumi.Input[Mapping[str, pulumi.Input[str | float | bool]]],
    *,
    name: pulumi.Input[str] = "validate",
    provider: Provider | None = None,
) -> pulumi.Output[list[str]]:
    """As `validate`, as an output."""
    texts = config_input(config)
    marked = marked_input(texts)
    return _call_output(provider, lookups.validate, pulumi.Output.unsecret(pulumi.Output.from_input(texts)), name, marked)


def get_loggers(*, provider: Provider | None = None) -> dict[str, Logger]:
    """`GET /admin/loggers` (Kafka 2.4): loggers with a level of their own, on the worker that answers.

    Raises:
        LookupFailed: the workers serve loggers on another listener, or none answers.
    """
    return _call(provider, lookups.get_loggers)


def get_loggers_output(*, provider: Provider | None = None) -> pulumi.Output[dict[str, Logger]]:
    """As `get_loggers`, as an output."""
    return _call_output(provider, lookups.get_loggers)
