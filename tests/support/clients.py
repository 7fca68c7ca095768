"""Clients on a fake clock, whose retries take no time."""

from __future__ import annotations

from typing import Any

from pulumi_kafka_connectors.connect import Client, Retry, Settings, Transport
from tests.support.clock import FakeClock

RETRY = Retry(seconds=3, first=0.1, longest=0.4)


def client_for(*urls: str, clock: FakeClock | None = None, longest_body: int = 10**6, **overrides: Any) -> Client:
    """A client for these workers; by default with the retries of `RETRY` and timeouts of two seconds."""
    settings = Settings(urls=urls, **{"timeout": 2.0, "connect": 2.0, "retry": RETRY, **overrides})
    return Client(settings, transport=Transport(settings, clock or FakeClock(), longest_body=longest_body))
