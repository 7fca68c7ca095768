"""Lines of one file flow through a topic into another file."""

import pulumi

import pulumi_kafka_connectors as kc

config = pulumi.Config()
folder = config.require("folder")
topic = f"{pulumi.get_stack()}-lines"

source = kc.Connector(
    "lines-source",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "tasks.max": 1,
        "file": f"{folder}/input.txt",
        "topic": topic,
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    },
)

sink = kc.Connector(
    "lines-sink",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "tasks.max": 1,
        "file": f"{folder}/output.txt",
        "topics": topic,
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    },
    state="running",
    opts=pulumi.ResourceOptions(depends_on=[source]),
)

pulumi.export("topic", topic)
pulumi.export("source", source.status)
pulumi.export("sink", sink.status)
pulumi.export("tasks", sink.tasks)
