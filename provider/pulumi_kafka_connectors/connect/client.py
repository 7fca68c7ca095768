"""One method for each endpoint of the Kafka Connect REST API."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from pulumi_kafka_connectors.connect.clock import Clock
from pulumi_kafka_connectors.connect.errors import (
    BadAnswer,
    NoRoute,
    OutcomeUnknown,
    Subject,
    Unsendable,
    Unsupported,
    WorkerFailed,
    lacks_initial_state,
    offsets_are_manual,
)
from pulumi_kafka_connectors.connect.features import Features, Since, Version, kafka_version, version_text
from pulumi_kafka_connectors.connect.models import (
    Config,
    ConfigKey,
    ConnectorInfo,
    ConnectorStatus,
    Expanded,
    Logger,
    Offsets,
    OffsetsReply,
    PartitionOffset,
    Plugin,
    State,
    Task,
    TaskState,
    Topics,
    Validation,
    Worker,
    WorkerHealth,
)
from pulumi_kafka_connectors.connect.settings import Settings
from pulumi_kafka_connectors.connect.transport import Answer, Request, Transport

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


@functools.cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    """Cached for each type: building an adapter takes longer than validating with it."""
    return TypeAdapter(kind)


def path_of(*parts: str | int) -> str:
    """`/connectors/a%2Fb` for ("connectors", "a/b"): every part is percent-encoded as a whole.

    Raises:
        Unsendable: for the parts `.` and `..` (every HTTP client resolves them as directories), empty parts, and text
            with an unpaired surrogate.
    """
    try:
        escaped = [quote(str(part), safe="") for part in parts]
    except UnicodeEncodeError:
        raise Unsendable("a name in a path contains an unpaired surrogate") from None
    if any(part in ("", ".", "..") for part in escaped):
        raise Unsendable("a name in a path must not be empty, `.` or `..`")
    return "/" + "/".join(escaped)


class Client:
    """A typed client for one cluster of workers; safe to share between threads.

    Every method may raise a `ConnectError`; each docstring lists the subclasses worth catching. Pass names unescaped.
    Versions are Kafka versions; an endpoint without one has existed since 0.10.

    A worker that is not the leader of its group sees a change some milliseconds after the request was answered: until
    then it does not know a new connector, configuration or offset, and still knows a deleted connector.

    Args:
        settings: where the workers are.
        transport: a transport for these settings whose connections to share; by default the client creates its own.
        deadline: time on the clock after which no request is retried (see `Transport.send`).
    """

    def __init__(self, settings: Settings, *, transport: Transport | None = None, deadline: float | None = None) -> None:
        self._transport = Transport(settings) if transport is None else transport
        self._deadline = deadline
        self._retry = math.inf
        self._settings = settings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, including those of clients derived from this one; the next request opens new ones."""
        self._transport.close()

    @property
    def settings(self) -> Settings:
        """Where the workers are."""
        return self._settings

    @property
    def transport(self) -> Transport:
        """The transport, which may be shared with other clients of the same settings."""
        return self._transport

    @property
    def clock(self) -> Clock:
        """The clock used for deadlines, pauses and `changed_at`."""
        return self._transport.clock

    def until(self, deadline: float | None) -> Client:
        """A client on the same connections with a different deadline, or none."""
        return self._sharing(deadline, self._retry)

    def with_retry(self, seconds: float) -> Client:
        """A client on the same connections that retries a request for at most `seconds`."""
        return self._sharing(self._deadline, min(self._retry, seconds))

    def _sharing(self, deadline: float | None, retry: float) -> Client:
        client = Client(self._settings, transport=self._transport, deadline=deadline)
        client._retry = retry
        return client

    @property
    def changed_at(self) -> float:
        """When this transport last sent a request other than a GET, on its clock; minus infinity for never."""
        return self._transport.changed_at

    # Workers

    def worker(self, worker: str | None = None) -> Worker:
        """`GET /`: version, commit and Kafka cluster ID of the worker that answers, or of a specific one (its URL)."""
        return self._read(Worker, self._send(Request("GET", "/", worker=worker)))

    def features(self) -> Features:
        """The features of the cluster's workers, by their version (requested once per transport)."""
        known = self._transport.features
        if known is None:
            known = self._transport.features = Features(kafka_version(self.worker().version))
        return known

    def version(self) -> Version | None:
        """The Kafka version of the cluster's workers (requested once per transport); None when they do not report one."""
        return self.features().version

    def health(self) -> WorkerHealth:
        """`GET /health` (3.9): returns an unhealthy status too; waits for a worker that is starting.

        Raises:
            Unsupported: before 3.9.
        """
        try:
            return self._read(WorkerHealth, self._send(Request("GET", "/health"), Features.health))
        except WorkerFailed as refusal:
            return WorkerHealth(status="unhealthy", message=refusal.message)

    # Connectors

    def connectors(self) -> list[str]:
        """`GET /connectors`: the names of all connectors, in any state."""
        return self._read(list[str], self._send(Request("GET", "/connectors")))

    def expanded(self, *, status: bool = False, info: bool = False) -> dict[str, Expanded]:
        """`GET /connectors?expand=status&expand=info` (2.3): all connectors at once, from the worker's own memory.

        With `status`, a connector that has no status yet (just created) is left out.

        Raises:
            Unsupported: when the worker answers with a plain list of names.
        """
        wanted = [name for name, requested in (("status", status), ("info", info)) if requested]
        answer = self._send(Request("GET", "/connectors", query={"expand": wanted}))
        if isinstance(answer.data, list):
            raise self._unsupported("GET /connectors?expand=", Features.expanded)
        return self._read(dict[str, Expanded], answer)

    def create(self, name: str, config: Mapping[str, str], initial_state: State | None = None) -> ConnectorInfo:
        """`POST /connectors`; `initial_state` from 3.7 on.

        Raises:
            AlreadyExists: the name is taken (not reliable while another create of that name is in progress).
            OutcomeUnknown: the response was lost, or does not show whether the connector exists now.
            Unsupported: with `initial_state`, before 3.7; nothing was created.
        """
        body: dict[str, Any] = {"name": name, "config": dict(config)}
        if initial_state is not None:
            body["initial_state"] = str(initial_state)
        try:
            answer = self._send(Request("POST", "/connectors", about=Subject(name), body=body))
        except WorkerFailed as refusal:
            if initial_state is not None and lacks_initial_state(refusal):
                raise self._unsupported("POST /connectors with initial_state", Features.initial_state) from None
            raise
        try:
            return self._read(ConnectorInfo, answer)
        except BadAnswer as problem:
            raise OutcomeUnknown(str(problem)) from None

    def connector(self, name: str, worker: str | None = None) -> ConnectorInfo:
        """`GET /connectors/{name}`; from one specific worker (its URL) if given.

        Raises:
            NotFound: there is no such connector.
        """
        return self._read(ConnectorInfo, self._send(_about(name, "GET", worker=worker)))

    def config(self, name: str, worker: str | None = None) -> dict[str, str]:
        """`GET /connectors/{name}/config`: as stored, with `name`; from one specific worker (its URL) if given.

        Raises:
            NotFound: there is no such connector.
        """
        return self._read(Config, self._send(_about(name, "GET", "config", worker=worker)))

    def put_config(self, name: str, config: Mapping[str, str]) -> tuple[ConnectorInfo, bool]:
        """`PUT /connectors/{name}/config`: replaces the whole configuration, or creates the connector.

        Returns:
            The connector, and whether it was created.
        """
        answer = self._send(_about(name, "PUT", "config", body=dict(config)))
        return self._read(ConnectorInfo, answer), answer.status == 201

    def patch_config(self, name: str, changes: Mapping[str, str | None]) -> ConnectorInfo:
        """`PATCH /connectors/{name}/config` (3.8): sets these keys and deletes those whose value is None.

        Raises:
            NotFound, Unsupported: no such connector; before 3.8.
        """
        if "name" in changes:
            raise ValueError("a worker would store the new `name` without renaming the connector")
        answer = self._send(_about(name, "PATCH", "config", body=dict(changes)), Features.patch_config)
        return self._read(ConnectorInfo, answer)

    def delete(self, name: str) -> None:
        """`DELETE /connectors/{name}`; its tasks stop shortly afterwards; its offsets stay.

        Raises:
            NotFound: there is no such connector.
        """
        self._send(_about(name, "DELETE"))

    def status(self, name: str) -> ConnectorStatus:
        """`GET /connectors/{name}/status`.

        Raises:
            NoStatus: no such connector, or one created a moment ago.
        """
        return self._read(ConnectorStatus, self._send(_about(name, "GET", "status")))

    def pause(self, name: str) -> None:
        """`PUT /connectors/{name}/pause`: tasks pause one by one.

        Raises:
            NotFound: there is no such connector.
        """
        self._send(_about(name, "PUT", "pause"))

    def resume(self, name: str) -> None:
        """`PUT /connectors/{name}/resume`: resumes a paused or stopped connector.

        Raises:
            NotFound: there is no such connector.
        """
        self._send(_about(name, "PUT", "resume"))

    def stop(self, name: str) -> None:
        """`PUT /connectors/{name}/stop` (3.5): shuts the tasks down and frees their resources.

        Raises:
            NotFound, Unsupported: no such connector; before 3.5.
        """
        self._send(_about(name, "PUT", "stop"), Features.stop)

    def restart(self, name: str, *, include_tasks: bool = False, only_failed: bool = False) -> ConnectorStatus | None:
        """`POST /connectors/{name}/restart`; the parameters from 3.0 on.

        Returns:
            The status of what is being restarted, or None for the plain restart of the connector instance.

        Raises:
            NotFound, Unsupported: no such connector; parameters before 3.0 (nothing was restarted, unless the worker
                does not report its version: then the connector instance was).
        """
        request = replace(_about(name, "POST", "restart"), repeatable=True)
        if not include_tasks and not only_failed:
            self._send(request)
            return None
        endpoint = "POST /connectors/{connector}/restart?includeTasks=&onlyFailed="
        self._require(endpoint, Features.restart_with_tasks)
        query = {"includeTasks": _text(include_tasks), "onlyFailed": _text(only_failed)}
        answer = self._send(replace(request, query=query))
        if answer.data is None:
            raise self._unsupported(endpoint, Features.restart_with_tasks)
        return self._read(ConnectorStatus, answer)

    # Tasks

    def tasks(self, name: str, worker: str | None = None) -> list[Task]:
        """`GET /connectors/{name}/tasks`: the tasks with their configurations.

        Args:
            name: of the connector.
            worker: one of the workers' addresses, to ask only that one.

        Raises:
            NotFound: there is no such connector.
        """
        return self._read(list[Task], self._send(_about(name, "GET", "tasks", worker=worker)))

    def tasks_config(self, name: str) -> dict[str, dict[str, str | None]]:
        """`GET /connectors/{name}/tasks-config` (2.8 to 3.9): configurations by task, as `name-0`.

        Raises:
            Unsupported: since 4.0; use `tasks` instead.
        """
        answer = self._send(_about(name, "GET", "tasks-config"), Features.tasks_config)
        return self._read(dict[str, dict[str, str | None]], answer)

    def task_status(self, name: str, task: int) -> TaskState:
        """`GET /connectors/{name}/tasks/{task}/status`.

        Raises:
            NoStatus: no such task, or one started a moment ago.
        """
        return self._read(TaskState, self._send(_about(name, "GET", "tasks", task, "status")))

    def restart_task(self, name: str, task: int) -> None:
        """`POST /connectors/{name}/tasks/{task}/restart`: returns once the task has been stopped and started.

        Raises:
            NotFound: there is no such connector or task.
        """
        self._send(replace(_about(name, "POST", "tasks", task, "restart"), repeatable=True))

    # Topics

    def topics(self, name: str) -> list[str]:
        """`GET /connectors/{name}/topics` (2.5): topics it has used since its creation or the last reset.

        An unknown connector has none.

        Raises:
            Forbidden, Unsupported: topic tracking is switched off; before 2.5.
        """
        answer = self._send(_about(name, "GET", "topics"), Features.topics)
        return self._read(dict[str, Topics], answer).get(name, Topics()).topics

    def reset_topics(self, name: str) -> None:
        """`PUT /connectors/{name}/topics/reset` (2.5): clears the list of topics.

        Raises:
            Forbidden, Unsupported: topic tracking or its reset is switched off; before 2.5.
        """
        self._send(_about(name, "PUT", "topics", "reset"), Features.topics)

    # Offsets

    def offsets(self, name: str) -> list[PartitionOffset]:
        """`GET /connectors/{name}/offsets` (3.5): committed offsets, in any state of the connector.

        Raises:
            NotFound, Unsupported: no such connector; before 3.5.
        """
        return self._read(Offsets, self._send(_about(name, "GET", "offsets"), Features.offsets)).offsets

    def alter_offsets(self, name: str, offsets: Sequence[PartitionOffset]) -> OffsetsReply:
        """`PATCH /connectors/{name}/offsets` (3.6): sets these; None as an offset removes the offset of that partition.

        Returns:
            The worker's message, and whether it says that the connector may also keep offsets elsewhere.

        Raises:
            NotStopped, NotFound, Unsupported: the connector is not stopped; no such connector; before 3.6.
        """
        body = {"offsets": [{"partition": entry.partition, "offset": entry.offset} for entry in offsets]}
        return self._offsets_reply(self._send(_about(name, "PATCH", "offsets", body=body), Features.alter_offsets))

    def reset_offsets(self, name: str) -> OffsetsReply:
        """`DELETE /connectors/{name}/offsets` (3.6): deletes all offsets; returns and raises like `alter_offsets`."""
        return self._offsets_reply(self._send(_about(name, "DELETE", "offsets"), Features.alter_offsets))

    # Plugins

    def plugins(self, *, connectors_only: bool = True) -> list[Plugin]:
        """`GET /connector-plugins`: plugins of the worker that answers; all kinds (3.2) unless `connectors_only`.

        Raises:
            Unsupported: other kinds before 3.2.
        """
        query = {}
        if not connectors_only:
            self._require("GET /connector-plugins?connectorsOnly=false", Features.all_plugins)
            query = {"connectorsOnly": "false"}
        return self._read(list[Plugin], self._send(Request("GET", "/connector-plugins", query=query)))

    def plugin_config(self, plugin: str, version: str | None = None) -> list[ConfigKey]:
        """`GET /connector-plugins/{plugin}/config` (3.2): the keys a plugin of any kind defines; `version` from 4.1.

        Raises:
            NotFound, Unsupported: no such plugin on that worker; before 3.2 (4.1 with `version`).
        """
        query = {}
        if version is not None:
            self._require("GET /connector-plugins/{plugin}/config?version=", Features.plugin_versions)
            query = {"version": version}
        request = Request("GET", path_of("connector-plugins", plugin, "config"), about=Subject(plugin=plugin), query=query)
        return self._read(list[ConfigKey], self._send(request, Features.plugin_definitions))

    def validate(self, plugin: str, config: Mapping[str, str]) -> Validation:
        """`PUT /connector-plugins/{plugin}/config/validate`: creates nothing; runs the connector's own checks.

        The response contains resolved secrets. `config` needs `connector.class` and `name`.

        Raises:
            PluginNotFound: the class is not installed on that worker.
        """
        path = path_of("connector-plugins", plugin, "config", "validate")
        return self._read(Validation, self._send(Request("PUT", path, about=Subject(plugin=plugin), body=dict(config))))

    # Logging

    def loggers(self) -> dict[str, Logger]:
        """`GET /admin/loggers` (2.4): loggers with a level of their own, on the worker that answers.

        Raises:
            Unsupported: before 2.4, or where `admin.listeners` serves them elsewhere.
        """
        return self._read(dict[str, Logger], self._send(Request("GET", "/admin/loggers"), Features.loggers))

    def logger(self, name: str) -> Logger:
        """`GET /admin/loggers/{name}` (2.4).

        Raises:
            NotFound, Unsupported: no such logger; as for `loggers`.
        """
        request = Request("GET", path_of("admin", "loggers", name), about=Subject(logger=name))
        return self._read(Logger, self._send(request, Features.loggers))

    def set_logger(self, name: str, level: str, *, cluster: bool = False) -> list[str]:
        """`PUT /admin/loggers/{name}` (2.4): lasts until the worker restarts; on all workers with `cluster` (3.7).

        Returns:
            The loggers set on that worker; empty with `cluster`.

        Raises:
            NotFound, Unsupported: no such level; as for `loggers`, and with `cluster` before 3.7 (nothing was set).
        """
        query = {}
        if cluster:
            self._require("PUT /admin/loggers/{logger}?scope=cluster", Features.cluster_loggers)
            query = {"scope": "cluster"}
        request = Request("PUT", path_of("admin", "loggers", name), Subject(logger=name), query, {"level": level})
        answer = self._send(request, Features.loggers)
        return [] if answer.data is None else self._read(list[str], answer)

    # Internals

    def _send(self, request: Request, needs: Since | None = None) -> Answer:
        """Send it; `needs` is the feature that provides this path, if not all workers have it."""
        request = replace(request, optional=needs is not None)
        try:
            return self._transport.send(request, deadline=self._deadline, retry=self._retry)
        except NoRoute:
            if needs is None:
                raise
            raise self._unsupported(f"{request.method} {request.path}", needs) from None
        finally:
            if request.method != "GET":
                self._transport.changed_at = self.clock.now()

    def _require(self, endpoint: str, needs: Since) -> None:
        """Reject a parameter that older workers would silently ignore."""
        if needs.__get__(self.features(), Features) is False:
            raise self._unsupported(endpoint, needs)

    def _unsupported(self, endpoint: str, needs: Since) -> Unsupported:
        features = self.features()
        described = "which does not report its version" if features.version is None else f"version {features.text}"
        gone = None if needs.gone is None else version_text(needs.gone)
        return Unsupported(endpoint, version_text(needs.first), f"the Kafka Connect worker ({described})", gone)

    @staticmethod
    def _offsets_reply(answer: Answer) -> OffsetsReply:
        message = str(answer.data.get("message", "")) if isinstance(answer.data, dict) else ""
        return OffsetsReply(message=message, manual=offsets_are_manual(message))

    @staticmethod
    def _read(kind: type[T], answer: Answer) -> T:
        try:
            read: T = _reader(cast("Any", kind)).validate_python(answer.data)
        except ValidationError as problem:
            where = ".".join(str(part) for part in problem.errors()[0]["loc"])
            raise BadAnswer(
                f"{answer.worker} returned a response that is not Kafka Connect's (at {where or 'the top level'})"
            ) from None
        return read


def _text(value: bool) -> str:
    return "true" if value else "false"


def _about(name: str, method: str, *rest: str | int, body: Any = None, worker: str | None = None) -> Request:
    """A request about a connector, or about the task whose number is in the rest of the path."""
    task = next((part for part in rest if isinstance(part, int)), None)
    return Request(method, path_of("connectors", name, *rest), Subject(name, task), body=body, worker=worker)
