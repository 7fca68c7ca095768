"""Connections on which one exchange ends at one moment, however slowly its bytes come.

The time-outs of sockets are for each piece: an answer that drips byte by byte would never end. Here every piece gets
what is left of the time of the whole, for plain HTTP, TLS and proxies alike.
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
"""Seconds: sockets refuse much more."""

_PIECE = 2**14
"""Bytes sent at a time: those of one TLS record."""


class Exchange(threading.local):
    """What this thread is at: one request and its answer.

    Attributes:
        until: `time.monotonic()` at which it must have ended.
        connecting: a connection is being made, by way of a proxy perhaps.
        sent: the worker may have seen the request.
    """

    until: float = math.inf
    connecting: bool = False
    sent: bool = False


_current = Exchange()


@contextmanager
def exchange(seconds: float) -> Iterator[Exchange]:
    """Everything this thread does on connections in here ends with a `TimeoutError` after so many seconds."""
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
    """Reads from a socket until a moment that the time-out set on it at first decides, or the end of the exchange."""

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
    """A connection whose every step ends with the exchange, and which notes when the request is sent."""

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
"""For `pool_classes_by_scheme` of a pool manager of urllib3."""
