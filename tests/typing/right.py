"""What checkers accept; `configs` is generated from the definitions of real plugins."""

import pulumi
from configs import (
    FileStreamSourceConfig,
    JdbcSinkConfig,
    MirrorSourceConfig,
    PostgresConfig,
    Value,
    file_stream_source_config,
    jdbc_sink_config,
    mirror_source_config,
    postgres_config,
)

import pulumi_kafka_connectors as kc
import pulumi_kafka_connectors.native as plugin

settings = pulumi.Config()
topic = kc.Topic("lines", partitions=1)

lines: FileStreamSourceConfig = {
    "connector.class": "FileStreamSource",
    "topic": topic.name,
    "file": "/tmp/lines.txt",
    "batch.size": topic.partitions,
    "tasks.max": 1,
    "errors.tolerance": "all",
}
kc.Connector("lines", config=lines)
plugin.Connector("lines", config=lines)
kc.Connector(
    "lines-from-outputs", config=file_stream_source_config({"connector.class": "FileStreamSource", "topic": topic.name})
)

orders: PostgresConfig = {
    "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "database.hostname": "db",
    "database.port": 5432,
    "database.user": settings.require("user"),
    "database.password": settings.require_secret("password"),
    "database.dbname": "orders",
    "topic.prefix": "orders",
    "snapshot.mode": "initial",
    "slot.drop.on.stop": True,
    "tombstones.on.delete": "false",
    "transforms": "unwrap",
}
more: dict[str, Value] = {
    "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
    "producer.override.linger.ms": 5,
}
kc.Connector("orders", config=postgres_config(orders, more))
kc.Connector("by-reference", config=postgres_config(orders, {"decimal.handling.mode": "${file:/run/orders:decimals}"}))

copy: JdbcSinkConfig = {
    "connector.class": "JdbcSink",
    "connection.url": "jdbc:postgresql://db/copy",
    "connection.password": settings.require_secret("password"),
    "connection.pool.max_size": "8",
    "insert.mode": "upsert",
    "topics": topic.name.apply(lambda name: f"{name},others"),
}
plugin.Connector("copy", config=jdbc_sink_config(copy, {"consumer.override.max.poll.records": 100}))

mirror: MirrorSourceConfig = {
    "connector.class": "MirrorSourceConnector",
    "source.cluster.alias": "west",
    "replication.factor": 1,
    "sasl.login.refresh.window.factor": 0.8,
    "security.protocol": "SASL_SSL",
}
kc.Connector("mirror", config=mirror_source_config(mirror, {"source.cluster.bootstrap.servers": "west:9092"}))

kc.Connector("untyped", config={"connector.class": "Any", "tasks.max": 1, "topics": topic.name})
