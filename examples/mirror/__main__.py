"""Topics of one Kafka cluster are mirrored into another one by MirrorMaker 2."""

from collections.abc import Sequence

import pulumi

import pulumi_kafka_connectors as kc


class Mirror(pulumi.ComponentResource):
    """All connectors of one direction: records, consumer groups, heartbeats.

    Args:
        name: of the component, and the start of the connectors' names.
        source, target: alias and bootstrap servers of both clusters; the workers belong to the target.
        topics: names or regular expressions.
        replicas: of the topics that it makes.
    """

    def __init__(
        self,
        name: str,
        source: tuple[str, str],
        target: tuple[str, str],
        topics: Sequence[str],
        replicas: int = 3,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("examples:mirror:Mirror", name, None, opts)
        common: dict[str, str | int] = {
            "source.cluster.alias": source[0],
            "source.cluster.bootstrap.servers": source[1],
            "target.cluster.alias": target[0],
            "target.cluster.bootstrap.servers": target[1],
            # Records pass as the bytes they are.
            "key.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
            "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
            "tasks.max": 1,
        }
        each: dict[str, dict[str, str | int]] = {
            "MirrorSource": {
                "topics": ",".join(topics),
                "replication.factor": replicas,
                "offset-syncs.topic.replication.factor": replicas,
                "refresh.topics.interval.seconds": 5,
            },
            "MirrorCheckpoint": {"groups": ".*", "checkpoints.topic.replication.factor": replicas},
            "MirrorHeartbeat": {"heartbeats.topic.replication.factor": replicas},
        }
        connectors = {
            kind: kc.Connector(
                f"{name}-{kind.removeprefix('Mirror').lower()}",
                config={"connector.class": f"org.apache.kafka.connect.mirror.{kind}Connector", **common, **own},
                opts=pulumi.ResourceOptions(parent=self),
            )
            for kind, own in each.items()
        }
        self.states = pulumi.Output.all(**{kind: made.status for kind, made in connectors.items()})
        self.register_outputs({"states": self.states})


config = pulumi.Config()
mirror = Mirror(
    "west-to-east",
    source=("west", config.require("west")),
    target=("east", config.require("east")),
    topics=[config.get("topics") or "orders.*"],
    replicas=config.get_int("replicas") or 3,
)
pulumi.export("states", mirror.states)
