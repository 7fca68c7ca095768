"""What the workers know, for use in programs: plain functions, and `_output` variants that take and give outputs.

Each asks the cluster of the stack's settings, or that of `provider=`, when the program runs, at preview too. A plain
function needs to know everything at once; where a name or a setting is an output of a resource, the `_output` variant
waits for it (and gives an unknown output at preview while it is not known).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

import pulumi

from pulumi_kafka_connectors import secrecy, settings
from pulumi_kafka_connectors.bridge import is_later
from pulumi_kafka_connectors.connect import Client, ConnectError, Retry, Settings
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
from pulumi_kafka_connectors.provider import Provider
from pulumi_kafka_connectors.spec import wire_text
from pulumi_kafka_connectors.validation import validator_of

T = TypeVar("T")
_Given = Mapping[str, Any]

PATIENCE: Final = 30.0
"""Seconds to try to reach a worker, where `retry` allows as many."""
HIDDEN: Final = "[hidden]"


class LookupFailed(pulumi.RunError):
    """A lookup could not be answered. Pulumi shows the sentence alone, without a traceback."""


# Asking


def _given(provider: Provider | None) -> dict[str, Any]:
    if provider is not None:
        return dict(provider.given)
    stack = pulumi.Config(settings.NAMESPACE)
    return {name: stack.get(name) for name in settings.NAMES}


def _answer(given: _Given, question: Callable[..., T], *args: Any) -> T:
    try:
        known = settings.from_config({f"{settings.NAMESPACE}:{name}": value for name, value in given.items()})
        known = replace(known, retry=Retry(seconds=min(PATIENCE, known.retry.seconds)))
        return question(Client(known), *args)
    except (settings.SettingsError, ConnectError, ValueError) as problem:
        text = " ".join(str(problem).split())
    raise LookupFailed(secrecy.hide(text, [value for name in settings.SECRET if isinstance(value := given.get(name), str)]))


def _is_later(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_is_later, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_is_later, value))
    return is_later(value)


def _now(provider: Provider | None, question: Callable[..., T], *args: Any) -> T:
    given = _given(provider)
    later = [name for name, value in given.items() if _is_later(value)]
    if later or _is_later(args):
        what = f"setting {later[0]} of the provider" if later else "an argument"
        raise LookupFailed(f"{what} is an output, which is not known yet: use the _output variant of this function")
    return _answer(given, question, *args)


def _later(provider: Provider | None, question: Callable[..., T], *args: Any) -> pulumi.Output[T]:
    # What the workers answer is no secret because the login is one.
    given: pulumi.Output[_Given] = pulumi.Output.unsecret(pulumi.Output.from_input(_given(provider)))

    def ask(values: list[Any]) -> Awaitable[T]:
        return asyncio.to_thread(_answer, values[0], question, *values[1:])

    return pulumi.Output.all(given, *args).apply(ask)


# Questions


def _hide(config: Mapping[str, str], typed: frozenset[str]) -> dict[str, str]:
    """The configuration without its secrets: by name, as the plugin types them (`typed`), passwords within values."""
    secret = secrecy.secret_keys(config, typed)
    return {key: HIDDEN if key in secret else value for key, value in config.items()}


def _shown(known: Settings, info: ConnectorInfo) -> ConnectorInfo:
    return info.model_copy(update={"config": _hide(info.config, validator_of(known).typed(info.config))})


def _connector(client: Client, name: str, secrets: object) -> ConnectorInfo:
    info = client.connector(name)
    return info if secrets is True else _shown(client.settings, info)


def _connectors(client: Client) -> dict[str, Expanded]:
    found = client.expanded(status=True, info=True)
    shown = {name: entry.info and _shown(client.settings, entry.info) for name, entry in found.items()}
    return {name: entry.model_copy(update={"info": shown[name]}) for name, entry in sorted(found.items())}


def _tasks(client: Client, name: str) -> list[Task]:
    plugin = client.connector(name).config.get("connector.class")
    typed = validator_of(client.settings).passwords(plugin).passwords
    return [task.model_copy(update={"config": _hide(task.config, typed)}) for task in client.tasks(name)]


def _validate(client: Client, config: Any, name: str) -> list[str]:
    if not isinstance(config, Mapping) or not isinstance(config.get("connector.class"), str):
        raise ValueError("config must be a map of configuration keys to values, with connector.class")  # noqa: TRY004
    plain = {key: wire_text(value) for key, value in config.items()}
    wrong = [key for key, value in plain.items() if not isinstance(value, str)]
    if wrong:
        raise ValueError(f"config['{wrong[0]}'] is not text, a number or a boolean")
    found = validator_of(client.settings).findings(name, plain, secrecy.secret_keys(plain))
    if not found.reached:
        raise ValueError(f"none of the workers {', '.join(client.settings.urls)} could be asked to validate")
    return list(found.problems)


# Functions


def get_worker(*, provider: Provider | None = None) -> Worker:
    """`GET /`: version, commit and Kafka cluster id of the worker that answers.

    Raises:
        LookupFailed: no worker answers, or it refuses.
    """
    return _now(provider, Client.worker)


def get_worker_output(*, provider: Provider | None = None) -> pulumi.Output[Worker]:
    """As `get_worker`, as an output."""
    return _later(provider, Client.worker)


def get_connectors(*, provider: Provider | None = None) -> dict[str, Expanded]:
    """`GET /connectors?expand=info&expand=status` (Kafka 2.3): `info` and `status` of every connector, by name.

    Values of secret keys are `[hidden]`.

    Raises:
        LookupFailed: no worker answers, or it refuses.
    """
    return _now(provider, _connectors)


def get_connectors_output(*, provider: Provider | None = None) -> pulumi.Output[dict[str, Expanded]]:
    """As `get_connectors`, as an output."""
    return _later(provider, _connectors)


def get_connector(name: str, *, secrets: bool = False, provider: Provider | None = None) -> ConnectorInfo:
    """`GET /connectors/{name}`: its configuration, tasks and type.

    Args:
        name: of the connector.
        secrets: also the values of secret keys, instead of `[hidden]`.
        provider: of another cluster than the stack's.

    Raises:
        LookupFailed: there is no such connector, or no worker answers.
    """
    return _now(provider, _connector, name, secrets)


def get_connector_output(
    name: pulumi.Input[str], *, secrets: bool = False, provider: Provider | None = None
) -> pulumi.Output[ConnectorInfo]:
    """As `get_connector`, as an output, which is secret with `secrets`."""
    found = _later(provider, _connector, name, secrets)
    return pulumi.Output.secret(found) if secrets else found


def get_status(name: str, *, provider: Provider | None = None) -> ConnectorStatus:
    """`GET /connectors/{name}/status`: state, worker and trace of the connector and of each task.

    Raises:
        LookupFailed: there is no such connector, or no worker answers.
    """
    return _now(provider, Client.status, name)


def get_status_output(name: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[ConnectorStatus]:
    """As `get_status`, as an output."""
    return _later(provider, Client.status, name)


def get_tasks(name: str, *, provider: Provider | None = None) -> list[Task]:
    """`GET /connectors/{name}/tasks`: the tasks with their configurations; values of secret keys are `[hidden]`.

    Raises:
        LookupFailed: there is no such connector, or no worker answers.
    """
    return _now(provider, _tasks, name)


def get_tasks_output(name: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[list[Task]]:
    """As `get_tasks`, as an output."""
    return _later(provider, _tasks, name)


def get_topics(name: str, *, provider: Provider | None = None) -> list[str]:
    """`GET /connectors/{name}/topics` (Kafka 2.5): topics it has used; none for an unknown connector.

    Raises:
        LookupFailed: the workers do not track topics, or none answers.
    """
    return _now(provider, Client.topics, name)


def get_topics_output(name: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[list[str]]:
    """As `get_topics`, as an output."""
    return _later(provider, Client.topics, name)


def get_offsets(name: str, *, provider: Provider | None = None) -> list[PartitionOffset]:
    """`GET /connectors/{name}/offsets` (Kafka 3.5): committed offsets, a `partition` and an `offset` each.

    Raises:
        LookupFailed: there is no such connector, the workers are older, or none answers.
    """
    return _now(provider, Client.offsets, name)


def get_offsets_output(name: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[list[PartitionOffset]]:
    """As `get_offsets`, as an output."""
    return _later(provider, Client.offsets, name)


def get_plugins(*, provider: Provider | None = None) -> list[Plugin]:
    """`GET /connector-plugins`: class, type and version of the connector plugins of the worker that answers.

    Raises:
        LookupFailed: no worker answers, or it refuses.
    """
    return _now(provider, Client.plugins)


def get_plugins_output(*, provider: Provider | None = None) -> pulumi.Output[list[Plugin]]:
    """As `get_plugins`, as an output."""
    return _later(provider, Client.plugins)


def get_plugin(plugin: str, *, provider: Provider | None = None) -> list[ConfigKey]:
    """`GET /connector-plugins/{plugin}/config` (Kafka 3.2): the configuration keys that a plugin of any kind defines.

    Raises:
        LookupFailed: there is no such plugin, the workers are older, or none answers.
    """
    return _now(provider, Client.plugin_config, plugin)


def get_plugin_output(plugin: pulumi.Input[str], *, provider: Provider | None = None) -> pulumi.Output[list[ConfigKey]]:
    """As `get_plugin`, as an output."""
    return _later(provider, Client.plugin_config, plugin)


def validate(
    config: Mapping[str, str | float | bool], *, name: str = "validate", provider: Provider | None = None
) -> list[str]:
    """`PUT /connector-plugins/{class}/config/validate`: every problem of a configuration, a sentence each that names
    its key; empty when it is valid. Nothing is created, and no sentence shows a secret.

    Raises:
        LookupFailed: `connector.class` is missing, or no worker answers.
    """
    return _now(provider, _validate, config, name)


def validate_output(
    config: pulumi.Input[Mapping[str, pulumi.Input[str | float | bool]]],
    *,
    name: pulumi.Input[str] = "validate",
    provider: Provider | None = None,
) -> pulumi.Output[list[str]]:
    """As `validate`, as an output."""
    return _later(provider, _validate, pulumi.Output.unsecret(pulumi.Output.from_input(config)), name)


def get_loggers(*, provider: Provider | None = None) -> dict[str, Logger]:
    """`GET /admin/loggers` (Kafka 2.4): loggers with a level of their own, on the worker that answers.

    Raises:
        LookupFailed: the workers serve them elsewhere, or none answers.
    """
    return _now(provider, Client.loggers)


def get_loggers_output(*, provider: Provider | None = None) -> pulumi.Output[dict[str, Logger]]:
    """As `get_loggers`, as an output."""
    return _later(provider, Client.loggers)
