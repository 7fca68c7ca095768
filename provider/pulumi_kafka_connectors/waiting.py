"""Waiting until a connector is what it shall be, seen through its status."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pulumi_kafka_connectors.connect import Client
from pulumi_kafka_connectors.connect.models import ConnectorStatus
from pulumi_kafka_connectors.failure import Failure
from pulumi_kafka_connectors.health import Health, Verdict, judge
from pulumi_kafka_connectors.listing import listing_of

log = logging.getLogger(__name__)

FIRST_POLL, LONGEST_POLL = 0.1, 1.0
SETTLE_CHANGED, SETTLE_SAME, SETTLE_SHOWN = 0.5, 2.0, 15.0
"""Seconds without a failure after which a changed configuration counts as running, since a status cannot tell: from
when the tasks are known to have got new configurations (a worker stops the old tasks within 0.3 s of that), or later
when they are seen to start; from the change where it need not show in theirs; and from the change where it should, but
does not."""
EMPTY_GRACE = 5.0
"""Seconds after which a running connector without tasks counts as one that wants none."""
_LOG_AFTER = 2.0


def wait_for(name: str, look: Callable[[], Verdict], timeout: float, *, mend: Callable[[], None] | None = None) -> Verdict:
    """Look at once, then every 0.1 s growing to 1 s, until the verdict is neither waiting nor empty, or time is up.

    A failure must be seen twice in a row: the first may be of an older generation. With `mend`, that is done about the
    first such failure, and the wait goes on: what failed before must then run for half a second.

    Raises:
        Failure: naming what is not ready after `timeout` seconds.
    """
    started = last_said = time.monotonic()
    pause, empty_since, failures = FIRST_POLL, None, 0
    healthy_since: float | None = None
    settle = 0.0
    while True:
        verdict = look()
        now = time.monotonic()
        failures = failures + 1 if verdict.health is Health.FAILED else 0
        empty_since = (empty_since or now) if verdict.health is Health.EMPTY else None
        healthy_since = (healthy_since or now) if verdict.health is Health.HEALTHY else None
        if healthy_since is not None and (now - healthy_since >= settle or now + pause > started + timeout):
            return verdict
        if failures > 1:
            if mend is None:
                return verdict
            mend()
            mend, failures, pause, settle = None, 0, FIRST_POLL, SETTLE_CHANGED
        if empty_since is not None and now - empty_since >= EMPTY_GRACE:
            log.warning("%s: %s: it may have nothing to do yet", name, verdict.reason)
            return verdict
        if now + pause > started + timeout:
            raise Failure(f"connector {name} is not ready after {timeout:.0f} s: {verdict.reason}")
        if verdict.reason and now - started > _LOG_AFTER and now - last_said > _LOG_AFTER:
            log.info("%s: %s", name, verdict.reason)
            last_said = now
        time.sleep(pause if verdict.again is None else verdict.again)
        pause = min(pause * 1.25, LONGEST_POLL)


@dataclass(frozen=True)
class TasksBefore:
    """The task configurations before a change (empty: any are new), and whether it must show in them."""

    configs: Sequence[Mapping[str, str]]
    shown: bool = False


class _Look:
    """One look after the other at a connector on its way to the wanted state."""

    def __init__(self, client: Client, name: str, wanted: str, changed: TasksBefore | None, most: int | None) -> None:
        self.status: ConnectorStatus | None = None
        self.listing = listing_of(client.settings, info=False)
        self._client, self._name, self._wanted, self._changed, self._most = client, name, wanted, changed, most
        self._started = time.monotonic()
        # A connector without running tasks is itself started again by a change; nothing else of that shows.
        self._changed_at = None if wanted == "running" else self._started
        self._expected: int | None = None

    def __call__(self) -> Verdict:
        now = time.monotonic()
        self.status = self.listing.status(self._client, self._name)
        verdict = judge(self.status, self._wanted, self._expected)
        there = verdict.health in (Health.HEALTHY, Health.EMPTY)
        if self._changed is None:
            return self._with_all_tasks(verdict) if there and self._wanted == "running" else verdict
        if self._changed_at is None:
            return self._until_changed(self._changed, verdict, now, there=there)
        if not there:
            # What was old has been stopped: the new counts from when it is there.
            self._changed_at = now
            return verdict
        return verdict if now - self._changed_at >= SETTLE_CHANGED else self._not_yet()

    def _with_all_tasks(self, verdict: Verdict) -> Verdict:
        if self.status is not None and len(self.status.tasks) == self._most:
            return verdict
        return judge(self.status, self._wanted, len(self._client.tasks(self._name)))

    def _until_changed(self, changed: TasksBefore, verdict: Verdict, now: float, *, there: bool) -> Verdict:
        # Old tasks that failed stay so until they get the new configuration.
        old = changed.shown and _only_tasks_failed(self.status)
        if not there and not old:
            return verdict
        tasks = self._client.tasks(self._name)
        verdict = judge(self.status, self._wanted, len(tasks))
        if verdict.health is not Health.HEALTHY and not old:
            return verdict
        if [task.config for task in tasks] != changed.configs:
            self._changed_at, self._expected = time.monotonic(), len(tasks)
        elif now - self._started >= (SETTLE_SHOWN if changed.shown else SETTLE_SAME):
            return verdict
        return self._not_yet()

    def _not_yet(self) -> Verdict:
        again = None
        if self._changed_at is not None:
            again = min(max(self._changed_at + SETTLE_CHANGED - time.monotonic(), 0.0), FIRST_POLL)
        return Verdict(Health.WAITING, "it may still start with the new configuration", again)


def _only_tasks_failed(status: ConnectorStatus | None) -> bool:
    return status is not None and status.connector.state == "RUNNING" and any(t.state == "FAILED" for t in status.tasks)


def healthy(
    client: Client,
    name: str,
    wanted: str,
    deadline: float,
    *,
    mend: Callable[[], None] | None = None,
    changed: TasksBefore | None = None,
    most: int | None = None,
) -> ConnectorStatus | None:
    """Wait until connector and tasks are in the wanted state.

    Args:
        client: whom to ask.
        name: of the connector.
        wanted: running, paused or stopped.
        deadline: until when, as `time.monotonic()`.
        mend: what to do, once, about something that failed.
        changed: what there was before a change; None when nothing changed.
        most: tasks that it can have at most, where no status can be of an older connector of that name.

    Returns:
        The last status seen.

    Raises:
        Failure: what failed, or is not ready in time.
    """
    look = _Look(client, name, wanted, changed, most)
    with look.listing.waiting():
        verdict = wait_for(name, look, max(deadline - time.monotonic(), 0.0), mend=mend)
    if verdict.health is Health.FAILED:
        raise Failure(f"connector {name}: {verdict.reason}")
    return look.status
