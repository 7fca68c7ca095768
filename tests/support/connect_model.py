"""A model of a Kafka Connect worker: connectors in memory, and the responses of each version to REST requests."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from pulumi_kafka_connectors.connect import SYSTEM, Clock, Features, kafka_version

Response = tuple[int, Any]
"""Status and body."""

_STATES = {"pause": "PAUSED", "resume": "RUNNING", "stop": "STOPPED"}
_ABSENT = {
    "status": "No status found for connector {}",
    "pause": "Unknown connector {}",
    "resume": "Unknown connector {}",
    "stop": "Unknown connector {}",
    "restart": "Unknown connector: {}",
}
_NOT_STOPPED = "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for"
_MANUAL = (
    "However, if this connector manages offsets externally, they will need to be manually {} in the system that it uses."
)


@dataclass
class Request:
    """A recorded request."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


def connect_error(status: int, message: str) -> dict[str, Any]:
    return {"error_code": status, "message": message}


def error_response(status: int, message: str) -> Response:
    return status, connect_error(status, message)


def no_route() -> Response:
    return error_response(404, "HTTP 404 Not Found")


def no_method() -> Response:
    return error_response(405, "HTTP 405 Method Not Allowed")


@dataclass
class Group:
    """The state that the workers of a group share.

    Attributes:
        connectors: entries with `config`, `state` and more by connector name; tests may change them.
        offsets: by connector name; deleting the connector keeps them.
        followers: workers that read a change from the config topic later than the leader.
    """

    connectors: dict[str, dict[str, Any]] = field(default_factory=dict)
    offsets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock)
    followers: list[ConnectModel] = field(default_factory=list)


class ConnectModel:
    """A worker without HTTP.

    Attributes:
        version: the Kafka version that the worker reports; it has only the endpoints of that version.
        plugins: the configuration definitions by connector class.
        masks: keys whose values are returned as `mask`; `extra` is added to every configuration that is returned.
        references: the values of `${...}` references, which `validate` returns except for keys of type PASSWORD.
        invalid: returns the validation errors of a configuration by key.
        failing: returns the trace of the task if it fails with a configuration.
        manual_offsets: whether the connector may manage its offsets externally.
        start_delay: seconds until new tasks run.
        config_delay: seconds until tasks get a changed configuration.
        runs_on: the worker of every connector and task, as a status names it.
        lag: seconds by which this worker reads the config topic late; 0 for the leader.
    """

    def __init__(self, version: str, clock: Clock = SYSTEM, group: Group | None = None) -> None:
        self.version = version
        self.clock = clock
        self.group = Group() if group is None else group
        self.plugins: dict[str, list[dict[str, Any]]] = {"testing.FaultySource": _keys(), "testing.IdleSink": []}
        self.masks: set[str] = set()
        self.mask = "********"
        self.kafka_cluster_id = "k"
        self.extra: dict[str, str] = {}
        self.references: dict[str, str] = {}
        self.invalid: Callable[[dict[str, str]], dict[str, list[str]]] = not_a_number
        self.failing: Callable[[dict[str, str]], str | None] = lambda _config: None
        self.manual_offsets = False
        self.start_delay = self.config_delay = self.lag = 0.0
        self.runs_on = "127.0.0.1:8083"
        self._levels = {"root": "WARN"}
        self._stale: tuple[float, dict[str, dict[str, Any]]] = (0.0, {})

    @property
    def connectors(self) -> dict[str, dict[str, Any]]:
        """The connectors of the group, which tests may change."""
        return self.group.connectors

    def act(self, request: Request) -> Response:
        parts = [unquote(part) for part in request.path.strip("/").split("/") if part]
        with self.group.lock:
            if request.method != "GET":
                for follower in self.group.followers:
                    follower.keep_stale_view()
            match parts:
                case ["connectors", *rest]:
                    return self._connectors(request, rest)
                case ["connector-plugins", *rest]:
                    return self._plugins(request, rest)
                case ["admin", "loggers", *rest]:
                    return self._loggers(request, rest)
                case [] if request.method == "GET":
                    return 200, {"version": self.version, "commit": "c", "kafka_cluster_id": self.kafka_cluster_id}
                case ["health"] if self._has("health"):
                    return 200, {
                        "status": "healthy",
                        "message": "Worker has completed startup and is ready to handle requests.",
                    }
        return no_route()

    def keep_stale_view(self) -> None:
        """Keep returning the present connectors for `lag` seconds."""
        if self.clock.now() >= self._stale[0]:
            self._stale = (self.clock.now() + self.lag, copy.deepcopy(self.group.connectors))

    def _has(self, feature: str) -> bool:
        """Whether a worker of this version has the feature; with an unknown version, it has every feature."""
        return getattr(Features(kafka_version(self.version)), feature) is not False

    def _visible(self) -> dict[str, dict[str, Any]]:
        """The connectors that this worker has read from the config topic so far."""
        until, former = self._stale
        return former if self.clock.now() < until else self.group.connectors

    # Connectors

    def _connectors(self, request: Request, parts: list[str]) -> Response:
        if not parts:
            if request.method == "POST":
                return self._create(request.body)
            return (200, self._listing(request.query.get("expand", []))) if request.method == "GET" else no_method()
        name, *rest = parts
        if (request.method, rest) == ("PUT", ["config"]):
            return self._put(name, request.body)
        if rest[:1] == ["topics"] and self._has("topics"):
            return (202, None) if request.method == "PUT" else (200, {name: {"topics": []}})
        connectors = self._visible() if request.method == "GET" else self.group.connectors
        if rest[:1] == ["tasks"] and len(rest) == 3:
            return self._task(request.method, connectors, name, rest[1:])
        if name not in connectors:
            return error_response(404, _ABSENT.get(rest[0] if rest else "", "Connector {} not found").format(name))
        if request.method == "GET":
            return self._read(connectors, name, rest)
        return self._change(request, name, rest)

    def _listing(self, expand: list[str]) -> Any:
        connectors = self._visible()
        if not expand:
            return list(connectors)
        return {
            name: {
                **({"info": self._info(connectors, name)} if "info" in expand else {}),
                **({"status": self._status(connectors, name)} if "status" in expand else {}),
            }
            for name in connectors
        }

    def _create(self, body: Any) -> Response:
        if "initial_state" in body and not self._has("initial_state"):
            return error_response(
                500, 'Unrecognized field "initial_state" (class CreateConnectorRequest), not marked as ignorable'
            )
        name = body["name"]
        if name in self.connectors:
            return error_response(409, f"Connector {name} already exists")
        state = body.get("initial_state") or "RUNNING"
        config = {**body["config"], "name": name}
        self.connectors[name] = {"config": config, "state": state, "runs": self.clock.now() + self.start_delay}
        return 201, self._info(self.connectors, name)

    def _put(self, name: str, config: dict[str, str]) -> Response:
        existed = name in self.connectors
        entry = self.connectors.setdefault(name, {"state": "RUNNING"})
        entry["former"] = (entry.get("config"), self.clock.now() + self.config_delay)
        entry["config"] = {**config, "name": name}
        return 200 if existed else 201, self._info(self.connectors, name)

    def _read(self, connectors: dict[str, dict[str, Any]], name: str, rest: list[str]) -> Response:
        match rest:
            case []:
                return 200, self._info(connectors, name)
            case ["config"]:
                return 200, self._returned_config(connectors, name)
            case ["status"]:
                return 200, self._status(connectors, name)
            case ["tasks"]:
                task = {"id": {"connector": name, "task": 0}, "config": self._task_config(connectors, name)}
                return 200, [task] * _task_count(connectors, name)
            case ["tasks-config"] if self._has("tasks_config"):
                return 200, {f"{name}-0": self._task_config(connectors, name)}
            case ["offsets"] if self._has("offsets"):
                return 200, {"offsets": self.group.offsets.get(name, [])}
        return no_route()

    def _change(self, request: Request, name: str, rest: list[str]) -> Response:
        entry = self.connectors[name]
        match [request.method, *rest]:
            case ["PATCH", "config"]:
                if not self._has("patch_config"):
                    return no_method()
                merged = {**entry["config"], **request.body}
                return 200, self._put(name, {key: value for key, value in merged.items() if value is not None})[1]
            case ["DELETE"]:
                del self.connectors[name]
                return 204, None
            case ["PUT", ("pause" | "resume" | "stop") as verb] if verb != "stop" or self._has("stop"):
                entry["state"] = _STATES[verb]
                return (204 if verb == "stop" else 202), None
            case ["POST", "restart"]:
                entry.pop("broken", None)
                with_tasks = request.query and self._has("restart_with_tasks")
                return (202, self._status(self.connectors, name)) if with_tasks else (204, None)
            case [("PATCH" | "DELETE") as method, "offsets"]:
                return self._change_offsets(method, name, request.body)
        return no_route()

    def _change_offsets(self, method: str, name: str, body: Any) -> Response:
        if not self._has("alter_offsets"):
            return no_method() if self._has("offsets") else no_route()
        if self.connectors[name]["state"] != "STOPPED":
            return error_response(
                400, f"{_NOT_STOPPED} the specified connector by issuing a 'PUT' request to the '/stop' endpoint"
            )
        changes = [] if method == "DELETE" else body["offsets"]
        changed = [entry["partition"] for entry in changes]
        kept = [
            entry for entry in self.group.offsets.get(name, []) if method == "PATCH" and entry["partition"] not in changed
        ]
        self.group.offsets[name] = kept + [entry for entry in changes if entry["offset"] is not None]
        verb = "reset" if method == "DELETE" else "altered"
        if self.manual_offsets:
            framework = f"The Connect framework-managed offsets for this connector have been {verb} successfully."
            return 200, {"message": f"{framework} {_MANUAL.format(verb)}"}
        return 200, {"message": f"The offsets for this connector have been {verb} successfully"}

    def _task(self, method: str, connectors: dict[str, dict[str, Any]], name: str, rest: list[str]) -> Response:
        known = name in connectors and rest[0] == "0" and _task_count(connectors, name) > 0
        if (method, rest[1]) == ("GET", "status"):
            if not known:
                return error_response(404, f"No status found for task {name}-{rest[0]}")
            return 200, self._status(connectors, name)["tasks"][0]
        if not known:
            return error_response(
                404, f"Unknown task: {name}-{rest[0]}" if name in connectors else f"Unknown connector: {name}"
            )
        connectors[name].pop("broken", None)
        return 204, None

    def _task_config(self, connectors: dict[str, dict[str, Any]], name: str) -> dict[str, str]:
        """The configuration with which the tasks run."""
        former: dict[str, str] | None
        config: dict[str, str] = connectors[name]["config"]
        former, until = connectors[name].get("former", (None, 0.0))
        return former if former is not None and self.clock.now() < until else config

    def _returned_config(self, connectors: dict[str, dict[str, Any]], name: str) -> dict[str, str]:
        config = {**connectors[name]["config"], **self.extra}
        return {key: self.mask if key in self.masks else value for key, value in config.items()}

    def _info(self, connectors: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
        tasks = [{"connector": name, "task": 0}] * _task_count(connectors, name)
        return {"name": name, "config": self._returned_config(connectors, name), "tasks": tasks, "type": "source"}

    def _status(self, connectors: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
        entry = connectors[name]
        state = {"state": entry["state"], "worker_id": self.runs_on, "version": "7.1"}
        trace = entry.get("broken") or self.failing(self._task_config(connectors, name))
        task = {"id": 0, **state, **({"state": "FAILED", "trace": trace} if trace else {})}
        if self.clock.now() < entry.get("runs", 0.0):
            task["state"] = "UNASSIGNED"
        return {"name": name, "connector": state, "tasks": [task] * _task_count(connectors, name), "type": "source"}

    # Plugins

    def _plugins(self, request: Request, parts: list[str]) -> Response:
        match [request.method, *parts]:
            case ["GET"]:
                listed = [{"class": name, "type": "source", "version": "7.1"} for name in self.plugins]
                if request.query.get("connectorsOnly") == ["false"] and self._has("all_plugins"):
                    listed.append({"class": "testing.Transformation", "type": "transformation"})
                return 200, listed
            case ["GET", plugin, "config"] if self._has("plugin_definitions"):
                version = request.query.get("version", ["7.1"])[0]
                if version != "7.1" and self._has("plugin_versions"):
                    range_ = f"[{version},{version}], available versions: [7.1]"
                    return error_response(400, f"Plugin {plugin} not found that matches the version range {range_}")
                return (
                    (200, self.plugins[plugin])
                    if plugin in self.plugins
                    else error_response(404, f"Unknown plugin {plugin}.")
                )
            case ["PUT", plugin, "config", "validate"]:
                return self._validate(plugin, request.body)
        return no_route()

    def _validate(self, plugin: str, config: dict[str, str]) -> Response:
        if plugin not in self.plugins:
            text = f"Failed to find any class that implements Connector and which name matches {plugin}"
            return error_response(400 if self._has("plugin_versions") else 500, f"{text}, available connectors are: X")
        errors = self.invalid(config)
        keys = {key["name"]: key for key in self.plugins[plugin]}
        configs = []
        for name in keys.keys() | errors.keys():
            hidden = keys.get(name, {}).get("type") == "PASSWORD" and name in config
            value = {
                "name": name,
                "value": "[hidden]" if hidden else self.references.get(config.get(name, ""), config.get(name)),
                "recommended_values": [],
                "errors": errors.get(name, []),
                "visible": True,
            }
            configs.append({"definition": keys.get(name), "value": value})
        return 200, {"name": plugin, "error_count": len(errors), "groups": [], "configs": configs}

    # Logging

    def _loggers(self, request: Request, parts: list[str]) -> Response:
        if not self._has("loggers"):
            return no_route()
        match [request.method, *parts]:
            case ["GET"]:
                return 200, {name: {"level": level, "last_modified": None} for name, level in self._levels.items()}
            case ["GET", name]:
                if name not in self._levels:
                    return error_response(404, f"Logger {name} not found.")
                return 200, {"level": self._levels[name], "last_modified": None}
            case ["PUT", name]:
                level = request.body["level"].upper()
                if level not in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"):
                    return error_response(404, f"invalid log level '{level}'.")
                self._levels[name] = level
                cluster = request.query.get("scope") == ["cluster"] and self._has("cluster_loggers")
                return (204, None) if cluster else (200, [name])
        return no_route()


def not_a_number(config: dict[str, str]) -> dict[str, list[str]]:
    """The validation error of the test source for a `rate` that is not a number."""
    rate = config.get("rate", "1")
    if rate.lstrip("-").isdigit() or "$" in rate:
        return {}
    return {"rate": [f"Invalid value {rate} for configuration rate: Not a number of type INT"]}


def _task_count(connectors: dict[str, dict[str, Any]], name: str) -> int:
    return 0 if connectors[name]["state"] == "STOPPED" else 1


def _keys() -> list[dict[str, Any]]:
    kinds = {"rate": "INT", "pin": "PASSWORD", "topic": "STRING", "file": "STRING"}
    return [{"name": name, "type": kind, "required": False, "importance": "LOW"} for name, kind in kinds.items()]
