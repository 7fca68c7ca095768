"""Create, update and delete on real workers of every version: what exists afterwards, and what is undone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import Client, InvalidConfig
from pulumi_kafka_connectors.converge import create, delete, read, update
from pulumi_kafka_connectors.failure import Failure
from pulumi_kafka_connectors.listing import SHARE_SECONDS
from pulumi_kafka_connectors.spec import ConnectorSpec, spec_of
from sandbox.cluster import Worker
from tests.conftest import client_of, exists
from tests.support.names import Names, faulty
from tests.support.waiting import wait_until


def spec(name: str, config: dict[str, str] | None = None, **inputs: Any) -> ConnectorSpec:
    return spec_of({"name": name, "config": config or faulty(), **inputs})


def states(client: Client, name: str) -> tuple[str, list[str]]:
    status = client.status(name)
    return status.connector.state, [task.state for task in status.tasks]


@contextmanager
def counted(client: Client) -> Iterator[list[str]]:
    """Method and path of every request of all clients with the same settings."""
    requests: list[str] = []
    transport = client._transport
    send = transport.send

    def counting(method: str, path: str, **given: Any) -> Any:
        requests.append(f"{method} {path}")
        return send(method, path, **given)

    transport.send = counting  # type: ignore[method-assign]
    try:
        yield requests
    finally:
        transport.send = send  # type: ignore[method-assign]


@pytest.fixture(params=["kafka_2", "kafka_3", "trio"])
def any_client(request: pytest.FixtureRequest) -> Client:
    made: Any = request.getfixturevalue(request.param)
    return client_of(*(made if isinstance(made, list) else [made]))


@pytest.fixture(params=["kafka_3", "trio"])
def newer_client(request: pytest.FixtureRequest) -> Client:
    made: Any = request.getfixturevalue(request.param)
    return client_of(*(made if isinstance(made, list) else [made]))


@pytest.fixture
def client(trio: list[Worker]) -> Client:
    return client_of(*trio)


# Create


def test_a_created_connector_runs_with_all_its_tasks(any_client: Client, names: Names) -> None:
    name = names("runs")
    found = create(any_client, spec(name, faulty(task_ms=300, tasks_max=3)))
    assert (found.state, found.type, len(found.status.tasks if found.status else [])) == ("running", "source", 3)
    assert states(any_client, name) == ("RUNNING", ["RUNNING"] * 3)
    delete(any_client, spec(name))
    assert not exists(any_client, name)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("start", "the connector failed on"),
        ("task", "task 0 failed on"),
    ],
)
def test_a_create_that_fails_leaves_nothing_and_tells_the_cause(
    any_client: Client, names: Names, place: str, words: str
) -> None:
    name = names("fails")
    with pytest.raises(Failure) as caught:
        create(any_client, spec(name, faulty(fail_at=place)))
    told = str(caught.value)
    assert told.startswith(f"connector {name}: {words} 127.0.0.1:")
    assert "told to fail" in told
    assert told.endswith(f"; connector {name} was deleted again")
    assert not exists(any_client, name)


def test_without_rollback_a_failed_create_stays_to_be_looked_at_and_the_next_run_goes_on(
    client: Client, names: Names
) -> None:
    name = names("fails")
    with pytest.raises(Failure):
        create(client, spec(name, faulty(fail_at="task"), rollback=False))
    assert exists(client, name)
    with pytest.raises(Failure) as caught:
        create(client, spec(name, faulty(fail_at="task")))
    assert "deleted" not in str(caught.value), "only what the call itself created may be deleted"
    assert exists(client, name)
    delete(client, spec(name))


def test_without_wait_create_returns_at_once(client: Client, names: Names) -> None:
    name = names("slow")
    started = time.monotonic()
    create(client, spec(name, faulty(task_ms=4000), wait=False))
    assert time.monotonic() - started < 3
    delete(client, spec(name))


def test_a_wait_that_takes_too_long_says_what_is_not_ready(client: Client, names: Names) -> None:
    name = names("slow")
    with pytest.raises(Failure) as caught:
        create(client, spec(name, faulty(task_ms=6000), timeouts={"create": 1.5}))
    assert f"connector {name} is not ready after" in str(caught.value)
    assert not exists(client, name)


def test_the_same_configuration_is_taken_over_as_it_is(client: Client, names: Names) -> None:
    name = names("same")
    client.create(name, faulty())
    wait_until(lambda: name in client.connectors())
    found = create(client, spec(name, {**faulty(), "tasks.max": "1"}))
    assert found.state == "running"
    delete(client, spec(name))


def test_another_configuration_is_taken_over_only_when_told(client: Client, names: Names) -> None:
    name = names("other")
    create(client, spec(name, faulty(rate=5, topic="old")))
    with pytest.raises(Failure) as caught:
        create(client, spec(name, faulty(rate=6)))
    assert str(caught.value) == (
        f"connector {name} exists already with another configuration (differing keys: rate, topic): set adopt=True to take it "
        "over, or give this one another name"
    )
    assert client.config(name)["rate"] == "5"
    create(client, spec(name, faulty(rate=6), adopt=True))
    assert client.config(name) == {**faulty(rate=6), "name": name}
    delete(client, spec(name))


def test_an_adopted_connector_gets_back_what_it_had(client: Client, names: Names) -> None:
    name = names("adopted")
    create(client, spec(name, faulty(rate=5), state="paused"))
    with pytest.raises(Failure) as caught:
        create(client, spec(name, faulty(rate=6, fail_at="task"), adopt=True, state="running"))
    assert str(caught.value).endswith(f"; connector {name} has its old configuration back")
    assert client.config(name) == {**faulty(rate=5), "name": name}
    assert states(client, name)[0] == "PAUSED"
    delete(client, spec(name))


def test_a_configuration_the_worker_refuses_creates_nothing(any_client: Client, names: Names) -> None:
    name = names("bad")
    with pytest.raises(InvalidConfig):
        create(any_client, spec(name, faulty(rate="x")))
    assert not exists(any_client, name)


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_created_paused_or_stopped_nothing_runs_even_for_a_moment(newer_client: Client, names: Names, state: str) -> None:
    name = names(state)
    # A task that ran only once would have failed.
    create(newer_client, spec(name, faulty(fail_at="task"), state=state))
    assert states(newer_client, name) == (state.upper(), [])
    delete(newer_client, spec(name))


def test_old_workers_pause_after_a_create_and_refuse_stopped(kafka_2: Worker, names: Names) -> None:
    client, name = client_of(kafka_2), names("paused")
    create(client, spec(name, state="paused"))
    assert states(client, name)[0] == "PAUSED"
    delete(client, spec(name))
    with pytest.raises(Failure, match=r"state stopped needs Kafka Connect 3\.5 or newer, this is 2\.8\.2"):
        create(client, spec(name, state="stopped"))
    with pytest.raises(Failure, match=r"offsets needs Kafka Connect 3\.6 or newer, this is 2\.8\.2"):
        create(client, spec(name, offsets=[]))
    assert not exists(client, name)


def test_a_connector_without_tasks_is_healthy_after_a_grace(client: Client, names: Names) -> None:
    name = names("empty")
    found = create(client, spec(name, faulty(task_count=0)))
    assert (found.state, found.status.tasks if found.status else None) == ("running", [])
    delete(client, spec(name))


def test_six_creates_of_one_name_at_once_end_in_one_connector(client: Client, names: Names) -> None:
    name = names("race")
    problems: list[Exception] = []

    def work() -> None:
        try:
            create(client, spec(name))
        except Exception as problem:  # noqa: BLE001
            problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert states(client, name) == ("RUNNING", ["RUNNING"])
    delete(client, spec(name))


# Update


def test_a_changed_key_is_put_and_the_tasks_run_with_it(any_client: Client, names: Names) -> None:
    name = names("changed")
    create(any_client, old := spec(name, faulty(topic="a", gone="x")))
    update(any_client, old, spec(name, faulty(topic="b")))
    assert any_client.config(name) == {**faulty(topic="b"), "name": name}
    assert any_client.tasks(name)[0].config["topic"] == "b"
    delete(any_client, spec(name))


@pytest.mark.parametrize("place", ["start", "task", "poll"])
def test_a_change_that_fails_is_put_back(any_client: Client, names: Names, place: str) -> None:
    name = names("put-back")
    create(any_client, old := spec(name, faulty(rate=5)))
    with pytest.raises(Failure) as caught:
        update(any_client, old, spec(name, faulty(rate=6, fail_at=place)))
    assert "told to fail" in str(caught.value)
    assert str(caught.value).endswith(f"; connector {name} has its old configuration back")
    assert any_client.config(name) == {**faulty(rate=5), "name": name}
    assert states(any_client, name) == ("RUNNING", ["RUNNING"])
    delete(any_client, spec(name))


def test_without_rollback_the_new_configuration_stays(client: Client, names: Names) -> None:
    name = names("stays")
    create(client, old := spec(name))
    with pytest.raises(Failure) as caught:
        update(client, old, spec(name, faulty(fail_at="task"), rollback=False))
    assert "back" not in str(caught.value)
    assert client.config(name)["fail.at"] == "task"
    delete(client, spec(name))


def test_a_refused_change_leaves_everything_as_it_was(client: Client, names: Names) -> None:
    name = names("refused")
    create(client, old := spec(name, state="paused"))
    with pytest.raises(Failure, match="Invalid value x for configuration rate"):
        update(client, old, spec(name, faulty(rate="x"), state="running"))
    assert client.config(name)["rate"] == "1"
    assert states(client, name)[0] == "PAUSED"
    delete(client, spec(name))


def test_a_connector_deleted_meanwhile_is_created_again(client: Client, names: Names) -> None:
    name = names("gone")
    old, new = spec(name), spec(name, faulty(rate=2), state="paused")
    update(client, old, new)
    assert client.config(name)["rate"] == "2"
    assert states(client, name)[0] == "PAUSED"
    delete(client, new)


def test_a_failed_connector_is_healed_by_a_change(any_client: Client, names: Names) -> None:
    name = names("heal")
    any_client.create(name, faulty(fail_at="task"))
    wait_until(lambda: name in any_client.connectors())
    old = spec(name, faulty(fail_at="task"))
    update(any_client, old, spec(name, faulty(rate=2)))
    assert states(any_client, name) == ("RUNNING", ["RUNNING"])
    delete(any_client, spec(name))


def test_a_failed_task_is_restarted_by_an_update_without_change(any_client: Client, names: Names, tmp_path: Path) -> None:
    name, flag = names("revive"), tmp_path / "fail"
    create(any_client, same := spec(name, faulty(fail_file=str(flag))))
    flag.touch()
    wait_until(lambda: states(any_client, name)[1] == ["FAILED"])
    with pytest.raises(Failure, match="a file told to fail"):
        update(any_client, same, same)
    flag.unlink()
    with counted(any_client) as requests:
        update(any_client, same, same)
    assert states(any_client, name) == ("RUNNING", ["RUNNING"])
    assert not [line for line in requests if line.startswith("PUT")]
    delete(any_client, spec(name))


def test_tasks_that_see_nothing_of_a_change_run_it_all_the_same(any_client: Client, names: Names) -> None:
    # Up to 3.7.0 a worker restarts tasks only when their own configurations change; this connector's never do.
    name = names("blind")
    config = faulty(task_blind="true", errors_tolerance="none")
    create(any_client, old := spec(name, config))
    with counted(any_client) as requests:
        update(any_client, old, spec(name, {**config, "errors.tolerance": "all"}))
    restarted = any(line.endswith("/restart") for line in requests)
    assert restarted is (any_client.version() == (2, 8, 2))
    assert states(any_client, name) == ("RUNNING", ["RUNNING"])
    delete(any_client, spec(name))


# State

STATES = ["running", "paused", "stopped"]


@pytest.mark.parametrize("change", [False, True], ids=["same-config", "other-config"])
@pytest.mark.parametrize("after", STATES)
@pytest.mark.parametrize("before", STATES)
def test_every_state_is_reached_from_every_other(
    client: Client, names: Names, before: str, after: str, change: bool
) -> None:
    name = names("state")
    create(client, old := spec(name, state=before))
    update(client, old, spec(name, faulty(rate=2) if change else faulty(), state=after))
    tasks = {"running": ["RUNNING"], "paused": ["PAUSED"], "stopped": []}[after]
    found = states(client, name)
    assert found[0] == after.upper()
    assert found[1] in (tasks, []) if after == "paused" else found[1] == tasks
    assert client.config(name)["rate"] == ("2" if change else "1")
    delete(client, spec(name))


@pytest.mark.parametrize("after", ["paused", "stopped"])
def test_paused_or_stopped_together_with_a_change_never_runs_the_change(client: Client, names: Names, after: str) -> None:
    name = names("safe")
    create(client, old := spec(name))
    update(client, old, spec(name, faulty(fail_at="task"), state=after))
    assert states(client, name)[0] == after.upper()
    assert "FAILED" not in states(client, name)[1]
    delete(client, spec(name))


@pytest.mark.parametrize("by_hand", [Client.pause, Client.stop])
def test_an_unset_state_leaves_the_operators_choice_alone(
    client: Client, names: Names, by_hand: Callable[[Client, str], None]
) -> None:
    name = names("by-hand")
    create(client, old := spec(name))
    by_hand(client, name)
    wanted = "PAUSED" if by_hand is Client.pause else "STOPPED"
    wait_until(lambda: states(client, name)[0] == wanted)
    update(client, old, spec(name, faulty(rate=2)))
    assert states(client, name)[0] == wanted
    assert client.config(name)["rate"] == "2"
    delete(client, spec(name))


def test_stopping_works_from_a_failed_connector(client: Client, names: Names) -> None:
    name = names("failed")
    client.create(name, faulty(fail_at="start"))
    wait_until(lambda: name in client.expanded(status=True) and states(client, name)[0] == "FAILED")
    update(client, spec(name, faulty(fail_at="start")), spec(name, faulty(fail_at="start"), state="stopped"))
    assert states(client, name) == ("STOPPED", [])
    delete(client, spec(name))


# Restart, offsets, delete


def test_a_changed_restart_value_restarts_connector_and_tasks(any_client: Client, names: Names) -> None:
    name = names("restart")
    create(any_client, old := spec(name, faulty(emit="true", topic=names("records")), restart="1"))
    with counted(any_client) as requests:
        update(any_client, old, spec(name, dict(old.config), restart="2"))
    assert f"POST /connectors/{name}/restart" in requests
    assert not [line for line in requests if line.startswith("PUT")]
    assert states(any_client, name) == ("RUNNING", ["RUNNING"])
    delete(any_client, spec(name))


def test_offsets_are_set_before_the_first_task_runs_and_again_when_they_change(newer_client: Client, names: Names) -> None:
    name, topic = names("offsets"), names("offsets")
    config = faulty(emit="true", topic=topic, offsets="own")

    def offsets(count: int) -> list[dict[str, Any]]:
        return [{"partition": {"number": "0"}, "offset": {"count": float(count)}}]

    def count() -> int:
        found = newer_client.offsets(name)
        return int(found[0].offset["count"]) if found and found[0].offset else 0

    create(newer_client, first := spec(name, config, offsets=offsets(1_000_000)))
    assert states(newer_client, name) == ("RUNNING", ["RUNNING"])
    assert count() >= 1_000_000
    update(newer_client, first, second := spec(name, config, offsets=offsets(5_000_000), state="paused"))
    assert states(newer_client, name)[0] == "PAUSED"
    assert count() == 5_000_000
    update(newer_client, second, third := spec(name, config, offsets=[], state="stopped"))
    wait_until(lambda: newer_client.offsets(name) == [])
    update(newer_client, third, spec(name, config, offsets=[], state="running"))
    assert 0 <= count() < 1_000_000
    delete(newer_client, spec(name, forget=True))
    assert not exists(newer_client, name)


def test_offsets_a_connector_refuses_undo_the_create(client: Client, names: Names) -> None:
    name = names("refused")
    wanted = [{"partition": {"number": "0"}, "offset": {"count": 1.0}}]
    with pytest.raises(Failure, match="these are no partitions of mine") as caught:
        create(client, spec(name, faulty(offsets="refuse"), offsets=wanted))
    assert "was deleted again" in str(caught.value)
    assert not exists(client, name)


def test_forget_leaves_no_offsets_and_plain_delete_keeps_them(client: Client, names: Names) -> None:
    name = names("forget")
    wanted = [{"partition": {"number": "0"}, "offset": {"count": 77.0}}]
    create(client, spec(name, state="stopped", offsets=wanted))
    delete(client, spec(name))
    create(client, kept := spec(name, state="stopped"))
    wait_until(lambda: [entry.offset for entry in client.offsets(name)] == [{"count": 77}])
    delete(client, spec(name, forget=True))
    create(client, kept)
    wait_until(lambda: client.offsets(name) == [])
    delete(client, kept)


def test_delete_of_what_is_gone_succeeds(any_client: Client, names: Names) -> None:
    delete(any_client, spec(names("never")))
    if any_client.version() != (2, 8, 2):
        delete(any_client, spec(names("never"), forget=True))
    else:
        with pytest.raises(Failure, match="offsets needs Kafka Connect 3"):
            delete(any_client, spec(names("never"), forget=True))


def test_a_connector_deleted_by_its_name_can_be_created_again_at_once(any_client: Client, names: Names) -> None:
    name = names("again")
    for rate in range(3):
        create(any_client, spec(name, faulty(rate=rate)))
        delete(any_client, spec(name))


# Read


def test_read_tells_what_is_and_that_nothing_is(any_client: Client, names: Names) -> None:
    name = names("read")
    assert read(any_client, name) is None
    any_client.create(name, faulty())
    wait_until(lambda: name in any_client.connectors())
    found = read(any_client, name)
    assert found is not None
    assert found.config == {**faulty(), "name": name}
    delete(any_client, spec(name))
    time.sleep(SHARE_SECONDS)
    assert read(any_client, name) is None
