"""Every endpoint of the Kafka Connect REST API: how to call it, and which Kafka versions have it.

`python -m tests.support.endpoints` writes docs/endpoints.md from this table; a unit test compares the two, and the live
tests make every call on every version.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pulumi_kafka_connectors.connect import Client, ConnectError, NoStatus, NotStopped, State, kafka_version
from pulumi_kafka_connectors.connect.models import ConnectorStatus, OffsetsReply, PartitionOffset
from sandbox.versions import WORKERS
from tests.support.names import Names, faulty
from tests.support.waiting import wait_until

PAGE = Path(__file__).resolve().parents[2] / "docs" / "endpoints.md"


@dataclass(frozen=True)
class Endpoint:
    """One row.

    Args:
        path: method and path as Kafka documents them.
        method: the method of `Client`.
        first, last: the first and the last Kafka version that has it; empty for no limit.
        used: what the provider uses it for.
        call: calls it for an existing connector; returns whether the response is as expected.
    """

    path: str
    method: str
    call: Callable[[Client, str], bool]
    used: str = ""
    first: str = ""
    last: str = ""

    def on(self, version: str) -> bool:
        """Whether workers of this version have it."""
        at = kafka_version(version) or (0, 0, 0)
        since = kafka_version(self.first) or (0, 0, 0)
        until = kafka_version(self.last) or (99, 0, 0)
        return since <= at <= until


def with_own_connector(act: Callable[[Client, str], bool]) -> Callable[[Client, str], bool]:
    """Call with a newly created connector instead of the shared one."""

    def call(client: Client, _shared: str) -> bool:
        name = Names()("own")
        client.put_config(name, faulty())
        try:
            wait_for_task(client, name)
            return act(client, name)
        finally:
            with contextlib.suppress(ConnectError):
                client.delete(name)

    return call


def status_of(client: Client, name: str) -> ConnectorStatus | None:
    """The status of a connector; None while it has none."""
    try:
        return client.status(name)
    except NoStatus:
        return None


def wait_for_task(client: Client, name: str) -> None:
    """Wait until the task of the connector is running."""

    def is_running() -> bool:
        status = status_of(client, name)
        return status is not None and [task.state for task in status.tasks] == ["RUNNING"]

    wait_until(is_running, f"{name} is not running", seconds=15)


def _create(client: Client, _shared: str) -> bool:
    name = Names()("created")
    created = client.create(name, faulty())
    client.delete(name)
    return created.name == name and created.config == {**faulty(), "name": name} and created.type == "source"


def _create_paused(client: Client, _shared: str) -> bool:
    name = Names()("paused")
    client.create(name, faulty(), State.PAUSED)
    wait_until(lambda: status_of(client, name) is not None, seconds=5)
    state = client.status(name).connector.state
    client.delete(name)
    return state == "PAUSED"


def _then(verb: Callable[[Client, str], object], state: str) -> Callable[[Client, str], bool]:
    def act(client: Client, name: str) -> bool:
        verb(client, name)
        wait_until(lambda: client.status(name).connector.state == state, seconds=5)
        return True

    return act


def _resume(client: Client, name: str) -> bool:
    return _then(Client.pause, "PAUSED")(client, name) and _then(Client.resume, "RUNNING")(client, name)


def _deleted(client: Client, name: str) -> bool:
    client.delete(name)
    wait_until(lambda: name not in client.connectors(), seconds=5)
    return True


def _changed(client: Client, name: str) -> bool:
    _, created = client.put_config(name, faulty(rate=2))
    wait_until(lambda: client.config(name)["rate"] == "2", seconds=5)
    return not created


def _stopped(act: Callable[[Client, str], OffsetsReply]) -> Callable[[Client, str], bool]:
    def call(client: Client, name: str) -> bool:
        with contextlib.suppress(ConnectError):
            client.stop(name)
        replies: list[OffsetsReply] = []

        def changed() -> bool:
            with contextlib.suppress(NotStopped):
                replies.append(act(client, name))
            return bool(replies)

        wait_until(changed, f"{name} does not stop", seconds=10)
        return "successfully" in replies[0].message

    return with_own_connector(call)


def _restarted(client: Client, name: str) -> bool:
    status = client.restart(name, include_tasks=True, only_failed=False)
    return status is not None and [task.id for task in status.tasks] == [0]


def _task_restarted(client: Client, name: str) -> bool:
    client.restart_task(name, 0)
    wait_for_task(client, name)  # its status follows shortly after the response
    return True


def _topics_reset(client: Client, name: str) -> bool:
    client.reset_topics(name)
    wait_until(lambda: client.topics(name) == [], seconds=5)
    return True


_OFFSET = [PartitionOffset(partition={"number": "0"}, offset={"count": 5})]
_LOGGER = "org.apache.kafka.connect.runtime"

ENDPOINTS = [
    Endpoint("GET /", "worker", lambda c, _: bool(c.worker().kafka_cluster_id), "version, once per process"),
    Endpoint("GET /health", "health", lambda c, _: c.health().status == "healthy", "", "3.9.0"),
    Endpoint("GET /connectors", "connectors", lambda c, n: n in c.connectors(), "distinguishes a gateway from a starting worker"),
    Endpoint("GET /connectors?expand=status&expand=info", "expanded",
             lambda c, n: (e := c.expanded(status=True, info=True)[n]).info is not None and e.status is not None,
             "refresh; polls of many connectors", "2.3.0"),
    Endpoint("POST /connectors", "create", _create, "create"),
    Endpoint("POST /connectors with initial_state", "create", _create_paused, "create paused or stopped", "3.7.0"),
    Endpoint("GET /connectors/{connector}", "connector", lambda c, n: c.connector(n).name == n, "read before a write; refresh"),
    Endpoint("GET /connectors/{connector}/config", "config", lambda c, n: c.config(n)["rate"] == "1", "after a lost response"),
    Endpoint("PUT /connectors/{connector}/config", "put_config",
             with_own_connector(_changed), "update; adopt; undo"),
    Endpoint("PATCH /connectors/{connector}/config", "patch_config",
             with_own_connector(lambda c, n: c.patch_config(n, {"rate": "3", "topic": None}).config["rate"] == "3"), "", "3.8.0"),
    Endpoint("DELETE /connectors/{connector}", "delete", with_own_connector(_deleted), "delete; undo"),
    Endpoint("GET /connectors/{connector}/status", "status", lambda c, n: c.status(n).connector.state == "RUNNING", "polls"),
    Endpoint("PUT /connectors/{connector}/pause", "pause", with_own_connector(_then(Client.pause, "PAUSED")), "state"),
    Endpoint("PUT /connectors/{connector}/resume", "resume", with_own_connector(_resume), "state"),
    Endpoint("PUT /connectors/{connector}/stop", "stop", with_own_connector(_then(Client.stop, "STOPPED")), "state; offsets; forget", "3.5.0"),
    Endpoint("POST /connectors/{connector}/restart", "restart", lambda c, n: c.restart(n) is None, "restart before 3.0"),
    Endpoint("POST /connectors/{connector}/restart?includeTasks=&onlyFailed=", "restart", with_own_connector(_restarted),
             "restart; failed tasks", "3.0.0"),
    Endpoint("GET /connectors/{connector}/tasks", "tasks",
             lambda c, n: [(t.id.task, t.config["rate"]) for t in c.tasks(n)] == [(0, "1")], "how many tasks to wait for"),
    Endpoint("GET /connectors/{connector}/tasks-config", "tasks_config", lambda c, n: f"{n}-0" in c.tasks_config(n), "",
             "2.8.0", "3.9.9"),
    Endpoint("GET /connectors/{connector}/tasks/{task}/status", "task_status",
             lambda c, n: c.task_status(n, 0).state == "RUNNING"),
    Endpoint("POST /connectors/{connector}/tasks/{task}/restart", "restart_task",
             with_own_connector(_task_restarted), "restart before 3.0"),
    Endpoint("GET /connectors/{connector}/topics", "topics", lambda c, n: c.topics(n) == [], "", "2.5.0"),
    Endpoint("PUT /connectors/{connector}/topics/reset", "reset_topics", _topics_reset, "", "2.5.0"),
    Endpoint("GET /connectors/{connector}/offsets", "offsets", lambda c, n: c.offsets(n) == [], "", "3.5.0"),
    Endpoint("PATCH /connectors/{connector}/offsets", "alter_offsets", _stopped(lambda c, n: c.alter_offsets(n, _OFFSET)),
             "offsets", "3.6.0"),
    Endpoint("DELETE /connectors/{connector}/offsets", "reset_offsets", _stopped(lambda c, n: c.reset_offsets(n)),
             "offsets; forget", "3.6.0"),
    Endpoint("GET /connector-plugins", "plugins",
             lambda c, _: "testing.FaultySource" in [p.class_ for p in c.plugins()], "suggestions for a wrong class"),
    Endpoint("GET /connector-plugins?connectorsOnly=false", "plugins",
             lambda c, _: "transformation" in {p.type for p in c.plugins(connectors_only=False)}, "", "3.2.0"),
    Endpoint("GET /connector-plugins/{plugin}/config", "plugin_config",
             lambda c, _: "PASSWORD" in {k.type for k in c.plugin_config("testing.FaultySource")}, "keys that are secret", "3.2.0"),
    Endpoint("GET /connector-plugins/{plugin}/config?version=", "plugin_config",
             lambda c, _: bool(c.plugin_config("testing.FaultySource", version="7.1")), "", "4.1.0"),
    Endpoint("PUT /connector-plugins/{plugin}/config/validate", "validate",
             lambda c, _: c.validate("testing.FaultySource", {**faulty(rate="x"), "name": "v"}).error_count == 1, "check"),
    Endpoint("GET /admin/loggers", "loggers", lambda c, _: "root" in c.loggers(), "", "2.4.0"),
    Endpoint("GET /admin/loggers/{logger}", "logger", lambda c, _: c.logger("root").level == "WARN", "", "2.4.0"),
    Endpoint("PUT /admin/loggers/{logger}", "set_logger", lambda c, _: _LOGGER in c.set_logger(_LOGGER, "ERROR") and c.logger(_LOGGER).level == "ERROR", "", "2.4.0"),
    Endpoint("PUT /admin/loggers/{logger}?scope=cluster", "set_logger",
             lambda c, _: c.set_logger(_LOGGER, "WARN", cluster=True) == [], "", "3.7.0"),
]  # fmt: skip

LOOKUPS = {
    "worker": "get_worker",
    "expanded": "get_connectors",
    "connector": "get_connector",
    "status": "get_status",
    "tasks": "get_tasks",
    "topics": "get_topics",
    "offsets": "get_offsets",
    "plugins": "get_plugins",
    "plugin_config": "get_plugin",
    "validate": "validate",
    "loggers": "get_loggers",
}
"""The lookup functions by method of `Client`."""

_HEAD = """# Endpoints

The whole Kafka Connect REST API is available through `pulumi_kafka_connectors.connect`:

```python
from pulumi_kafka_connectors.connect import Client, Settings

client = Client(Settings(urls=("http://connect-1:8083", "http://connect-2:8083"), username="svc", password="..."))
client.status("orders-sink").tasks
client.restart("orders-sink", include_tasks=True, only_failed=True)
```

In a Pulumi program, use the `Connector` resource for changes and lookup functions such as `kc.get_status("orders-sink")` for
queries. They use the settings of the stack. Each lookup has an `_output` variant and hides the values of secret keys.

The docstring of each method describes its endpoint, results and errors. A method raises `Unsupported` if the worker does not
have the endpoint or parameter; the error names the required version and the worker's version. Parameters that older workers
would silently ignore are not sent to them. The last three columns show the results on real workers; the tests verify them.

"""


def page() -> str:
    """The text of docs/endpoints.md."""
    heads = ["endpoint", "`Client` method", "lookup", "since Kafka", "used by `Connector` for", *WORKERS]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in ENDPOINTS:
        since = (row.first or "0.10") + (" to 3.9" if row.last else "")
        results = ["yes" if row.on(version) else "Unsupported" for version in WORKERS]
        lookup = f"`{LOOKUPS[row.method]}`" if row.method in LOOKUPS else ""
        lines.append("| " + " | ".join([f"`{row.path}`", f"`{row.method}`", lookup, since, row.used, *results]) + " |")
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
