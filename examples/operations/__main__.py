"""Pause, restart and rewind connectors by stack configuration, without a change of the program."""

import pulumi

import pulumi_kafka_connectors as kc

config = pulumi.Config()
folder = config.require("folder")
converter = "org.apache.kafka.connect.storage.StringConverter"
text = {"key.converter": converter, "value.converter": converter}

source = kc.Connector(
    "lines-source",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": f"{folder}/input.txt",
        "topic": "operated-lines",
        **text,
    },
    # pulumi config set state paused (or stopped, or running)
    state=config.get("state"),
    # pulumi config set restarted "$(date)"
    restart=config.get("restarted"),
    # pulumi config set rewound true: back to the start of the file, once; remove it again before the next time
    offsets=[] if config.get_bool("rewound") else None,
    forget=True,
)

sink = kc.Connector(
    "lines-sink",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "file": f"{folder}/output.txt",
        "topics": "operated-lines",
        **text,
    },
    forget=True,
)

pulumi.export("source", source.status)
pulumi.export("offsets", kc.get_offsets_output(source.id).apply(lambda found: [entry.offset for entry in found]))
