"""What checkers refuse: every line with a mark, and no other; `configs` is generated from the definitions of real plugins."""

import pulumi
from configs import (
    FileStreamSourceConfig,
    JdbcSinkConfig,
    MirrorSourceConfig,
    PostgresConfig,
    file_stream_source_config,
    jdbc_sink_config,
    mirror_source_config,
    postgres_config,
)

import pulumi_kafka_connectors as kc

secret = pulumi.Config().require_secret("password")

lines: FileStreamSourceConfig = {"connector.class": "FileStreamSource", "topic": "lines"}
lines_1: FileStreamSourceConfig = {**lines, "fil": "/tmp/a"}  # misspelt
lines_2: FileStreamSourceConfig = {**lines, "batch.size": [1]}  # type
lines_3: FileStreamSourceConfig = {**lines, "batch.size": None}  # type
lines_4: FileStreamSourceConfig = {"connector.class": "FileStreamSource"}  # required
lines_5: FileStreamSourceConfig = {**lines, "errors.tolerance": "any"}  # value
lines_6: FileStreamSourceConfig = {"connector.class": "FileStreamSink", "topic": "a"}  # value
lines["topik"] = "lines"  # misspelt
lines["errors.log.enable"] = "yes"  # value
kc.Connector("a", config=file_stream_source_config({**lines, "topics": "a"}))  # misspelt
kc.Connector("b", config=file_stream_source_config(lines, {"transforms.a.type": ["X"]}))  # type

orders: PostgresConfig = {
    "connector.class": "Postgres",
    "database.hostname": "db",
    "database.user": "me",
    "database.dbname": "orders",
    "topic.prefix": "orders",
}
orders_1: PostgresConfig = {"connector.class": "Postgres", "database.hostname": "db", "topic.prefix": "a"}  # required
orders_2: PostgresConfig = {**orders, "database.port": 54.32}  # type
orders_3: PostgresConfig = {**orders, "databse.password": secret}  # misspelt
orders_4: PostgresConfig = {**orders, "snapshot.mode": "initially"}  # value
orders_5: PostgresConfig = {**orders, "slot.drop.on.stop": 1}  # type
orders_6: PostgresConfig = {**orders, "database.port": secret.apply(lambda text: [text])}  # type
kc.Connector("c", config=postgres_config({**orders, "transforms.unwrap.type": "X"}))  # misspelt

copy: JdbcSinkConfig = {"connector.class": "JdbcSink", "topics": "orders"}
copy_1: JdbcSinkConfig = {**copy, "topcs": "orders"}  # misspelt
copy_2: JdbcSinkConfig = {"topics": "orders"}  # required
copy_3: JdbcSinkConfig = {**copy, "connection.password": 1}  # type
copy_4: JdbcSinkConfig = {**copy, "config.action.reload": "reload"}  # value
kc.Connector("d", config=jdbc_sink_config(copy, 1))  # type

mirror: MirrorSourceConfig = {"connector.class": "MirrorSource", "source.cluster.alias": "west"}
mirror_1: MirrorSourceConfig = {**mirror, "topic": "a"}  # misspelt
mirror_2: MirrorSourceConfig = {"connector.class": "MirrorSource"}  # required
mirror_3: MirrorSourceConfig = {**mirror, "sync.topic.acls.enabled": 0}  # type
mirror_4: MirrorSourceConfig = {**mirror, "security.protocol": "TLS"}  # value
kc.Connector("e", config=mirror_source_config(copy))  # type

kc.Connector("f", config={"connector.class": "Any", "tasks.max": None})  # type
kc.Connector("g", config={"connector.class": "Any", "topics": ["a", "b"]})  # type
