from __future__ import annotations

import inspect

from pulumi_kafka_connectors.connect import Settings
from pulumi_kafka_connectors.core.settings import ENVIRONMENT, NAMES
from pulumi_kafka_connectors.resources.provider import Provider
from tests.support.pages import DOCS

PAGE = (DOCS / "settings.md").read_text()


def test_every_setting_is_on_the_page_with_its_variable_and_default() -> None:
    rows = {row[0].strip("` "): row for line in PAGE.splitlines() if (row := line.strip("|").split("|"))[0].startswith(" `")}
    assert tuple(rows) == NAMES
    assert {name: row[1].strip("` ") for name, row in rows.items() if row[1].strip()} == ENVIRONMENT
    assert float(rows["timeout"][2].strip("` ")) == Settings.timeout
    assert float(rows["retry"][2].strip("` ")) == Settings.retry.seconds


def test_a_provider_takes_every_setting() -> None:
    around = ("self", "resource_name", "opts")
    assert tuple(name for name in inspect.signature(Provider.__init__).parameters if name not in around) == NAMES
