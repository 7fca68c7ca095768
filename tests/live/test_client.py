"""The client against real workers: names, errors, secrets in messages, followers."""

from __future__ import annotations

import contextlib

import pytest

from pulumi_kafka_connectors.connect import (
    AlreadyExists,
    Client,
    InvalidConfig,
    NoStatus,
    NotFound,
    NotStopped,
    PluginNotFound,
    State,
)
from pulumi_kafka_connectors.connect.models import OffsetsReply, PartitionOffset
from sandbox.cluster import Worker
from tests.support.clusters import client_of, exists, followers_first
from tests.support.endpoints import wait_for_task
from tests.support.names import Names, faulty
from tests.support.waiting import wait_until

SPECIAL = [
    "two  blanks",
    "what?",
    "a#b&c=d+e",
    "a->b<c>",
    "\"quoted' `text`",
    "grün🙂",
    "no\u00a0break\u200bjoin",
    "[a]|^!$(b)*,~:@",
]


def caught_up(client: Client, name: str, *, there: bool) -> None:
    """Wait until a follower has seen the leader's change."""
    wait_until(lambda: exists(client, name) == there)


@pytest.mark.parametrize("through", ["follower", "leader"])
@pytest.mark.parametrize("special", SPECIAL)
def test_a_name_with_special_characters_goes_through_a_full_cycle(
    trio: list[Worker], names: Names, special: str, through: str
) -> None:
    ordered = followers_first(trio)
    client = client_of(ordered[0] if through == "follower" else ordered[-1])
    name = names(special)
    assert client.create(name, faulty()).name == name
    wait_for_task(client, name)
    assert client.connector(name).config["name"] == name
    client.put_config(name, faulty(rate=2))
    wait_until(lambda: client.config(name)["rate"] == "2")
    assert [task.id.connector for task in client.tasks(name)] == [name]
    client.restart(name, include_tasks=True)
    client.restart_task(name, 0)
    client.pause(name)
    client.resume(name)
    client.stop(name)
    assert client.offsets(name) == []
    client.reset_offsets(name)
    client.delete(name)
    caught_up(client, name, there=False)


def test_missing_things_are_reported_as_such(trio: list[Worker], names: Names) -> None:
    client, name = client_of(*trio), names("absent")
    for call in (client.connector, client.config, client.tasks, client.delete, client.pause, client.restart, client.offsets):
        with pytest.raises(NotFound) as caught:
            call(name)
        assert not isinstance(caught.value, NoStatus)
    with pytest.raises(NoStatus):
        client.status(name)
    assert client.topics(name) == []


def test_a_name_that_is_taken_is_reported(trio: list[Worker], names: Names) -> None:
    client, name = client_of(*trio), names("taken")
    client.create(name, faulty())
    wait_for_task(client, name)
    with pytest.raises(AlreadyExists):
        client.create(name, faulty())
    client.delete(name)


def test_an_invalid_configuration_is_reported_with_its_problems(trio: list[Worker], names: Names) -> None:
    client = client_of(*trio)
    with pytest.raises(InvalidConfig, match="Invalid value x for configuration rate"):
        client.create(names("bad"), faulty(rate="x"))
    with pytest.raises(PluginNotFound) as caught:
        client.create(names("bad"), {"connector.class": "no.such.Connector"})
    assert str(caught.value).endswith("which name matches no.such.Connector")


def test_a_configuration_without_a_class_does_not_show_the_other_keys(trio: list[Worker], names: Names) -> None:
    with pytest.raises(InvalidConfig) as caught:
        client_of(*trio).create(names("bad"), {"password": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_offsets_of_a_running_connector_are_refused(trio: list[Worker], names: Names) -> None:
    client, name = client_of(*trio), names("runs")
    client.create(name, faulty())
    wait_for_task(client, name)
    with pytest.raises(NotStopped):
        client.alter_offsets(name, [PartitionOffset(partition={"number": "0"}, offset={"count": 1})])
    client.delete(name)


def test_offsets_are_altered_listed_and_reset(trio: list[Worker], names: Names) -> None:
    client, name = client_of(*trio), names("offsets")
    client.create(name, faulty(), State.STOPPED)
    entry = PartitionOffset(partition={"number": "0", "big": 2**53 + 1}, offset={"count": 2**62, "ratio": 0.5, "text": "1"})
    replies: list[OffsetsReply] = []

    def altered() -> bool:
        with contextlib.suppress(NotStopped, NotFound):
            replies.append(client.alter_offsets(name, [entry]))
        return bool(replies)

    wait_until(altered, f"{name} is not stopped")
    assert replies[0].manual
    wait_until(lambda: client.offsets(name) == [entry])
    client.alter_offsets(name, [PartitionOffset(partition=entry.partition, offset=None)])
    wait_until(lambda: client.offsets(name) == [])
    client.delete(name)


def test_a_connector_with_offsets_in_connect_needs_no_manual_change(trio: list[Worker], names: Names) -> None:
    client, name = client_of(*trio), names("own")
    client.create(name, faulty(offsets="own"), State.STOPPED)
    replies: list[OffsetsReply] = []

    def reset() -> bool:
        with contextlib.suppress(NotStopped, NotFound):
            replies.append(client.reset_offsets(name))
        return bool(replies)

    wait_until(reset, f"{name} is not stopped")
    assert not replies[0].manual
    client.delete(name)


def test_every_read_waits_until_a_rebalance_is_over(trio: list[Worker], names: Names) -> None:
    client: Client = client_of(*trio)
    made = [names("burst") for _ in range(8)]
    for name in made:
        client.create(name, faulty())
        caught_up(client, name, there=True)
        assert client.config(name)["rate"] == "1"
        assert client.connector(name).name == name
    for name in made:
        client.delete(name)
        caught_up(client, name, there=False)
        with pytest.raises(NotFound):
            client.connector(name)
