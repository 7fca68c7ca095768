"""One method for each endpoint of the Kafka Connect REST API."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from pulumi_kafka_connectors.connect.errors import BadAnswer, NoRoute, Unsupported, WorkerFailed
from pulumi_kafka_connectors.connect.models import (
    Config,
    ConfigKey,
    ConnectorInfo,
    ConnectorStatus,
    Expanded,
    Health,
    Logger,
    Offsets,
    PartitionOffset,
    Plugin,
    Task,
    TaskState,
    Topics,
    Validation,
    Worker,
)
from pulumi_kafka_connectors.connect.settings import Settings
from pulumi_kafka_connectors.connect.transport import Answer, Transport, transport_for
from pulumi_kafka_connectors.connect.versions import Version, kafka_version

T = TypeVar("T")


@functools.cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    """Made once for each type, since that takes longer than to read with it."""
    return TypeAdapter(kind)


InitialState = Literal["RUNNING", "PAUSED", "STOPPED"]


def path_of(*parts: str | int) -> str:
    """`/connectors/a%2Fb` for ("connectors", "a/b"): every part escaped whole.

    Raises:
        ValueError: for the parts `.` and `..` (every HTTP client takes them for directories) and empty ones.
    """
    escaped = [quote(str(part), safe="") for part in parts]
    if any(part in ("", ".", "..") for part in escaped):
        raise ValueError("a name in a path must not be empty, `.` or `..`")
    return "/" + "/".join(escaped)


class Client:
    """A typed client for one cluster of workers; safe to share between threads.

    Every method raises a `ConnectError`; the kinds worth catching are named where they differ. Names are given
    unescaped. Versions are those of Kafka; without one, the endpoint has been there since 0.10.

    A worker that is not its group's leader learns of a change milliseconds after the request for it was answered: until
    then it knows neither a new connector nor new configurations or offsets, and still knows a deleted one.

    Args:
        settings: where the workers are.
        deadline: `time.monotonic()` after which no request is tried any more.
    """

    def __init__(self, settings: Settings, *, deadline: float | None = None) -> None:
        self.settings = settings
        self._transport: Transport = transport_for(settings)
        self._deadline = deadline

    def until(self, deadline: float | None) -> Client:
        """The same client with another deadline."""
        return Client(self.settings, deadline=deadline)

    @property
    def changed_at(self) -> float:
        """When this process last sent that cluster anything but a GET, as `time.monotonic()`; minus infinity for never."""
        return self._transport.changed_at

    # Workers

    def worker(self) -> Worker:
        """`GET /`: version, commit and Kafka cluster id of the worker that answers."""
        return self._read(Worker, self._send("GET", "/"))

    def version(self) -> Version | None:
        """The Kafka version of the cluster's workers (asked once per process); None when they do not tell."""
        if self._transport.version is None:
            self._transport.version = kafka_version(self.worker().version) or (0, 0, 0)
        return self._transport.version if any(self._transport.version) else None

    def health(self) -> Health:
        """`GET /health` (3.9): also when it is unhealthy or starting.

        Raises:
            Unsupported: before 3.9.
        """
        try:
            return self._read(Health, self._send("GET", "/health", first="3.9.0"))
        except WorkerFailed as refusal:
            return Health(status="unhealthy", message=refusal.message)

    # Connectors

    def connectors(self) -> list[str]:
        """`GET /connectors`: the names of all connectors, in whatever state."""
        return self._read(list[str], self._send("GET", "/connectors"))

    def expanded(self, *, status: bool = False, info: bool = False) -> dict[str, Expanded]:
        """`GET /connectors?expand=status&expand=info` (2.3): all connectors at once, from the worker's own memory.

        With `status`, a connector that has no status yet (just created) is left out.

        Raises:
            Unsupported: when the worker answers with a plain list of names.
        """
        wanted = [name for name, asked in (("status", status), ("info", info)) if asked]
        answer = self._send("GET", "/connectors", query={"expand": wanted})
        if isinstance(answer.data, list):
            raise self._unsupported("GET /connectors?expand=", "2.3.0")
        return self._read(dict[str, Expanded], answer)

    def create(self, name: str, config: Mapping[str, str], initial_state: InitialState | None = None) -> ConnectorInfo:
        """`POST /connectors`; `initial_state` from 3.7 on.

        Raises:
            AlreadyExists: for a name that is taken (not reliable while another create of it is under way).
            OutcomeUnknown: the answer was lost, or is one that does not tell whether the connector exists now.
            Unsupported: with `initial_state`, before 3.7; nothing was created.
        """
        body: dict[str, Any] = {"name": name, "config": dict(config)}
        if initial_state is not None:
            body["initial_state"] = initial_state
        try:
            return self._read(ConnectorInfo, self._send("POST", "/connectors", body=body))
        except WorkerFailed as refusal:
            if 'Unrecognized field "initial_state"' in refusal.message:
                raise self._unsupported("POST /connectors with initial_state", "3.7.0") from None
            raise

    def connector(self, name: str) -> ConnectorInfo:
        """`GET /connectors/{name}`.

        Raises:
            NotFound: there is no such connector.
        """
        return self._read(ConnectorInfo, self._send("GET", path_of("connectors", name)))

    def config(self, name: str, *, worker: str | None = None) -> dict[str, str]:
        """`GET /connectors/{name}/config`: as stored, with `name`; from one given worker where asked.

        Raises:
            NotFound: there is no such connector.
        """
        path = path_of("connectors", name, "config")
        return self._read(Config, self._send("GET", path, worker=worker))

    def put_config(self, name: str, config: Mapping[str, str]) -> tuple[ConnectorInfo, bool]:
        """`PUT /connectors/{name}/config`: replaces the whole configuration, or creates the connector.

        Returns:
            The connector, and whether it was created (there was none).
        """
        answer = self._send("PUT", path_of("connectors", name, "config"), body=dict(config))
        return self._read(ConnectorInfo, answer), answer.status == 201

    def patch_config(self, name: str, changes: Mapping[str, str | None]) -> ConnectorInfo:
        """`PATCH /connectors/{name}/config` (3.8): sets these keys, deletes those that are None.

        Raises:
            NotFound, Unsupported: no such connector; before 3.8.
        """
        if "name" in changes:
            raise ValueError("a worker would store another `name` without renaming the connector")
        path = path_of("connectors", name, "config")
        return self._read(ConnectorInfo, self._send("PATCH", path, body=dict(changes), first="3.8.0"))

    def delete(self, name: str) -> None:
        """`DELETE /connectors/{name}`; its tasks end a little later, its offsets stay.

        Raises:
            NotFound: there is no such connector.
        """
        self._send("DELETE", path_of("connectors", name))

    def status(self, name: str) -> ConnectorStatus:
        """`GET /connectors/{name}/status`.

        Raises:
            NoStatus: no such connector, or one created a moment ago.
        """
        return self._read(ConnectorStatus, self._send("GET", path_of("connectors", name, "status")))

    def pause(self, name: str) -> None:
        """`PUT /connectors/{name}/pause`: tasks follow one by one.

        Raises:
            NotFound: there is no such connector.
        """
        self._send("PUT", path_of("connectors", name, "pause"))

    def resume(self, name: str) -> None:
        """`PUT /connectors/{name}/resume`: from paused or stopped.

        Raises:
            NotFound: there is no such connector.
        """
        self._send("PUT", path_of("connectors", name, "resume"))

    def stop(self, name: str) -> None:
        """`PUT /connectors/{name}/stop` (3.5): shuts the tasks down and frees what they hold.

        Raises:
            NotFound, Unsupported: no such connector; before 3.5.
        """
        self._send("PUT", path_of("connectors", name, "stop"), first="3.5.0")

    def restart(self, name: str, *, include_tasks: bool = False, only_failed: bool = False) -> ConnectorStatus | None:
        """`POST /connectors/{name}/restart`; the parameters from 3.0 on.

        Returns:
            What is being restarted, or None for the plain restart of the connector object.

        Raises:
            NotFound, Unsupported: no such connector; parameters before 3.0 (nothing was restarted, unless the worker
                does not tell its version: then the connector object was).
        """
        path, query = path_of("connectors", name, "restart"), {}
        if include_tasks or only_failed:
            self._require("POST /connectors/{connector}/restart?includeTasks=&onlyFailed=", "3.0.0")
            query = {"includeTasks": _text(include_tasks), "onlyFailed": _text(only_failed)}
        answer = self._send("POST", path, query=query, repeatable=True)
        if answer.data is None:
            if query:
                raise self._unsupported("POST /connectors/{connector}/restart?includeTasks=&onlyFailed=", "3.0.0")
            return None
        return self._read(ConnectorStatus, answer)

    # Tasks

    def tasks(self, name: str) -> list[Task]:
        """`GET /connectors/{name}/tasks`: the tasks with their configurations.

        Raises:
            NotFound: there is no such connector.
        """
        return self._read(list[Task], self._send("GET", path_of("connectors", name, "tasks")))

    def tasks_config(self, name: str) -> dict[str, dict[str, str | None]]:
        """`GET /connectors/{name}/tasks-config` (2.8 to 3.9): configurations by task, as `name-0`.

        Raises:
            Unsupported: since 4.0; `tasks` tells the same.
        """
        path = path_of("connectors", name, "tasks-config")
        return self._read(dict[str, dict[str, str | None]], self._send("GET", path, first="2.8.0 up to 3.9"))

    def task_status(self, name: str, task: int) -> TaskState:
        """`GET /connectors/{name}/tasks/{task}/status`.

        Raises:
            NoStatus: no such task, or one started a moment ago.
        """
        return self._read(TaskState, self._send("GET", path_of("connectors", name, "tasks", task, "status")))

    def restart_task(self, name: str, task: int) -> None:
        """`POST /connectors/{name}/tasks/{task}/restart`: returns when the task was stopped and started.

        Raises:
            NotFound: there is no such connector or task.
        """
        self._send("POST", path_of("connectors", name, "tasks", task, "restart"), repeatable=True)

    # Topics

    def topics(self, name: str) -> list[str]:
        """`GET /connectors/{name}/topics` (2.5): topics it used since its creation or the last reset.

        An unknown connector has none.

        Raises:
            Forbidden, Unsupported: topic tracking is switched off; before 2.5.
        """
        answer = self._send("GET", path_of("connectors", name, "topics"), first="2.5.0")
        return self._read(dict[str, Topics], answer).get(name, Topics()).topics

    def reset_topics(self, name: str) -> None:
        """`PUT /connectors/{name}/topics/reset` (2.5): start a new list.

        Raises:
            Forbidden, Unsupported: topic tracking or its reset is switched off; before 2.5.
        """
        self._send("PUT", path_of("connectors", name, "topics", "reset"), first="2.5.0")

    # Offsets

    def offsets(self, name: str) -> list[PartitionOffset]:
        """`GET /connectors/{name}/offsets` (3.5): committed offsets, in any state of the connector.

        Raises:
            NotFound, Unsupported: no such connector; before 3.5.
        """
        path = path_of("connectors", name, "offsets")
        return self._read(Offsets, self._send("GET", path, first="3.5.0")).offsets

    def alter_offsets(self, name: str, offsets: Sequence[PartitionOffset]) -> str:
        """`PATCH /connectors/{name}/offsets` (3.6): set these; an offset of None removes the partition's.

        Returns:
            The worker's message: some connectors keep offsets elsewhere too.

        Raises:
            NotStopped, NotFound, Unsupported: the connector is not stopped; no such connector; before 3.6.
        """
        body = {"offsets": [{"partition": entry.partition, "offset": entry.offset} for entry in offsets]}
        return self._message(self._send("PATCH", path_of("connectors", name, "offsets"), body=body, first="3.6.0"))

    def reset_offsets(self, name: str) -> str:
        """`DELETE /connectors/{name}/offsets` (3.6): forget all; returns and raises as `alter_offsets`."""
        return self._message(self._send("DELETE", path_of("connectors", name, "offsets"), first="3.6.0"))

    # Plugins

    def plugins(self, *, connectors_only: bool = True) -> list[Plugin]:
        """`GET /connector-plugins`: plugins of the worker that answers; all kinds (3.2) unless `connectors_only`.

        Raises:
            Unsupported: other kinds before 3.2.
        """
        query = {}
        if not connectors_only:
            self._require("GET /connector-plugins?connectorsOnly=false", "3.2.0")
            query = {"connectorsOnly": "false"}
        return self._read(list[Plugin], self._send("GET", "/connector-plugins", query=query))

    def plugin_config(self, plugin: str, *, version: str | None = None) -> list[ConfigKey]:
        """`GET /connector-plugins/{plugin}/config` (3.2): the keys a plugin of any kind defines; `version` from 4.1.

        Raises:
            NotFound, Unsupported: no such plugin on that worker; before 3.2 (4.1 with `version`).
        """
        query = {}
        if version is not None:
            self._require("GET /connector-plugins/{plugin}/config?version=", "4.1.0")
            query = {"version": version}
        path = path_of("connector-plugins", plugin, "config")
        return self._read(list[ConfigKey], self._send("GET", path, query=query, first="3.2.0"))

    def validate(self, plugin: str, config: Mapping[str, str]) -> Validation:
        """`PUT /connector-plugins/{plugin}/config/validate`: creates nothing; runs the connector's own checks.

        The answer holds resolved secrets. `config` needs `connector.class` and `name`.

        Raises:
            InvalidConfig: the class is not installed on that worker.
        """
        path = path_of("connector-plugins", plugin, "config", "validate")
        return self._read(Validation, self._send("PUT", path, body=dict(config)))

    # Logging

    def loggers(self) -> dict[str, Logger]:
        """`GET /admin/loggers` (2.4): loggers with a level of their own, on the worker that answers.

        Raises:
            Unsupported: before 2.4, or where `admin.listeners` serves them elsewhere.
        """
        return self._read(dict[str, Logger], self._send("GET", "/admin/loggers", first="2.4.0"))

    def logger(self, name: str) -> Logger:
        """`GET /admin/loggers/{name}` (2.4).

        Raises:
            NotFound, Unsupported: no such logger; as `loggers`.
        """
        return self._read(Logger, self._send("GET", path_of("admin", "loggers", name), first="2.4.0"))

    def set_logger(self, name: str, level: str, *, cluster: bool = False) -> list[str]:
        """`PUT /admin/loggers/{name}` (2.4): until the worker restarts; on all workers with `cluster` (3.7).

        Returns:
            The loggers set on that worker; empty with `cluster`.

        Raises:
            NotFound, Unsupported: no such level; as `loggers`, and with `cluster` before 3.7 (nothing was set).
        """
        query = {}
        if cluster:
            self._require("PUT /admin/loggers/{logger}?scope=cluster", "3.7.0")
            query = {"scope": "cluster"}
        path = path_of("admin", "loggers", name)
        answer = self._send("PUT", path, query=query, body={"level": level}, first="2.4.0")
        return [] if answer.data is None else self._read(list[str], answer)

    # How

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | list[str]] | None = None,
        body: Any = None,
        repeatable: bool | None = None,
        first: str | None = None,
        worker: str | None = None,
    ) -> Answer:
        try:
            return self._transport.send(
                method,
                path,
                query=query,
                body=body,
                repeatable=repeatable,
                optional=first is not None,
                deadline=self._deadline,
                worker=worker,
            )
        except NoRoute:
            if first is None:
                raise
            raise self._unsupported(f"{method} {path}", first) from None
        finally:
            if method != "GET":
                self._transport.changed_at = time.monotonic()

    def _require(self, endpoint: str, first: str) -> None:
        """Refuse a parameter that older workers would silently ignore."""
        version, needed = self.version(), kafka_version(first)
        if version is not None and needed is not None and version < needed:
            raise self._unsupported(endpoint, first)

    def _unsupported(self, endpoint: str, first: str) -> Unsupported:
        version = self.version()
        told = "which does not tell its version" if version is None else f"version {'.'.join(map(str, version))}"
        return Unsupported(endpoint, first, f"the Kafka Connect worker ({told})")

    @staticmethod
    def _message(answer: Answer) -> str:
        return str(answer.data.get("message", "")) if isinstance(answer.data, dict) else ""

    @staticmethod
    def _read(kind: type[T], answer: Answer) -> T:
        try:
            read: T = _reader(cast("Any", kind)).validate_python(answer.data)
        except ValidationError as problem:
            where = ".".join(str(part) for part in problem.errors()[0]["loc"])
            raise BadAnswer(
                f"{answer.worker} answers in a form that is not Kafka Connect's (at {where or 'the top'})"
            ) from None
        return read


def _text(value: bool) -> str:
    return "true" if value else "false"
