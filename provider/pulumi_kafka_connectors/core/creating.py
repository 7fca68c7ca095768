"""Create a connector reliably, even if responses are lost."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final

from pulumi_kafka_connectors.connect import (
    AlreadyExists,
    Client,
    ConnectError,
    NotFound,
    OutcomeUnknown,
    Unreachable,
    WorkerFailed,
)
from pulumi_kafka_connectors.connect.models import ConnectorInfo
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.clock import Cancelled, Clock
from pulumi_kafka_connectors.core.diff import live_differences
from pulumi_kafka_connectors.core.operation import Failure
from pulumi_kafka_connectors.core.polling import LONGEST_POLL
from pulumi_kafka_connectors.core.spec import ConnectorSpec, own_config
from pulumi_kafka_connectors.core.tolerance import INCONCLUSIVE, Tolerance

log = logging.getLogger(__name__)

LOOK_AFTER_LOSS: Final = 5.0
LOOK_AFTER_TIMEOUT: Final = 20.0
"""Seconds to look for a connector after a POST without a response, before sending it again; longer when the worker itself
timed out, since what it waited for is still in progress."""
LOOK_AFTER_ANSWER: Final = 1.0
"""Seconds to look for a connector that may exist in spite of an error: a worker that forwards a request to the leader
learns of the connector only after the leader has answered."""


@dataclass
class Creation:
    """Creates one connector.

    Attributes:
        client: a client with the deadline of the operation.
        clock: the clock of the deadline.
        deadline: time on that clock.
        spec: the connector to create.
        uncertain: whether a POST with unknown outcome was sent: a connector that appears may be ours.
    """

    client: Client
    clock: Clock
    deadline: float
    spec: ConnectorSpec
    uncertain: bool = field(default=False, init=False)

    def post(self, state: State) -> ConnectorInfo:
        """POST the connector; after a lost response, check whether it exists before sending the request again.

        Args:
            state: the initial state; anything but RUNNING needs Kafka 3.7.

        Raises:
            AlreadyExists: another client created a connector of that name.
            Unsupported: the workers cannot create it in that state; nothing was created.
            ConnectError: it was not created.
        """
        initial = None if state is State.RUNNING else state
        while True:
            try:
                return self.client.create(self.spec.name, self.spec.config, initial)
            except OutcomeUnknown as problem:
                found = self._wait_for_it(LOOK_AFTER_TIMEOUT if problem.still_running else LOOK_AFTER_LOSS, problem)
                if found is not None:
                    return found
                if self.clock.now() > self.deadline:
                    raise
                self.uncertain = True
                log.info("%s: no response to its creation, and it does not exist: retrying", self.spec.name)
            except AlreadyExists as problem:
                found = self._wait_for_it(LOOK_AFTER_ANSWER, problem) if self.uncertain else None
                if found is None:
                    raise
                return found
            except WorkerFailed as problem:
                found = self._wait_for_it(LOOK_AFTER_ANSWER, problem)
                if found is None:
                    raise
                return found

    def _wait_for_it(self, seconds: float, cause: ConnectError) -> ConnectorInfo | None:
        """Wait up to `seconds` for the connector; None if it does not exist or has another configuration.

        Args:
            seconds: how long a worker may take to learn of it.
            cause: the response to the POST that leaves it open whether the connector was created.

        Raises:
            Failure: nobody can see whether it was created.
        """
        until = self.clock.now() + seconds
        tolerance = Tolerance(self.clock, self.deadline)
        while True:
            try:
                found = self.client.connector(self.spec.name)
            except NotFound:
                tolerance.end()
                if self.clock.now() >= until:
                    return None
            except (*INCONCLUSIVE, Unreachable) as problem:
                # Odd answers (403, a page of a gateway) are no reason to forget what may have been created.
                late = self.clock.now() >= self.deadline or isinstance(problem, Unreachable)
                if late or not tolerance.covers_one_more():
                    raise self._unseen(cause, problem) from None
            else:
                return None if live_differences(own_config(found.config), self.spec.config) else found
            try:
                self.clock.sleep(LONGEST_POLL)
            except Cancelled as problem:
                raise self._unseen(cause, problem) from None

    def _unseen(self, cause: ConnectError, problem: Exception) -> Failure:
        text = "may have been created: it was left as it is, since nobody can see whether it was"
        return Failure(f"{cause}; connector {self.spec.name} {text}: {problem}")
