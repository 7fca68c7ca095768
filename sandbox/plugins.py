"""Published connector plugins from Maven Central, which tests put in front of a real worker: about 390 MB, cached."""

from __future__ import annotations

import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox import tools

DEBEZIUM_VERSION: Final = "3.2.0.Final"
_SERVICES = "META-INF/services/org.apache.kafka.connect"


@dataclass(frozen=True)
class Plugin:
    """One artifact on Maven Central.

    Attributes:
        name: of its folder.
        artifact: `group:artifact`.
        version: pinned, as everything of the sandbox.
        type, classifier: of the artifact; a `tar.gz` contains the plugin's folder.
        whole: it contains its dependencies; otherwise they are downloaded too.
        also: `group:artifact:version` of what its documentation tells to put beside it.
        sources, sinks, converters: of a plugin that does not list them itself, for workers that find plugins with
            the Java service loader alone (`plugin.discovery=SERVICE_LOAD`).
    """

    name: str
    artifact: str
    version: str
    type: str = "jar"
    classifier: str = ""
    whole: bool = True
    also: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sinks: tuple[str, ...] = ()
    converters: tuple[str, ...] = ()


def _debezium(database: str) -> Plugin:
    artifact = f"debezium-connector-{database}"
    return Plugin(artifact, f"io.debezium:{artifact}", DEBEZIUM_VERSION, "tar.gz", "plugin")


PLUGINS: Final = (
    *map(_debezium, ("mysql", "mariadb", "mongodb", "sqlserver", "oracle", "db2", "informix", "vitess")),
    Plugin(
        "mongodb",
        "org.mongodb.kafka:mongo-kafka-connect",
        "2.0.1",
        classifier="all",
        sources=("com.mongodb.kafka.connect.MongoSourceConnector",),
        sinks=("com.mongodb.kafka.connect.MongoSinkConnector",),
    ),
    Plugin(
        "snowflake",
        "com.snowflake:snowflake-kafka-connector",
        "2.5.0",
        also=("org.bouncycastle:bcpkix-fips:2.0.7",),
        sinks=("com.snowflake.kafka.connector.SnowflakeSinkConnector",),
        converters=("com.snowflake.kafka.connector.records.SnowflakeJsonConverter",),
    ),
    Plugin(
        "pubsub",
        "com.google.cloud:pubsub-group-kafka-connector",
        "1.3.3",
        sources=(
            "com.google.pubsub.kafka.source.CloudPubSubSourceConnector",
            "com.google.pubsublite.kafka.source.PubSubLiteSourceConnector",
        ),
        sinks=(
            "com.google.pubsub.kafka.sink.CloudPubSubSinkConnector",
            "com.google.pubsublite.kafka.sink.PubSubLiteSinkConnector",
        ),
    ),
    Plugin("iceberg", "org.apache.iceberg:iceberg-kafka-connect", "1.12.0", whole=False),
)
"""Beside those of `tools.plugins`: FileStream, MirrorMaker, Debezium's for PostgreSQL and its JDBC sink."""


def fetch() -> list[Path]:
    """Download what is missing in the cache: a minute or two the first time.

    Returns:
        A plugin path with all of `PLUGINS`, one folder each.

    Raises:
        SandboxError: Maven fails.
    """
    return [_folder(plugin) for plugin in PLUGINS]


def _folder(plugin: Plugin) -> Path:
    def fill(into: Path) -> None:
        tools.print_progress(f"the plugin {plugin.name} is not in the cache yet")
        download = into / plugin.name
        _download(plugin, download)
        for coordinates in plugin.also:
            artifact, _, version = coordinates.rpartition(":")
            _download(Plugin("", artifact, version, whole=False), download)
        for archive in list(download.glob("*.tar.gz")):
            with tarfile.open(archive) as packed:
                packed.extractall(into, filter="data")
            archive.unlink()
        _list_classes(plugin, download)

    return tools.cached(f"plugin-{plugin.name}-{plugin.version}", fill)


def _download(plugin: Plugin, into: Path) -> None:
    group, artifact = plugin.artifact.split(":")
    given = {
        "group": group,
        "artifact": artifact,
        "version": plugin.version,
        "type": plugin.type,
        "classifier": plugin.classifier,
        "provided": "*" if plugin.whole else "org.apache.kafka",
    }
    properties = [f"-Dplugin.{key}={value}" for key, value in given.items()]
    tools.copy_jars("plugin", plugin.version, into, "-DincludeScope=runtime", *properties)


def _list_classes(plugin: Plugin, folder: Path) -> None:
    """Add what `connect-plugin-path sync-manifests` of Kafka adds: the list of the plugin's classes."""
    listed = {
        "source.SourceConnector": plugin.sources,
        "sink.SinkConnector": plugin.sinks,
        "storage.Converter": plugin.converters,
    }
    if any(listed.values()):
        with zipfile.ZipFile(folder / "classes.jar", "w") as jar:
            for kind, classes in listed.items():
                jar.writestr(f"{_SERVICES}.{kind}", "".join(f"{name}\n" for name in classes))
