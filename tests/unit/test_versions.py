from __future__ import annotations

import pytest

from pulumi_kafka_connectors.connect.client import path_of
from pulumi_kafka_connectors.connect.versions import Version, kafka_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("4.3.0", (4, 3, 0)),
        ("2.8.2", (2, 8, 2)),
        ("3.9", (3, 9, 0)),
        ("4.1.0-SNAPSHOT", (4, 1, 0)),
        ("5.3.1-ccs", (2, 3, 1)),
        ("6.2.0-ccs", (2, 8, 0)),
        ("7.5.0-ce", (3, 5, 0)),
        ("7.9.3-ccs", (3, 9, 3)),
        ("8.0.1-ccs", (4, 0, 1)),
        ("99.0.0-ccs", None),
        ("", None),
        ("latest", None),
    ],
)
def test_versions_of_kafka_and_of_confluent_platform(text: str, version: Version | None) -> None:
    assert kafka_version(text) == version


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("what?", "what%3F"),
        ("a#b&c=d+e", "a%23b%26c%3Dd%2Be"),
        ("a->b", "a-%3Eb"),
        ("50%", "50%25"),
        ("\"quoted'", "%22quoted%27"),
        ("grün🙂", "gr%C3%BCn%F0%9F%99%82"),
        ("plain-name_1.x~", "plain-name_1.x~"),
    ],
)
def test_every_part_of_a_path_is_escaped_whole(name: str, part: str) -> None:
    assert path_of("connectors", name, "config") == f"/connectors/{part}/config"


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_names_that_clients_take_for_directories_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        path_of("connectors", name)
