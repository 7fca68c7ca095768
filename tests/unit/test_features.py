from __future__ import annotations

import pytest

from pulumi_kafka_connectors.connect import Features, Unsendable, Version, kafka_version
from pulumi_kafka_connectors.connect.client import path_of
from pulumi_kafka_connectors.connect.features import Since


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
        ("7.1.2-cp", (3, 1, 2)),
        ("8.0.1-ccs", (4, 0, 1)),
        ("99.0.0-ccs", None),
        ("", None),
        ("latest", None),
        ("9" * 5000 + ".1", None),
    ],
)
def test_versions_of_kafka_and_of_confluent_platform(text: str, version: Version | None) -> None:
    assert kafka_version(text) == version


FIRST: list[tuple[str, Version, Version]] = [
    ("expanded", (2, 3, 0), (2, 2, 9)),
    ("loggers", (2, 4, 0), (2, 3, 9)),
    ("topics", (2, 5, 0), (2, 4, 9)),
    ("tasks_config", (2, 8, 0), (2, 7, 9)),
    ("restart_with_tasks", (3, 0, 0), (2, 8, 9)),
    ("plugin_definitions", (3, 2, 0), (3, 1, 9)),
    ("all_plugins", (3, 2, 0), (3, 1, 9)),
    ("stop", (3, 5, 0), (3, 4, 9)),
    ("offsets", (3, 5, 0), (3, 4, 9)),
    ("alter_offsets", (3, 6, 0), (3, 5, 9)),
    ("initial_state", (3, 7, 0), (3, 6, 9)),
    ("cluster_loggers", (3, 7, 0), (3, 6, 9)),
    ("restarts_tasks", (3, 7, 1), (3, 7, 0)),
    ("patch_config", (3, 8, 0), (3, 7, 9)),
    ("enforces_tasks_max", (3, 8, 0), (3, 7, 9)),
    ("health", (3, 9, 0), (3, 8, 9)),
    ("plugin_versions", (4, 1, 0), (4, 0, 9)),
]


@pytest.mark.parametrize(("name", "first", "before"), FIRST)
def test_a_feature_is_there_from_its_first_version_on(name: str, first: Version, before: Version) -> None:
    assert getattr(Features(first), name) is True
    assert getattr(Features(before), name) is False
    assert getattr(Features(None), name) is None


def test_the_table_above_has_every_feature() -> None:
    assert {name for name, *_ in FIRST} == {name for name, value in vars(Features).items() if isinstance(value, Since)}


def test_a_removed_feature_is_missing_from_that_version_on() -> None:
    assert Features((3, 9, 9)).tasks_config is True
    assert Features((4, 0, 0)).tasks_config is False


def test_other_features_stay_in_later_versions() -> None:
    assert all(getattr(Features((9, 0, 0)), name) for name, *_ in FIRST if name != "tasks_config")


@pytest.mark.parametrize(("version", "text"), [((2, 8, 2), "2.8.2"), ((3, 9, 0), "3.9.0"), (None, "unknown version")])
def test_a_version_has_a_text(version: Version | None, text: str) -> None:
    assert Features(version).text == text


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


def test_numbers_are_parts_of_paths() -> None:
    assert path_of("connectors", "a", "tasks", 0, "status") == "/connectors/a/tasks/0/status"


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800"])
def test_names_that_clients_resolve_or_cannot_send_are_rejected(name: str) -> None:
    with pytest.raises(Unsendable, match=r"must not be empty|an unpaired surrogate"):
        path_of("connectors", name)
