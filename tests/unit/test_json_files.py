"""The JSON files of `export --format json`, and how `load` reads them."""

from __future__ import annotations

import json

import pytest

from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.exporting.json_files import json_files
from pulumi_kafka_connectors.files.folder import ConnectorFile, parse_file
from pulumi_kafka_connectors.files.placeholders import Placeholder, pieces

BASE = {"connector.class": "a.B"}


def read(*found: Found) -> dict[str, ConnectorFile]:
    parsed = [parse_file(name, text.encode()) for name, text in json_files(found).files.items()]
    return {one.name: one for one in parsed}


def test_a_file_is_the_body_of_a_post() -> None:
    files = json_files([Found("orders", {**BASE, "topics": "orders"})]).files
    assert json.loads(files["orders.json"]) == {"name": "orders", "config": {"connector.class": "a.B", "topics": "orders"}}


def test_every_text_survives() -> None:
    odd = '"quoted" \\ \n\t\u2028 \x7f grün🙂 {x} ${file:/a:b} ${config:x} $${config:y} $$'
    (one,) = read(Found('it\'s "x"', {**BASE, odd: "1", "odd": odd})).values()
    assert one.config.keys() == {"connector.class", odd, "odd"}
    assert pieces(one.config["odd"]) == [odd]


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_a_state_is_read_back(state: str) -> None:
    assert read(Found("a", BASE, state))["a"].state == state
    assert read(Found("a", BASE))["a"].state is None


def test_secrets_and_masks_are_placeholders() -> None:
    config = {**BASE, "db.password": "hunter2", "pin": "hunter2", "token": "****", "file.password": "${file:/a:b}"}
    made = json_files([Found("a b", config, passwords=frozenset({"pin"}))])
    text = "".join(made.files.values())
    assert "hunter2" not in text
    assert "****" not in "".join([text, *made.private.values()])
    found = read(Found("a b", config, passwords=frozenset({"pin"})))["a b"].config
    for key in ("db.password", "pin", "token"):
        assert pieces(found[key]) == [Placeholder(f"a-b.{key}")]
    assert found["file.password"] == "${file:/a:b}"
    assert "--secret a-b.pin=hunter2" in made.private["secrets.sh"]
    assert made.masked == ["a-b.token"]


def test_no_two_connectors_share_a_file() -> None:
    names = ["a b", "a:b", "a-b", "A-B", "B a", "B-A", "..x", "...", "ü", "é"]
    files = json_files([Found(name, BASE) for name in names]).files
    assert len({name.lower() for name in files}) == len(names)
    assert not [name for name in files if name.startswith(".")]
    assert sorted(read(*(Found(name, BASE) for name in names))) == sorted(names)


def test_what_cannot_be_declared_is_skipped_and_told() -> None:
    made = json_files([Found("a/b", BASE), Found("c", BASE)])
    assert list(made.files) == ["c.json"]
    assert made.skipped[0].startswith("connector a/b is skipped: name must not hold `/`")


def test_what_nobody_knows_to_be_a_password_is_told_with_its_file() -> None:
    (note,) = json_files([Found("a", BASE, passwords=None)]).notes
    assert "check a.json for secrets" in note


def test_what_failed_is_told() -> None:
    notes = json_files([Found("a", BASE, observed={"status": "failed"}), Found("b", BASE)]).notes
    assert [note.split(":")[0] for note in notes] == ["connector a has failed"]
