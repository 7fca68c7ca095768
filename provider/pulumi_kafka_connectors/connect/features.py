"""Kafka versions as workers report them, and the features of each version. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import overload

Version = tuple[int, int, int]

# Confluent Platform has its own version numbers; its workers report "7.5.0-ccs" for Kafka 3.5.0.
_CONFLUENT = {5: (2, 0), 6: (2, 6), 7: (3, 0), 8: (4, 0)}


def kafka_version(text: str) -> Version | None:
    """`(3, 9, 1)` for "3.9.1" or for "7.9.1-ccs"; None when it cannot be determined."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", text)
    if found is None:
        return None
    major, minor, patch = (int(part or 0) for part in found.groups())
    if re.search(r"-(ccs|ce|cp)\b", text):
        if major not in _CONFLUENT:
            return None
        kafka_major, first_minor = _CONFLUENT[major]
        return kafka_major, first_minor + minor, patch
    return major, minor, patch


class Since:
    """A feature of workers from the Kafka version `first` on, and before the version `gone`.

    On an instance of `Features` it is True, False, or None when the worker does not report its version.
    """

    def __init__(self, first: Version, gone: Version | None = None) -> None:
        self.first = first
        self.gone = gone

    @overload
    def __get__(self, features: None, owner: type) -> Since: ...

    @overload
    def __get__(self, features: Features, owner: type) -> bool | None: ...

    def __get__(self, features: Features | None, owner: type) -> Since | bool | None:
        if features is None:
            return self
        if features.version is None:
            return None
        return self.first <= features.version and (self.gone is None or features.version < self.gone)


@dataclass(frozen=True)
class Features:
    """The features of a cluster's workers, by their version; the table of first Kafka versions.

    Attributes:
        version: of Kafka; None when the workers do not report it: then every feature is unknown.
    """

    version: Version | None

    expanded = Since((2, 3, 0))
    """`GET /connectors?expand=`."""
    loggers = Since((2, 4, 0))
    """`/admin/loggers`."""
    topics = Since((2, 5, 0))
    """`/connectors/{name}/topics`."""
    tasks_config = Since((2, 8, 0), gone=(4, 0, 0))
    """`GET /connectors/{name}/tasks-config`."""
    restart_with_tasks = Since((3, 0, 0))
    """`POST .../restart?includeTasks=&onlyFailed=`; older workers restart only the connector instance."""
    plugin_definitions = Since((3, 2, 0))
    """`GET /connector-plugins/{plugin}/config`."""
    all_plugins = Since((3, 2, 0))
    """`GET /connector-plugins?connectorsOnly=false`."""
    stop = Since((3, 5, 0))
    """`PUT /connectors/{name}/stop`."""
    offsets = Since((3, 5, 0))
    """`GET /connectors/{name}/offsets`."""
    alter_offsets = Since((3, 6, 0))
    """`PATCH` and `DELETE /connectors/{name}/offsets`."""
    initial_state = Since((3, 7, 0))
    """`POST /connectors` with `initial_state`."""
    cluster_loggers = Since((3, 7, 0))
    """`PUT /admin/loggers/{logger}?scope=cluster`."""
    restarts_tasks = Since((3, 7, 1))
    """A changed configuration restarts the tasks, even if only converters, transforms or overrides changed."""
    patch_config = Since((3, 8, 0))
    """`PATCH /connectors/{name}/config`."""
    enforces_tasks_max = Since((3, 8, 0))
    """A connector with more tasks than `tasks.max` fails."""
    health = Since((3, 9, 0))
    """`GET /health`."""
    plugin_versions = Since((4, 1, 0))
    """`GET /connector-plugins/{plugin}/config?version=`, and several versions of a plugin side by side."""

    @property
    def text(self) -> str:
        """`2.8.2` or `unknown version`."""
        return "unknown version" if self.version is None else version_text(self.version)


def version_text(version: Version) -> str:
    """`3.9.1` for (3, 9, 1)."""
    return ".".join(map(str, version))
