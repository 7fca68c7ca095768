"""A connector that stays on one version of its plugin (Kafka 4.1): the configured one, or the one that is installed."""

import pulumi

import pulumi_kafka_connectors as kc

config = pulumi.Config()
plugin = "org.apache.kafka.connect.file.FileStreamSourceConnector"
installed = [found.version for found in kc.get_plugins() if found.class_ == plugin and found.version]
version = config.get("version") or f"[{installed[0]}]"

lines = kc.Connector(
    "lines",
    config={
        "connector.class": plugin,
        "connector.plugin.version": version,  # a version, or a range such as [2.1,3.0)
        "tasks.max": 1,
        "file": f"{config.require('folder')}/input.txt",
        "topic": f"{pulumi.get_stack()}-versions",
    },
)

pulumi.export("installed", installed)
pulumi.export("wanted", version)
pulumi.export("running", lines.version)
