"""The `Connector` resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import Resource

from pulumi_kafka_connectors.core import spec
from pulumi_kafka_connectors.dynamic import ConnectorProvider, frames_of_program
from pulumi_kafka_connectors.resources.inputs import config_input, offsets_input, timeouts_input


class Connector(Resource, module="kafka-connectors", name="Connector"):
    """A connector on a Kafka Connect cluster.

    Attributes:
        config, name, state, ...: all inputs, under the same names.
        status: what it does now: running, paused, stopped, failed, unassigned or restarting.
        type: source or sink.
        tasks: a list of `{id, state}`.
        version: the plugin's version, where the worker tells it (Kafka 4.1).
    """

    # The SDK reads annotations again for every resource, and can do without.
    if TYPE_CHECKING:
        config: pulumi.Output[Mapping[str, str]]
        name: pulumi.Output[str]
        state: pulumi.Output[str | None]
        sensitive: pulumi.Output[Sequence[str] | None]
        restart: pulumi.Output[Any]
        offsets: pulumi.Output[Sequence[Mapping[str, Any]] | None]
        adopt: pulumi.Output[bool | None]
        validate: pulumi.Output[bool | None]
        wait: pulumi.Output[bool | None]
        rollback: pulumi.Output[bool | None]
        timeouts: pulumi.Output[Mapping[str, float] | None]
        forget: pulumi.Output[bool | None]
        status: pulumi.Output[str]
        type: pulumi.Output[str]
        tasks: pulumi.Output[Sequence[Mapping[str, Any]]]
        version: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        *,
        config: pulumi.Input[Mapping[str, pulumi.Input[str | int | float | bool]]] | None = None,
        name: pulumi.Input[str] | None = None,
        state: pulumi.Input[str] | None = None,
        sensitive: Sequence[str] | None = None,
        restart: pulumi.Input[Any] | None = None,
        offsets: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        validate: pulumi.Input[bool] | None = None,
        wait: pulumi.Input[bool] | None = None,
        rollback: pulumi.Input[bool] | None = None,
        timeouts: Mapping[str, str | float] | None = None,
        forget: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a connector.

        Args:
            resource_name: Pulumi's name, and the connector's unless `name` is given.
            config: the connector configuration; text, numbers, booleans, or outputs of these.
            name: the connector's name; another name is another connector (replace).
            state: running, paused or stopped; enforced when given.
            sensitive: configuration keys whose values are secret besides those that look so.
            restart: restarts connector and tasks whenever this value changes.
            offsets: `{partition, offset}` to set on create and when this changes; an empty list resets.
            adopt: take over an existing connector that has another configuration.
            validate: let a worker check the configuration at preview and up (default True).
            wait: wait until the connector and every task are in the wanted state (default True).
            rollback: undo a create or a configuration change that does not become healthy (default True).
            timeouts: `create`, `update`, `delete`, in seconds or as text such as "5m" (default 5 minutes each).
            forget: also delete the connector's offsets when it is deleted.
            opts: Pulumi's resource options.
        """
        getting = opts is not None and opts.id is not None
        inputs = {
            "config": config_input(config, sensitive),
            "name": resource_name if name is None and not getting else name,
            "state": state,
            "sensitive": None if sensitive is None else list(sensitive),
            "restart": restart,
            "offsets": None if offsets is None else offsets_input(offsets),
            "adopt": adopt,
            "validate": validate,
            "wait": wait,
            "rollback": rollback,
            "timeouts": timeouts_input(timeouts, opts),
            "forget": forget,
        }
        # The SDK makes several futures for every property: with hundreds of connectors those that say nothing count.
        given = {key: value for key, value in inputs.items() if value is not None or getting}
        with frames_of_program():
            super().__init__(ConnectorProvider(), resource_name, {**given, **dict.fromkeys(spec.OBSERVED)}, opts)

    def __getattr__(self, name: str) -> Any:
        # An input that was not given.
        if name in spec.INPUTS:
            return pulumi.Output.from_input(None)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Connector:  # noqa: A002
        """Look up an existing connector by its name without managing it; fails when there is none."""
        return Connector(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))
