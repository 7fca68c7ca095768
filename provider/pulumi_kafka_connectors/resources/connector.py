"""The `Connector` resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import pulumi
from pulumi.dynamic import Resource

from pulumi_kafka_connectors.core import spec
from pulumi_kafka_connectors.core.values import sendable
from pulumi_kafka_connectors.dynamic import ConnectorProvider, frames_of_program
from pulumi_kafka_connectors.resources.inputs import (
    config_input,
    marked_input,
    offsets_input,
    sensitive_input,
    timeouts_input,
    with_alias,
)


class TypedConfig(Protocol):
    """Any `TypedDict`, which for checkers is no mapping of certain values: those of `pulumi-kafka-connectors types`."""

    __total__: ClassVar[bool]


class ConnectorDeclaration:
    """What a program declares, whichever front end registers it."""

    # The SDK re-reads annotations for every resource, and does not need them.
    if TYPE_CHECKING:
        config: pulumi.Output[Mapping[str, str]]
        name: pulumi.Output[str]
        state: pulumi.Output[str | None]
        sensitive: pulumi.Output[Sequence[str] | None]
        restart: pulumi.Output[Any]
        offsets: pulumi.Output[Sequence[Mapping[str, Any]] | None]
        adopt: pulumi.Output[bool | str | None]
        validate: pulumi.Output[str | None]
        wait: pulumi.Output[bool | None]
        settle: pulumi.Output[float | None]
        rollback: pulumi.Output[bool | None]
        timeouts: pulumi.Output[Mapping[str, float] | None]
        forget: pulumi.Output[bool | None]
        status: pulumi.Output[str]
        type: pulumi.Output[str]
        cluster: pulumi.Output[str | None]
        tasks: pulumi.Output[Sequence[Mapping[str, Any]]]
        version: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        *,
        config: pulumi.Input[Mapping[str, pulumi.Input[str | int | float | bool]]] | TypedConfig | None = None,
        name: pulumi.Input[str] | None = None,
        state: pulumi.Input[str] | None = None,
        sensitive: Sequence[str] | None = None,
        restart: pulumi.Input[Any] | None = None,
        offsets: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]] | None = None,
        adopt: pulumi.Input[bool | str] | None = None,
        validate: pulumi.Input[bool | str] | None = None,
        wait: pulumi.Input[bool] | None = None,
        settle: pulumi.Input[float | str] | None = None,
        rollback: pulumi.Input[bool] | None = None,
        timeouts: Mapping[str, str | float] | None = None,
        forget: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a connector.

        Args:
            resource_name: Pulumi's name of the resource, and the connector's name unless `name` is given.
            config: the connector configuration; strings, numbers, booleans, or outputs of these.
            name: the connector's name; a new name means a new connector (replacement).
            state: running, paused or stopped; enforced when given.
            sensitive: configuration keys whose values are secret, in addition to those that look secret.
            restart: whenever this value changes, the connector and its tasks are restarted.
            offsets: a list of `{partition, offset}` to set on create and when this changes; an empty list resets all.
            adopt: whether a create takes over an existing connector: False never, "same" only one with the same
                configuration, True any (default: the setting, or False).
            validate: what validation errors cause during preview and up: "error", "warn" or "off" (default "error").
            wait: wait until the connector and every task are in the wanted state (default True).
            settle: seconds that tasks must run without failure before they count as healthy (default: 0, and 10 after
                something that had failed was restarted).
            rollback: undo a create or a configuration change that does not become healthy (default True).
            timeouts: `create`, `update`, `delete`, in seconds or as a string such as "5m" (default 5 minutes each).
            forget: also delete the connector's offsets when it is deleted.
            opts: Pulumi's resource options.
        """
        getting = opts is not None and opts.id is not None
        sensitive = sensitive_input(sensitive)
        texts = config_input(config, sensitive)
        inputs = {
            "config": texts,
            spec.MARKED: marked_input(texts, sensitive),
            "name": resource_name if name is None and not getting else name,
            "state": state,
            "sensitive": sensitive,
            "restart": restart,
            "offsets": None if offsets is None else offsets_input(offsets),
            "adopt": adopt,
            "validate": validate,
            "wait": wait,
            "settle": settle,
            "rollback": rollback,
            "timeouts": timeouts_input(timeouts, opts),
            "forget": forget,
        }
        # The SDK creates several futures for every property: with hundreds of connectors, unset ones add up.
        given = {key: sendable(value) for key, value in inputs.items() if value is not None or getting}
        self._register(resource_name, {**given, **dict.fromkeys(spec.OBSERVED)}, opts)

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        """Hand the declaration to the engine."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        # An input that is not set.
        if name in spec.INPUTS:
            return pulumi.Output.from_input(None)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class Connector(ConnectorDeclaration, Resource, module="kafka-connectors", name="Connector"):
    """A connector on a Kafka Connect cluster.

    Attributes:
        config, name, state, ...: all inputs, with the same names.
        status: its current state: running, paused, stopped, failed, unassigned or restarting.
        type: source or sink.
        tasks: a list of `{id, state}`.
        cluster: the id of the workers' Kafka cluster (Kafka 1.1).
        version: the plugin's version, if the worker reports it (Kafka 4.1).
    """

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        opts = with_alias("kafka-connectors:index:Connector", opts)
        with frames_of_program():
            Resource.__init__(self, ConnectorProvider(), resource_name, props, opts)

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Connector:  # noqa: A002
        """Look up an existing connector by its name without managing it; fails when there is none."""
        return Connector(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))
