"""Clients whose pauses take no time."""

from __future__ import annotations

from typing import Any

from pulumi_kafka_connectors.connect import Client, Retry, Settings, Transport
from tests.support.clock import FakeClock

RETRY = Retry(seconds=3, first=0.1, longest=0.4)


def asking(*urls: str, clock: FakeClock | None = None, longest_body: int = 10**6, **settings: Any) -> Client:
    """A client of these workers on a fake clock; retries of `RETRY` and time-outs of two seconds unless told otherwise."""
    made = Settings(urls=urls, **{"timeout": 2.0, "connect": 2.0, "retry": RETRY, **settings})
    return Client(made, transport=Transport(made, clock or FakeClock(), longest_body=longest_body))
