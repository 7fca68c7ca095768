"""Lines of one file flow through a topic into another file; keys and values are checked before anything runs."""

import pulumi
from file_stream import FileStreamSourceConfig, file_stream_sink_config

import pulumi_kafka_connectors as kc

folder = pulumi.Config().require("folder")
text = "org.apache.kafka.connect.storage.StringConverter"

lines: FileStreamSourceConfig = {
    "connector.class": "FileStreamSource",
    "file": f"{folder}/input.txt",
    "topic": "typed-lines",
    "batch.size": 100,
    "errors.tolerance": "none",
    "key.converter": text,
    "value.converter": text,
}
source = kc.Connector("lines-source", config=lines)

# Keys that the definitions do not have go into the second argument.
sink = kc.Connector(
    "lines-sink",
    config=file_stream_sink_config(
        {
            "connector.class": "FileStreamSink",
            "file": f"{folder}/output.txt",
            "topics": source.config.apply(lambda config: config["topic"]),
            "key.converter": text,
            "value.converter": text,
            "transforms": "drop",
        },
        {
            "transforms.drop.type": "org.apache.kafka.connect.transforms.DropHeaders",
            "transforms.drop.headers": "trace",
        },
    ),
)

pulumi.export("states", [source.status, sink.status])
