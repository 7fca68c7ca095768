"""Connections with a deadline for a whole exchange, however slowly the bytes arrive.

Socket timeouts apply to each read: a response that trickles in byte by byte would never time out. Here every read and
write gets only the time left for the whole exchange, for plain HTTP, TLS and proxies alike.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from pulumi_kafka_connectors.connect.clock import SYSTEM

LONGEST_TIMEOUT = 1e8
"""Seconds; sockets reject values much larger than this."""

_PIECE = 2**14
"""Bytes sent at a time: the size of one TLS record."""


class Exchange(threading.local):
    """The exchange in progress on this thread: one request and its response.

    Attributes:
        until: `time.monotonic()` by which it must have ended.
        connecting: a connection is being established, possibly through a proxy.
        sent: the worker may have received the request.
    """

    until: float = math.inf
    connecting: bool = False
    sent: bool = False


_current = Exchange()


@contextmanager
def exchange(seconds: float) -> Iterator[Exchange]:
    """Raise `TimeoutError` from any connection that this thread uses in this block after `seconds`."""
    _current.until, _current.connecting, _current.sent = SYSTEM.now() + seconds, False, False
    try:
        yield _current
    finally:
        _current.until = math.inf


def _left(until: float) -> float:
    left = until - SYSTEM.now()
    if left <= 0:
        raise TimeoutError("timed out")
    return min(left, LONGEST_TIMEOUT)


class _Reader(io.RawIOBase):
    """Reads from a socket until its initial timeout or the end of the exchange, whichever comes first."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._until = min(_current.until, SYSTEM.now() + (sock.gettimeout() or LONGEST_TIMEOUT))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._sock.settimeout(_left(self._until))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock))


class _Ending(HTTPConnection):
    """A connection on which every step respects the deadline of the exchange, and which records when the request is sent."""

    response_class = _Response

    def connect(self) -> None:
        whole = _current.until
        _current.until = min(whole, SYSTEM.now() + (self.timeout or LONGEST_TIMEOUT))
        _current.connecting = True
        try:
            super().connect()
        finally:
            _current.until, _current.connecting = whole, False

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        sock.settimeout(_left(_current.until))
        return sock

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if not _current.connecting:
            _current.sent = True
        for start in range(0, len(data), _PIECE):
            self.sock.settimeout(_left(_current.until))
            super().send(data[start : start + _PIECE])


class _EndingTls(_Ending, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Ending


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _EndingTls


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _TlsPool}
"""For `pool_classes_by_scheme` of a urllib3 pool manager."""
