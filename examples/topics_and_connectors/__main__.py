"""A topic and the connectors that write to it and read from it, in one program."""

import pulumi

import pulumi_kafka_connectors as kc

config = pulumi.Config()
folder = config.require("folder")

lines = kc.Topic(
    "lines",
    partitions=config.get_int("partitions") or 3,
    replication_factor=config.get_int("replicas") or 3,
    config={"retention.ms": 24 * 60 * 60 * 1000, "cleanup.policy": "delete"},
)

converter = "org.apache.kafka.connect.storage.StringConverter"
text = {"key.converter": converter, "value.converter": converter}

# The topic's name is an output: the connectors wait for the topic, and go before it does.
source = kc.Connector(
    "lines-source",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": f"{folder}/input.txt",
        "topic": lines.name,
        **text,
    },
)
sink = kc.Connector(
    "lines-sink",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "tasks.max": lines.partitions,
        "file": f"{folder}/output.txt",
        "topics": lines.name,
        **text,
    },
)

pulumi.export("topic", lines.name)
pulumi.export("states", pulumi.Output.all(source.status, sink.status))
