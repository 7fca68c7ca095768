"""Two ways to keep a password: in the stack's encrypted configuration, or in a file that only the workers can read."""

import pulumi

import pulumi_kafka_connectors as kc

config = pulumi.Config()
url = config.require("url")  # jdbc:postgresql://db.internal:5432/postgres
user = config.get("user") or "postgres"


def sink(name: str, password: pulumi.Input[str]) -> kc.Connector:
    """A JDBC sink with that password."""
    return kc.Connector(
        name,
        config={
            "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
            "topics": name,
            "connection.url": url,
            "connection.username": user,
            "connection.password": password,
        },
    )


# Encrypted in the stack's configuration and in its state, masked in every preview and error.
from_stack = sink("from-stack", config.require_secret("password"))

# Never seen by Pulumi: the workers put the file's value in (config.providers=file in their settings). The reference is no
# secret and stays readable. After the file has changed, another value of `restart` makes the connector read it again.
from_file = sink("from-file", f"${{file:{config.require('file')}:password}}")

pulumi.export("states", pulumi.Output.all(from_stack.status, from_file.status))
