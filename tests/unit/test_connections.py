"""The time left for the next part of a response."""

from __future__ import annotations

import io
import socket
import threading
from typing import cast

import pytest

from pulumi_kafka_connectors.connect import connections
from pulumi_kafka_connectors.connect.clock import SYSTEM
from pulumi_kafka_connectors.connect.connections import exchange


class FakeSocket:
    """Records its timeouts."""

    def __init__(self, timeout: float | None) -> None:
        self.timeout = timeout

    def gettimeout(self) -> float | None:
        return self.timeout

    def settimeout(self, seconds: float) -> None:
        self.timeout = seconds


def timeout_of_a_read(whole: float, answer: float | None) -> float:
    """The timeout of a read in an exchange of `whole` seconds with a response timeout of `answer`."""
    sock = FakeSocket(answer)
    with exchange(whole):
        reader = connections._Reader(cast("io.RawIOBase", io.BytesIO(b"x")), cast("socket.socket", sock))
        assert reader.read(1) == b"x"
    assert sock.timeout is not None
    return sock.timeout


@pytest.mark.parametrize(("whole", "answer", "left"), [(1000, 500, 500), (500, 1000, 500), (500, None, 500)])
def test_a_read_gets_the_time_left_for_the_response_and_the_exchange(
    whole: float, answer: float | None, left: float
) -> None:
    assert left - 100 < timeout_of_a_read(whole, answer) <= left


def test_no_read_starts_after_the_end_of_the_exchange() -> None:
    with pytest.raises(TimeoutError):
        timeout_of_a_read(-1, 5)


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_time_left_is_a_timeout(seconds: float) -> None:
    with pytest.raises(TimeoutError):
        connections._left(SYSTEM.now() + seconds)


def test_a_long_time_left_is_capped_at_the_maximum_of_sockets() -> None:
    assert connections._left(SYSTEM.now() + 1e12) == connections.LONGEST_TIMEOUT


def test_an_exchange_starts_unsent_and_leaves_no_end_behind() -> None:
    with exchange(5) as current:
        assert (current.sent, current.connecting) == (False, False)
        assert current.until < SYSTEM.now() + 6
        current.sent = True
    with exchange(5) as current:
        assert not current.sent
    assert current.until == float("inf")


def test_an_exchange_is_that_of_one_thread() -> None:
    seen: list[float] = []
    with exchange(5) as current:
        thread = threading.Thread(target=lambda: seen.append(current.until))
        thread.start()
        thread.join()
    assert seen == [float("inf")]
