"""From a declaration to a connector that does what it says: observe, create, update, delete, wait, undo.

Each operation may be run again after any interruption. Nothing here knows which front-end calls.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pulumi_kafka_connectors import spec as specs
from pulumi_kafka_connectors.connect import (
    AlreadyExists,
    Client,
    ConnectError,
    NotFound,
    NotStopped,
    OutcomeUnknown,
    Retry,
    Unreachable,
    Unsupported,
    WorkerFailed,
)
from pulumi_kafka_connectors.connect.client import InitialState
from pulumi_kafka_connectors.connect.errors import without_user_info
from pulumi_kafka_connectors.connect.models import ConnectorInfo, ConnectorStatus, PartitionOffset
from pulumi_kafka_connectors.connect.versions import Version
from pulumi_kafka_connectors.failure import Failure
from pulumi_kafka_connectors.health import Health, Verdict, judge
from pulumi_kafka_connectors.listing import listing_of, status_of
from pulumi_kafka_connectors.spec import ConnectorSpec
from pulumi_kafka_connectors.waiting import FIRST_POLL, LONGEST_POLL, TasksBefore, healthy, wait_for

log = logging.getLogger(__name__)

UNDO_SECONDS = 60.0
LOOK_AFTER_LOSS, LOOK_AFTER_TIMEOUT = 5.0, 20.0
"""Seconds to look for a connector whose creation was not answered, before it is created again: longer when the worker
itself gave up waiting, since what it waited for is still under way."""
LOOK_AFTER_ANSWER = 1.0
"""Seconds to look for a connector that an error may have created: a worker that forwards to the leader hears of it after
the leader has answered."""
_STOPS, _RESTARTS_TASKS_ITSELF, _HOLDS_TASKS_MAX = (3, 5, 0), (3, 7, 1), (3, 8, 0)
# As many as operations; kept, since each thread keeps its connections.
_beside = ThreadPoolExecutor(64, thread_name_prefix="beside")


@dataclass(frozen=True)
class Observed:
    """A connector as it is on the cluster."""

    config: Mapping[str, str]
    status: ConnectorStatus | None
    type: str
    tasks: Sequence[Mapping[str, str]] = ()
    """Configurations of its tasks, where somebody asked for them."""

    @property
    def state(self) -> str:
        """One word in lower case: failed when the connector or any task failed; unassigned when nothing is known."""
        if self.status is None:
            return "unassigned"
        if any(task.state == "FAILED" for task in self.status.tasks):
            return "failed"
        return self.status.connector.state.lower()

    @property
    def target(self) -> str:
        """The state that its operator wants, as far as the status shows."""
        state = self.status.connector.state.lower() if self.status is not None else "running"
        return state if state in specs.STATES else "running"

    @property
    def outputs(self) -> dict[str, Any]:
        """What a connector's resource tells besides its inputs."""
        tasks = [{"id": task.id, "state": task.state.lower()} for task in (self.status.tasks if self.status else [])]
        version = self.status.connector.version if self.status else None
        return {"status": self.state, "type": self.type, "tasks": tasks, **({"version": version} if version else {})}


# Looking


def observe(client: Client, name: str) -> Observed | None:
    """The connector as the worker that answers knows it, or None when that one says it does not exist."""
    # Both wait for a turn of the worker's one thread, for seconds while it stops tasks: side by side it is one turn.
    asked = _beside.submit(client.tasks, name)
    try:
        info = client.connector(name)
        tasks = [task.config for task in asked.result()]
    except NotFound:
        return None
    return Observed(info.config, status_of(client, name), info.type, tasks)


def read(client: Client, name: str) -> Observed | None:
    """As `observe`, for a refresh: one listing serves all who ask within a short time, and "does not exist" is
    believed only when no worker knows the connector.

    Raises:
        Unreachable: the workers do not agree.
    """
    with contextlib.suppress(Unsupported):
        entry = listing_of(client.settings, info=True).recent(client).get(name)
        if entry is not None and entry.info is not None:
            return Observed(entry.info.config, entry.status, entry.info.type)
    found = observe(client, name)
    if found is None and (url := _knows(client, name)) is not None:
        raise Unreachable(f"worker {url} knows connector {name} and others do not: try again in a moment")
    return found


def _knows(client: Client, name: str) -> str | None:
    """The first worker that knows the connector; those that do not answer at once have no say."""
    urls = client.settings.urls
    hasty = Client(replace(client.settings, retry=Retry(seconds=2)))
    for url in urls if len(urls) > 1 else ():
        with contextlib.suppress(ConnectError):
            hasty.config(name, worker=url)
            return without_user_info(url)
    return None


# Steps


def _tasks_before(found: Observed, new: Mapping[str, str]) -> TasksBefore:
    # Most connectors hand their tasks what they were given: where the old value of a key arrived, the new one will.
    keys = [key for key in specs.differing(found.config, new) if key in found.config]
    return TasksBefore(found.tasks, any(task.get(key) == found.config[key] for task in found.tasks for key in keys))


def _restart(client: Client, name: str, *, only_failed: bool) -> None:
    try:
        client.restart(name, include_tasks=True, only_failed=only_failed)
    except Unsupported:
        with contextlib.suppress(WorkerFailed):  # its start failed again: the status tells why
            client.restart(name)
        for task in client.status(name).tasks:
            if not only_failed or task.state == "FAILED":
                client.restart_task(name, task.id)


def _mending(client: Client, name: str) -> Callable[[], None]:
    return partial(_restart, client, name, only_failed=True)


def _set_state(client: Client, name: str, state: str) -> None:
    {"running": client.resume, "paused": client.pause, "stopped": client.stop}[state](name)


def _put(client: Client, name: str, config: Mapping[str, str]) -> ConnectorInfo:
    info, created = client.put_config(name, config)
    if created:
        log.warning("%s had been deleted meanwhile: it was created again", name)
    return info


def _set_offsets(client: Client, spec: ConnectorSpec, deadline: float) -> None:
    """Alter or reset the offsets of a connector that is being stopped."""
    entries = [
        PartitionOffset(partition=dict(o.partition), offset=None if o.offset is None else dict(o.offset))
        for o in spec.offsets or ()
    ]
    healthy(client, spec.name, "stopped", deadline, mend=_mending(client, spec.name))
    while True:
        try:
            message = client.alter_offsets(spec.name, entries) if entries else client.reset_offsets(spec.name)
        except NotStopped:
            # Its tasks have just ended; the leader may learn of it a moment later.
            if time.monotonic() > deadline:
                raise
            time.sleep(FIRST_POLL)
            continue
        if "manually" in message:
            log.warning("%s: %s", spec.name, message)
        return


def _post(client: Client, spec: ConnectorSpec, initial: InitialState | None, deadline: float) -> ConnectorInfo:
    """POST, and after a lost answer look before doing it again.

    Raises:
        AlreadyExists: somebody else created a connector of that name.
    """
    doubtful = False
    while True:
        try:
            return client.create(spec.name, spec.config, initial)
        except OutcomeUnknown as problem:
            found = _appeared(client, spec, LOOK_AFTER_TIMEOUT if "timed out" in str(problem) else LOOK_AFTER_LOSS)
            if found is not None:
                return found
            if time.monotonic() > deadline:
                raise
            doubtful = True
            log.info("%s: no answer to its creation, and it does not exist: trying again", spec.name)
        except AlreadyExists:
            found = _appeared(client, spec, LOOK_AFTER_ANSWER) if doubtful else None
            if found is None:
                raise
            return found
        except WorkerFailed:
            found = _appeared(client, spec, LOOK_AFTER_ANSWER)
            if found is None:
                raise
            return found


def _appeared(client: Client, spec: ConnectorSpec, seconds: float) -> ConnectorInfo | None:
    """The connector if it exists with our configuration, looking for that long."""
    until = time.monotonic() + seconds
    while True:
        try:
            found = client.connector(spec.name)
        except NotFound:
            if time.monotonic() >= until:
                return None
        else:
            return None if specs.differing(found.config, spec.config) else found
        time.sleep(LONGEST_POLL)


def _post_in_state(client: Client, spec: ConnectorSpec, deadline: float) -> tuple[ConnectorInfo, str | None]:
    """Create the connector so that its tasks do not run before they should, where the workers can do that.

    Returns:
        The connector, and the state to bring it to now, on workers that create connectors running only.
    """
    first = "stopped" if spec.offsets is not None else spec.state or "running"
    if first == "stopped":
        _require_stop(client, spec)
    initial: dict[str, InitialState | None] = {"running": None, "paused": "PAUSED", "stopped": "STOPPED"}
    try:
        return _post(client, spec, initial[first], deadline), None
    except Unsupported:
        log.warning("%s runs for a moment before it is %s: these workers cannot create it so", spec.name, first)
        return _post(client, spec, None, deadline), first


def _require_stop(client: Client, spec: ConnectorSpec) -> None:
    version = client.version()
    needed, what = ((3, 6, 0), "offsets") if spec.offsets is not None else (_STOPS, "state stopped")
    if version is not None and version < needed:
        told = ".".join(map(str, version))
        raise Failure(f"connector {spec.name}: {what} needs Kafka Connect {needed[0]}.{needed[1]} or newer, this is {told}")


# Operations


def create(client: Client, spec: ConnectorSpec) -> Observed:
    """Make the connector exist as declared.

    One that exists with the same configuration is ours (a lost answer, an interrupted run). Whatever fails, a
    connector that this call created is deleted again, and one that it took over gets back what it had.

    Raises:
        Failure, ConnectError: with what failed and what was undone.
    """
    deadline = time.monotonic() + spec.timeouts.create
    client = client.until(deadline)
    known = status_of(client, spec.name) is not None
    found = observe(client, spec.name) if known else None
    if found is None:
        try:
            info, late_state = _post_in_state(client, spec, deadline)
        except AlreadyExists:
            found = observe(client, spec.name)
            if found is None:
                raise
        else:
            with _undone(client, spec, partial(_delete_again, name=spec.name)):
                if late_state is not None:
                    _set_state(client, spec.name, late_state)
                most = None if known else _most_tasks(client, spec)
                wanted = spec.state or "running"
                return _finish(client, spec, info, wanted, deadline, offsets=spec.offsets is not None, most=most)
    keys = specs.differing(found.config, spec.config)
    if keys and not spec.adopt:
        shown = ", ".join(keys[:10]) + (", ..." if len(keys) > 10 else "")
        raise Failure(
            f"connector {spec.name} exists already with another configuration (differing keys: {shown}): set adopt=True "
            "to take it over, or give this one another name"
        )
    return _bring(client, spec, found, deadline, offsets=spec.offsets is not None)


def update(client: Client, old: ConnectorSpec, spec: ConnectorSpec) -> Observed:
    """Bring an existing connector from one declaration to the next; one that is gone is created.

    Raises:
        Failure, ConnectError: with what failed; the old configuration is back when the new one does not run.
    """
    deadline = time.monotonic() + spec.timeouts.update
    client = client.until(deadline)
    offsets = spec.offsets is not None and spec.offsets != old.offsets
    restart = spec.restart != old.restart
    changed = bool(specs.differing(old.config, spec.config))
    if changed and not (spec.wait or offsets or restart) and (done := _put_only(client, spec)) is not None:
        return done
    found = observe(client, spec.name)
    if found is None:
        return create(client, spec)
    found = replace(found, config=specs.unmasked(found.config, old.config))
    return _bring(client, spec, found, deadline, offsets=offsets, restart=restart)


def _put_only(client: Client, spec: ConnectorSpec) -> Observed | None:
    """A configuration changed that nobody waits for: one PUT; None where more must be done than that."""
    if _older(client, _RESTARTS_TASKS_ITSELF):
        return None
    seen = Observed({}, status_of(client, spec.name), "")
    if seen.status is None or spec.state not in (None, seen.target):
        return None
    info = _put(client, spec.name, spec.config)
    return replace(seen, config=info.config, type=info.type)


def delete(client: Client, spec: ConnectorSpec) -> None:
    """Delete the connector, and its offsets when they shall be forgotten; returns when it is gone.

    Raises:
        Failure, ConnectError: when it is still there.
    """
    deadline = time.monotonic() + spec.timeouts.delete
    client = client.until(deadline)
    if spec.forget:
        nothing = ConnectorSpec(spec.name, {}, offsets=())
        _require_stop(client, nothing)
        with contextlib.suppress(NotFound):
            client.stop(spec.name)
            _set_offsets(client, nothing, deadline)
    _delete(client, spec.name, deadline)


def _delete(client: Client, name: str, deadline: float | None = None) -> None:
    with contextlib.suppress(NotFound):
        client.delete(name)
    started = time.monotonic()
    left = UNDO_SECONDS if deadline is None else max(deadline - started, 0.0)

    def look() -> Verdict:
        status = status_of(client, name)
        if status is None:
            return Verdict(Health.HEALTHY)
        return Verdict(Health.WAITING, f"it was deleted, but is still {status.connector.state.lower()} on the cluster")

    wait_for(name, look, left)


def _delete_again(client: Client, name: str) -> str:
    _delete(client, name)
    return f"connector {name} was deleted again"


def _put_back(client: Client, name: str, former: Observed) -> str:
    """Give a connector the configuration and state that it had."""
    now, changed = observe(client, name), None
    if now is None or specs.differing(now.config, former.config):
        changed = None if now is None else _tasks_before(now, former.config)
        _put(client, name, specs.own(former.config))
    # Whatever its status shows: that may be from before a stop that is under way.
    _set_state(client, name, former.target)
    healthy(client, name, former.target, time.monotonic() + UNDO_SECONDS, mend=_mending(client, name), changed=changed)
    return f"connector {name} has its old configuration back"


def _bring(
    client: Client, spec: ConnectorSpec, found: Observed, deadline: float, *, offsets: bool = False, restart: bool = False
) -> Observed:
    """Change configuration, state and offsets of a connector that exists, in the order that never runs the wrong thing."""
    name, wanted = spec.name, spec.state or found.target
    changed = bool(specs.differing(found.config, spec.config))
    if wanted == "stopped" or offsets:
        _require_stop(client, spec)

    was_healthy = found.status is None or judge(found.status, found.target).health is not Health.FAILED
    with _undone(client, spec, partial(_put_back, name=name, former=found) if changed and was_healthy else None):
        needed = changed and (spec.wait or _older(client, _RESTARTS_TASKS_ITSELF))
        tasks = _tasks_before(found, spec.config) if needed else None
        if offsets or (changed and wanted == "running" and found.target == "paused" and _since(client, _STOPS)):
            # Resuming a paused connector first runs its old tasks; a stopped one has none.
            client.stop(name)
        elif wanted not in ("running", found.target):
            _set_state(client, name, wanted)
        info = _put(client, name, spec.config) if changed else found
        return _finish(
            client,
            spec,
            info,
            wanted,
            deadline,
            offsets=offsets,
            changed=tasks,
            resume=found.target != wanted,
            restart=restart,
            heal=True,
        )


def _finish(
    client: Client,
    spec: ConnectorSpec,
    info: ConnectorInfo | Observed,
    wanted: str,
    deadline: float,
    *,
    offsets: bool = False,
    changed: TasksBefore | None = None,
    resume: bool = False,
    restart: bool = False,
    heal: bool = False,
    most: int | None = None,
) -> Observed:
    """The common end of create and update: offsets, state, restart, wait.

    Args:
        info: what the worker last said about the connector's configuration.
        heal: restart what failed, once.
        most: as for `healthy`.
    """
    name = spec.name
    status: ConnectorStatus | None = None
    if offsets:
        _set_offsets(client, spec, deadline)
    if (offsets and wanted != "stopped") or (resume and wanted == "running"):
        _set_state(client, name, wanted)
    if restart and wanted == "running":
        _restart(client, name, only_failed=False)
        changed = changed or TasksBefore([])
    if spec.wait:
        mend = _mending(client, name) if heal else None
        status = healthy(client, name, wanted, deadline, mend=mend, changed=changed, most=most)
    if wanted == "running" and changed and changed.configs and _needs_restart(client, name, changed.configs):
        _restart(client, name, only_failed=False)
        if spec.wait:
            status = healthy(client, name, wanted, deadline, changed=changed)
    return Observed(info.config, status or status_of(client, name), info.type)


def _needs_restart(client: Client, name: str, before: Sequence[Mapping[str, str]]) -> bool:
    """Whether workers that restart tasks only for changed task configurations must be told to do it."""
    return _older(client, _RESTARTS_TASKS_ITSELF) and [task.config for task in client.tasks(name)] == before


def _older(client: Client, than: Version) -> bool:
    version = client.version()
    return version is not None and version < than


def _since(client: Client, first: Version) -> bool:
    version = client.version()
    return version is not None and version >= first


def _most_tasks(client: Client, spec: ConnectorSpec) -> int | None:
    """How many tasks a connector can have, where workers see to it (3.8)."""
    most = spec.config.get("tasks.max", "1")
    held = spec.config.get("tasks.max.enforce", "true") == "true" and _since(client, _HOLDS_TASKS_MAX)
    return int(most) if most.isdecimal() and held else None


@contextlib.contextmanager
def _undone(client: Client, spec: ConnectorSpec, undo: Callable[[Client], str] | None) -> Iterator[None]:
    """Undo what a failed block did (unless the user wants to look at it), and say so in the error.

    While no worker can be reached nothing can be undone: the next run finds what is there and goes on.
    """
    try:
        yield
    except (Failure, ConnectError) as problem:
        if undo is None or not spec.rollback or isinstance(problem, Unreachable):
            raise
        try:
            done = undo(client.until(time.monotonic() + UNDO_SECONDS))
        except (Failure, ConnectError) as second:
            raise Failure(f"{problem}; undoing it failed too: {second}") from problem
        raise Failure(f"{problem}; {done}") from problem
