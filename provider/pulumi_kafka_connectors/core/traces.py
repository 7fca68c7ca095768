"""Traces of what failed, without secrets: those of the configuration, and what its references (`${file:...}`) stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from pulumi_kafka_connectors.connect.models import ConnectorState, ConnectorStatus
from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.redaction import is_mask, secret_keys
from pulumi_kafka_connectors.core.validation import resolved_secrets

S = TypeVar("S", bound=ConnectorState)

_SHOWN = 3


def has_traces(status: ConnectorStatus | None) -> bool:
    """Whether there is a trace that may hold a secret."""
    return status is not None and any(state.trace for state in (status.connector, *status.tasks))


def learn(operation: Operation, name: str, config: Mapping[str, str], secret: Iterable[str] = ()) -> list[str]:
    """Let the operation hide the secrets of a configuration, with what its references stand for.

    Args:
        operation: whose texts must not show them.
        name: of the connector.
        config: as it is declared, or on the cluster.
        secret: keys whose values are secret besides those that look so or are known to be.

    Returns:
        The references of which no worker tells what they stand for.
    """
    operation.learn_config(config, secret)
    secrets, unknown = resolved_secrets(operation.cluster, name, config, secret_keys(config, secret))
    operation.redactor.add(*secrets)
    return unknown


def guarded(operation: Operation, status: ConnectorStatus, *configs: Mapping[str, str]) -> ConnectorStatus:
    """A status whose traces may be shown.

    Args:
        operation: which learns the secrets.
        status: as a worker tells it.
        configs: those that the tasks may have; a trace that may hold what nobody knows is withheld.
    """
    if not has_traces(status):
        return status
    unknown = {reference: None for config in configs for reference in learn(operation, status.name, config)}
    masked = sorted({key for config in configs for key, value in config.items() if is_mask(value)})
    if masked:
        return _told(status, f"it may hold the value of {', '.join(masked[:_SHOWN])}, which the workers mask", operation)
    if not unknown:
        return _told(status, None, operation)
    references = " and ".join(list(unknown)[:_SHOWN]) + (" and others" if len(unknown) > _SHOWN else "")
    return _told(status, f"it may hold what {references} {'stands' if len(unknown) == 1 else 'stand'} for", operation)


def withheld(operation: Operation, status: ConnectorStatus) -> ConnectorStatus:
    """A status beside a configuration that cannot be read, so that nobody knows the secrets in its traces."""
    return _told(status, "it may hold secrets of the connector's configuration, which cannot be read", operation)


def _told(status: ConnectorStatus, reason: str | None, operation: Operation) -> ConnectorStatus:
    def told(state: S) -> S:
        if not state.trace:
            return state
        shown = operation.redactor.redact(state.trace)
        trace = shown if reason is None else f"the trace is withheld, since {reason}: see the worker's log"
        return state.model_copy(update={"trace": trace})

    return status.model_copy(update={"connector": told(status.connector), "tasks": [told(task) for task in status.tasks]})
