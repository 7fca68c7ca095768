"""The `Topic` resource, for topics declared together with their connectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from pulumi_kafka_connectors.core import spec
from pulumi_kafka_connectors.dynamic import TopicProvider, frames_of_program
from pulumi_kafka_connectors.resources.inputs import config_input, marked_input, with_alias


class TopicDeclaration:
    """What a program declares, whichever front end registers it."""

    name: pulumi.Output[str]
    partitions: pulumi.Output[int]
    replication_factor: pulumi.Output[int]
    config: pulumi.Output[Mapping[str, str] | None]
    cluster: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        partitions: pulumi.Input[int] | None = None,
        replication_factor: pulumi.Input[int] | None = None,
        config: pulumi.Input[Mapping[str, pulumi.Input[str | int | float | bool]]] | None = None,
        name: pulumi.Input[str] | None = None,
        adopt: pulumi.Input[bool | str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a topic.

        Args:
            resource_name: Pulumi's name of the resource, and the topic's name unless `name` is given.
            partitions: number of partitions; increased in place, decreased by a replacement.
            replication_factor: replicas of each partition; a change is a replacement.
            config: topic configuration, such as `retention.ms`.
            name: the topic's name; a new name means a new topic (replacement).
            adopt: what a create takes over of what exists already: False nothing, "same" a topic as declared, True any.
            opts: Pulumi's resource options.
        """
        getting = opts is not None and opts.id is not None
        texts = config_input(config)
        marked = marked_input(texts)
        inputs = {
            "name": resource_name if name is None and not getting else name,
            "partitions": partitions,
            "replication_factor": replication_factor,
            "config": texts,
            "adopt": adopt,
            **({} if marked is None else {spec.MARKED: marked}),
        }
        self._register(resource_name, {**inputs, **{entry.name: None for entry in spec.TOPIC_OUTPUTS}}, opts)

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        """Hand the declaration to the engine."""
        raise NotImplementedError


class Topic(TopicDeclaration, Resource, module="kafka-connectors", name="Topic"):
    """A topic on a Kafka cluster, with the properties of `pulumi_kafka.Topic`. Needs the extra `topics`.

    The setting `kafka` names the brokers.
    """

    # The SDK reads the types of outputs from the class itself: without them, numbers would be floats.
    partitions: pulumi.Output[int]
    replication_factor: pulumi.Output[int]

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        opts = with_alias("kafka-connectors:index:Topic", opts)
        with frames_of_program():
            Resource.__init__(self, TopicProvider(), resource_name, props, opts)

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Topic:  # noqa: A002
        """Look up an existing topic by its name without managing it; fails when there is none."""
        return Topic(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))
