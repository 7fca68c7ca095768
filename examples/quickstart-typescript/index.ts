// Lines of one file flow through a topic into another file.

import * as pulumi from "@pulumi/pulumi";
import * as kafka from "pulumi-kafka-connectors";

const settings = new pulumi.Config();
const folder = settings.require("folder");

export const topic = `${pulumi.getStack()}-lines`;

const linesSource = new kafka.Connector("lines-source", {
    config: {
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "tasks.max": 1,
        "file": `${folder}/input.txt`,
        "topic": topic,
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    },
});

const linesSink = new kafka.Connector("lines-sink", {
    config: {
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "tasks.max": 1,
        "file": `${folder}/output.txt`,
        "topics": topic,
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    },
    state: "running",
}, { dependsOn: [linesSource] });

export const source = linesSource.status;
export const sink = linesSink.status;
export const tasks = linesSink.tasks;
