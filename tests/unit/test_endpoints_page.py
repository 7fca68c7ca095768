from __future__ import annotations

import inspect

from pulumi_kafka_connectors.connect import Client
from tests.support.endpoints import ENDPOINTS, PAGE, page

NOT_ENDPOINTS = {"until", "with_retry", "close", "version", "features"}


def test_the_page_of_endpoints_is_the_table_that_the_live_tests_run() -> None:
    assert PAGE.read_text() == page(), "run python -m tests.support.endpoints"


def test_every_method_of_the_client_is_in_the_table() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert {row.method for row in ENDPOINTS} == methods - NOT_ENDPOINTS
