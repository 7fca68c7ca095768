"""Every row that changes in one table of PostgreSQL arrives in another: Debezium, a topic, a JDBC sink."""

import pulumi

import pulumi_kafka_connectors as kc

config = pulumi.Config()
host = config.get("host") or "localhost"
port = config.get_int("port") or 5432
database = config.get("database") or "postgres"
user = config.get("user") or "postgres"
password = config.require_secret("password")
table = config.get("table") or "orders"

converters: dict[str, str | bool] = {
    # The sink needs to know the types of columns, so that the records carry their schemas.
    "key.converter": "org.apache.kafka.connect.json.JsonConverter",
    "key.converter.schemas.enable": True,
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": True,
}

source = kc.Connector(
    "orders-cdc",
    config={
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "database.hostname": host,
        "database.port": port,
        "database.user": user,
        "database.password": password,
        "database.dbname": database,
        "topic.prefix": "shop",
        "table.include.list": f"public.{table}",
        "plugin.name": "pgoutput",
        "slot.name": "orders_cdc",
        "publication.name": "orders_cdc",
        "publication.autocreate.mode": "filtered",
        **converters,
    },
    forget=True,
)

sink = kc.Connector(
    "orders-copy",
    config={
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
        "tasks.max": 1,
        "topics": f"shop.public.{table}",
        "connection.url": f"jdbc:postgresql://{host}:{port}/{database}",
        "connection.username": user,
        "connection.password": password,
        "collection.name.format": f"{table}_copy",
        "insert.mode": "upsert",
        "primary.key.mode": "record_key",
        "delete.enabled": True,
        "schema.evolution": "basic",
        **converters,
    },
    forget=True,
    opts=pulumi.ResourceOptions(depends_on=[source]),
)

pulumi.export("source", source.status)
pulumi.export("sink", sink.status)
