"""The topic is one of Pulumi's own Kafka provider, the connector ours: outputs of one go into the other."""

import pulumi
import pulumi_kafka as kafka

import pulumi_kafka_connectors as kc

config = pulumi.Config()
brokers = kafka.Provider("brokers", bootstrap_servers=config.require("brokers").split(","))

orders = kafka.Topic(
    "orders",
    partitions=3,
    replication_factor=3,
    config={"retention.ms": "86400000"},
    opts=pulumi.ResourceOptions(provider=brokers),
)

sink = kc.Connector(
    "orders-sink",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "tasks.max": orders.partitions,
        "file": "/tmp/orders.txt",
        "topics": orders.name,
    },
)
pulumi.export("topic", orders.name)
