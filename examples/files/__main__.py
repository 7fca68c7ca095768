"""Connectors from the files that a team has for curl."""

import pulumi

import pulumi_kafka_connectors as kc

config = pulumi.Config()

connectors = kc.load(
    "connectors",
    adopt="same",  # what curl has created from the same files is taken over
    override={"heartbeat": {"config": {"heartbeats.topic.replication.factor": config.get_int("replicas") or 3}}},
)

pulumi.export("states", {name: connector.status for name, connector in connectors.items()})
