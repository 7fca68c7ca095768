"""Reading one connector: its status, its whole state, and whether it is really gone."""

from __future__ import annotations

import contextlib
from typing import Final

from pulumi_kafka_connectors.connect import Client, ConnectError, NoStatus, NotFound, Unreachable
from pulumi_kafka_connectors.connect.errors import without_user_info
from pulumi_kafka_connectors.connect.models import ConnectorInfo, ConnectorStatus
from pulumi_kafka_connectors.connect.transport import NotSent
from pulumi_kafka_connectors.core.clock import Cancelled
from pulumi_kafka_connectors.core.cluster import Cluster, in_background
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.settings import PREVIEW_SECONDS
from pulumi_kafka_connectors.core.spec import own_config

PROBE_SECONDS: Final = 2.0
"""Seconds to ask each of several workers whether it knows a connector."""


def status_of(client: Client, name: str) -> ConnectorStatus | None:
    """`GET /connectors/{name}/status`; None without a status: no such connector, or one created a moment ago."""
    try:
        return client.status(name)
    except NoStatus:
        return None


def current_status(cluster: Cluster, client: Client, name: str, deadline: float) -> ConnectorStatus | None:
    """Like `status_of`, from one shared listing when many operations wait at the same time."""
    entries = cluster.current_statuses(deadline)
    if entries is None:
        return status_of(client, name)
    return entries[name].status if name in entries else None


def observe(client: Client, name: str) -> Observed | None:
    """The connector as known to the worker that answers; None if that worker says that it does not exist."""
    # Both requests wait for the worker's herder thread, for seconds while it stops tasks: in parallel they wait only once.
    tasks_reply = in_background(lambda: client.tasks(name))
    try:
        info = client.connector(name)
        tasks = [task.config for task in tasks_reply.result()]
    except NotFound:
        return None
    return Observed(own_config(info.config), status_of(client, name), info.type, tasks)


def observe_once(client: Client, name: str) -> Observed:
    """The connector as far as a worker shows it at once: for a record of what an operation left."""
    quick = client.with_retry(0.0)
    try:
        return observe(quick, name) or Observed({}, None, "unknown")
    except (ConnectError, Cancelled):
        return Observed({}, None, "unknown")


def read(cluster: Cluster, name: str, deadline: float) -> Observed | None:
    """Like `observe`, for a refresh: callers within a short time share one listing, and the connector counts as missing
    only when no worker knows it.

    Raises:
        Unreachable: the workers disagree.
    """
    entry = (cluster.recent_entries(deadline) or {}).get(name)
    if entry is not None and entry.info is not None:
        return Observed(own_config(entry.info.config), entry.status, entry.info.type)
    client = cluster.client.until(deadline)
    found = observe(client, name)
    if found is None and (url := find_worker_with(client, name)) is not None:
        raise Unreachable(f"worker {url} knows connector {name} and others do not: retry in a moment")
    return found


def find_existing(cluster: Cluster, name: str) -> ConnectorInfo | None:
    """The connector of that name, if a worker answers quickly; None also if that cannot be determined."""
    if cluster.memo.absent:
        return None
    deadline = cluster.clock.now() + PREVIEW_SECONDS
    entries = cluster.recent_entries(deadline, after_own_changes=False)
    if entries is not None and (name not in entries or not cluster.changed):
        return entries[name].info if name in entries else None
    try:
        return cluster.client.with_retry(PREVIEW_SECONDS).until(deadline).connector(name)
    except ConnectError:
        return None


def find_worker_with(client: Client, name: str) -> str | None:
    """The address of the first worker that knows the connector; workers that accept no connection have no say.

    Raises:
        ConnectError: a worker is there, but does not say whether it knows the connector.
    """
    urls = client.settings.urls
    probe = client.with_retry(PROBE_SECONDS)
    for url in urls if len(urls) > 1 else ():
        with contextlib.suppress(NotFound, NotSent):
            probe.config(name, worker=url)
            return without_user_info(url)
    return None
