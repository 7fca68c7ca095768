"""The resources of this package through the plugin `kafka-connectors`: same names, same signatures.

import pulumi_kafka_connectors.native as kc

A stack moves over, either way, by changing this import: each class has an alias to the type of the other front end.
`pulumi-kafka-connectors plugin install` puts the plugin where the engine looks for it. Look-ups ask the workers from the
program itself, as they do without the plugin.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pulumi

import pulumi_kafka_connectors as dynamic
from pulumi_kafka_connectors.installation import can_be_found
from pulumi_kafka_connectors.resources.connector import ConnectorDeclaration
from pulumi_kafka_connectors.resources.inputs import with_alias
from pulumi_kafka_connectors.resources.load import load_as
from pulumi_kafka_connectors.resources.provider import ProviderDeclaration
from pulumi_kafka_connectors.resources.topic import TopicDeclaration

if TYPE_CHECKING:
    from pulumi_kafka_connectors.resources.lookups import *  # noqa: F403 - the same functions

__all__ = list(dynamic.__all__)  # pyright: ignore[reportUnsupportedDunderAll]

_PACKAGE: Final = "kafka-connectors"


_MISSING: Final = (
    "the plugin kafka-connectors is not installed for this user: run `pulumi-kafka-connectors plugin install` "
    "in the Python environment of this program"
)
if not can_be_found():
    pulumi.log.warn(_MISSING)


class Connector(ConnectorDeclaration, pulumi.CustomResource):
    """A connector on a Kafka Connect cluster; see `pulumi_kafka_connectors.Connector`."""

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        opts = with_alias(f"pulumi-python:dynamic/{_PACKAGE}:Connector", opts)
        pulumi.CustomResource.__init__(self, f"{_PACKAGE}:index:Connector", resource_name, props, opts)

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Connector:  # noqa: A002
        """Look up an existing connector by its name without managing it; fails when there is none."""
        return Connector(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))


class Topic(TopicDeclaration, pulumi.CustomResource):
    """A topic on a Kafka cluster; see `pulumi_kafka_connectors.Topic`."""

    # The SDK reads the types of outputs from the class itself: without them, numbers would be floats.
    partitions: pulumi.Output[int]
    replication_factor: pulumi.Output[int]

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        opts = with_alias(f"pulumi-python:dynamic/{_PACKAGE}:Topic", opts)
        pulumi.CustomResource.__init__(self, f"{_PACKAGE}:index:Topic", resource_name, props, opts)

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Topic:  # noqa: A002
        """Look up an existing topic by its name without managing it; fails when there is none."""
        return Topic(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))


class Provider(ProviderDeclaration, pulumi.ProviderResource):
    """The connection to one Kafka Connect cluster; see `pulumi_kafka_connectors.Provider`."""

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        opts = with_alias("pulumi:providers:pulumi-python", opts)
        pulumi.ProviderResource.__init__(self, _PACKAGE, resource_name, props, opts)


def load(
    path: str | Path,
    *,
    override: Mapping[str, Mapping[str, Any]] | None = None,
    opts: pulumi.ResourceOptions | None = None,
    **inputs: Any,
) -> dict[str, Connector]:
    """Declare a connector for each JSON, YAML and `.properties` file of a folder; see `pulumi_kafka_connectors.load`."""
    return load_as(Connector, path, override, opts, inputs)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(dynamic, name)  # look-ups: late, since pydantic takes longer to import than a preview
