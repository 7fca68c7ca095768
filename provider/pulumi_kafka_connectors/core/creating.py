"""POST a connector so that there is one in the end, whatever becomes of the answers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final

from pulumi_kafka_connectors.connect import AlreadyExists, Client, NotFound, OutcomeUnknown, WorkerFailed
from pulumi_kafka_connectors.connect.models import ConnectorInfo
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.clock import Clock
from pulumi_kafka_connectors.core.diff import live_differences
from pulumi_kafka_connectors.core.polling import LONGEST_POLL
from pulumi_kafka_connectors.core.spec import ConnectorSpec, own_config

log = logging.getLogger(__name__)

LOOK_AFTER_LOSS: Final = 5.0
LOOK_AFTER_TIMEOUT: Final = 20.0
"""Seconds to look for a connector whose creation was not answered, before it is created again: longer when the worker
itself gave up waiting, since what it waited for is still under way."""
LOOK_AFTER_ANSWER: Final = 1.0
"""Seconds to look for a connector that an error may have created: a worker that forwards to the leader hears of it after
the leader has answered."""


@dataclass
class Creation:
    """Creates one connector.

    Attributes:
        client: with the deadline of the operation.
        clock: what time it is.
        deadline: on that clock.
        spec: what to create.
        uncertain: whether a POST was sent whose outcome is not known: a connector that shows up may be ours.
    """

    client: Client
    clock: Clock
    deadline: float
    spec: ConnectorSpec
    uncertain: bool = field(default=False, init=False)

    def post(self, state: State) -> ConnectorInfo:
        """POST, and after a lost answer look before doing it again.

        Args:
            state: in which it begins; anything but RUNNING needs Kafka 3.7.

        Raises:
            AlreadyExists: somebody else created a connector of that name.
            Unsupported: the workers cannot create it in that state; nothing was created.
            ConnectError: it was not created.
        """
        initial = None if state is State.RUNNING else state
        while True:
            try:
                return self.client.create(self.spec.name, self.spec.config, initial)
            except OutcomeUnknown as problem:
                found = self._wait_for_it(LOOK_AFTER_TIMEOUT if problem.still_running else LOOK_AFTER_LOSS)
                if found is not None:
                    return found
                if self.clock.now() > self.deadline:
                    raise
                self.uncertain = True
                log.info("%s: no answer to its creation, and it does not exist: trying again", self.spec.name)
            except AlreadyExists:
                found = self._wait_for_it(LOOK_AFTER_ANSWER) if self.uncertain else None
                if found is None:
                    raise
                return found
            except WorkerFailed:
                found = self._wait_for_it(LOOK_AFTER_ANSWER)
                if found is None:
                    raise
                return found

    def _wait_for_it(self, seconds: float) -> ConnectorInfo | None:
        """The connector if it exists with our configuration, looking for that long."""
        until = self.clock.now() + seconds
        while True:
            try:
                found = self.client.connector(self.spec.name)
            except NotFound:
                if self.clock.now() >= until:
                    return None
            else:
                return None if live_differences(own_config(found.config), self.spec.config) else found
            self.clock.sleep(LONGEST_POLL)
