"""Looking at one connector: its status, all of it, and whether it is really gone."""

from __future__ import annotations

import contextlib
from typing import Final

from pulumi_kafka_connectors.connect import Client, ConnectError, NoStatus, NotFound, Unreachable
from pulumi_kafka_connectors.connect.errors import without_user_info
from pulumi_kafka_connectors.connect.models import ConnectorStatus
from pulumi_kafka_connectors.core.cluster import Cluster, in_background
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.spec import own_config

PROBE_SECONDS: Final = 2.0
"""Seconds to ask each of several workers whether it knows a connector."""


def status_of(client: Client, name: str) -> ConnectorStatus | None:
    """`GET /connectors/{name}/status`; None when there is none: no such connector, or one created a moment ago."""
    try:
        return client.status(name)
    except NoStatus:
        return None


def current_status(cluster: Cluster, client: Client, name: str, deadline: float) -> ConnectorStatus | None:
    """As `status_of`, from one listing for all where many wait at the same moment."""
    entries = cluster.current_statuses(deadline)
    if entries is None:
        return status_of(client, name)
    return entries[name].status if name in entries else None


def observe(client: Client, name: str) -> Observed | None:
    """The connector as the worker that answers knows it, or None when that one says it does not exist."""
    # Both wait for a turn of the worker's one thread, for seconds while it stops tasks: side by side it is one turn.
    asked = in_background(lambda: client.tasks(name))
    try:
        info = client.connector(name)
        tasks = [task.config for task in asked.result()]
    except NotFound:
        return None
    return Observed(own_config(info.config), status_of(client, name), info.type, tasks)


def read(cluster: Cluster, name: str, deadline: float) -> Observed | None:
    """As `observe`, for a refresh: one listing serves all who ask within a short time, and "does not exist" is
    believed only when no worker knows the connector.

    Raises:
        Unreachable: the workers do not agree.
    """
    entry = (cluster.recent_entries(deadline) or {}).get(name)
    if entry is not None and entry.info is not None:
        return Observed(own_config(entry.info.config), entry.status, entry.info.type)
    client = cluster.client.until(deadline)
    found = observe(client, name)
    if found is None and (url := find_worker_with(client, name)) is not None:
        raise Unreachable(f"worker {url} knows connector {name} and others do not: try again in a moment")
    return found


def find_worker_with(client: Client, name: str) -> str | None:
    """The address of the first worker that knows the connector; those that do not answer at once have no say."""
    urls = client.settings.urls
    probe = client.with_retry(PROBE_SECONDS)
    for url in urls if len(urls) > 1 else ():
        with contextlib.suppress(ConnectError):
            probe.config(name, worker=url)
            return without_user_info(url)
    return None
