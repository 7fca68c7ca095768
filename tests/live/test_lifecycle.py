"""Create, update and delete on real workers of every version: the result, and what is undone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import Client, Features, InvalidConfig, kafka_version
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.connect.transport import Answer, Request
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.lifecycle import create, delete, update
from pulumi_kafka_connectors.core.observing import read
from pulumi_kafka_connectors.core.operation import Failure
from pulumi_kafka_connectors.core.spec import ConnectorSpec, spec_of
from sandbox.cluster import Worker
from sandbox.versions import WORKERS
from tests.support.clusters import exists
from tests.support.names import Names, faulty
from tests.support.operations import OperationOn, operation_on
from tests.support.waiting import wait_until


def spec(name: str, config: dict[str, str] | None = None, **inputs: Any) -> ConnectorSpec:
    return spec_of({"name": name, "config": config or faulty(), **inputs})


def states(client: Client, name: str) -> tuple[str, list[str]]:
    status = client.status(name)
    return str(status.connector.state), [str(task.state) for task in status.tasks]


def look(operation: OperationOn, name: str) -> Observed | None:
    """Read the connector as in a refresh."""
    return read(operation.cluster, name, operation.cluster.clock.now() + 60)


@contextmanager
def counted(client: Client) -> Iterator[list[str]]:
    """Method and path of every request of all clients on the same connections."""
    requests: list[str] = []
    transport = client.transport
    send = transport.send

    def counting(request: Request, **given: Any) -> Answer:
        requests.append(f"{request.method} {request.path}")
        return send(request, **given)

    transport.send = counting  # type: ignore[method-assign]
    try:
        yield requests
    finally:
        transport.send = send  # type: ignore[method-assign]


def operating(*workers: Worker) -> AbstractContextManager[OperationOn]:
    return operation_on(*(worker.url for worker in workers), timeout=95, retry=60)


@pytest.fixture(params=WORKERS)
def on_any(request: pytest.FixtureRequest, group: Callable[[str], list[Worker]]) -> Iterator[OperationOn]:
    """Workers of any version."""
    with operating(*group(request.param)) as operation:
        yield operation


@pytest.fixture(params=[version for version in WORKERS if Features(kafka_version(version)).alter_offsets])
def on_newer(request: pytest.FixtureRequest, group: Callable[[str], list[Worker]]) -> Iterator[OperationOn]:
    """Workers that can stop connectors and change offsets."""
    with operating(*group(request.param)) as operation:
        yield operation


@pytest.fixture
def operation(trio: list[Worker]) -> Iterator[OperationOn]:
    with operating(*trio) as made:
        yield made


# Create


def test_a_created_connector_runs_with_all_its_tasks(on_any: OperationOn, names: Names) -> None:
    name = names("runs")
    found = create(on_any, spec(name, faulty(task_ms=300, tasks_max=3)))
    assert (found.state.word, found.type, len(found.status.tasks if found.status else [])) == ("running", "source", 3)
    assert states(on_any.client, name) == ("RUNNING", ["RUNNING"] * 3)
    delete(on_any, spec(name))
    assert not exists(on_any.client, name)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("start", "the connector failed on"),
        ("task", "task 0 failed on"),
    ],
)
def test_a_failed_create_leaves_nothing_and_reports_the_cause(
    on_any: OperationOn, names: Names, place: str, words: str
) -> None:
    name = names("fails")
    with pytest.raises(Failure) as caught:
        create(on_any, spec(name, faulty(fail_at=place)))
    message = str(caught.value)
    assert message.startswith(f"connector {name}: {words} 127.0.0.1:")
    assert "told to fail" in message
    assert message.endswith(f"; connector {name} was deleted again")
    assert not exists(on_any.client, name)


def test_without_rollback_a_failed_create_stays_for_inspection_and_the_next_run_continues(
    operation: OperationOn, names: Names
) -> None:
    name = names("fails")
    with pytest.raises(Failure):
        create(operation, spec(name, faulty(fail_at="task"), rollback=False))
    assert exists(operation.client, name)
    with pytest.raises(Failure) as caught:
        create(operation, spec(name, faulty(fail_at="task"), adopt="same"))
    assert "deleted" not in str(caught.value), "only what the call itself created may be deleted"
    assert exists(operation.client, name)
    delete(operation, spec(name))


def test_without_wait_create_returns_at_once(operation: OperationOn, names: Names) -> None:
    name = names("slow")
    found = create(operation, spec(name, faulty(task_ms=20_000), wait=False))
    assert State.RUNNING not in [task.state for task in (found.status.tasks if found.status else [])]
    delete(operation, spec(name))


def test_a_wait_that_times_out_reports_what_is_not_ready(operation: OperationOn, names: Names) -> None:
    name = names("slow")
    with pytest.raises(Failure) as caught:
        create(operation, spec(name, faulty(task_ms=6000), timeouts={"create": 1.5}))
    assert f"connector {name} is not ready after" in str(caught.value)
    assert not exists(operation.client, name)


def test_a_connector_with_the_same_configuration_is_taken_over_unchanged(operation: OperationOn, names: Names) -> None:
    name = names("same")
    operation.client.create(name, faulty())
    wait_until(lambda: name in operation.client.connectors())
    with pytest.raises(Failure, match="exists already with the same configuration"):
        create(operation, spec(name))
    found = create(operation, spec(name, {**faulty(), "tasks.max": "1"}, adopt="same"))
    assert found.state.word == "running"
    delete(operation, spec(name))


def test_a_connector_with_another_configuration_is_taken_over_only_on_request(operation: OperationOn, names: Names) -> None:
    name = names("other")
    create(operation, spec(name, faulty(rate=5, topic="old")))
    with pytest.raises(Failure) as caught:
        create(operation, spec(name, faulty(rate=6)))
    assert str(caught.value) == (
        f"connector {name} exists already with another configuration (differing keys: rate, topic): give the resource an alias "
        "if it was renamed or moved, set adopt=True to take it over (KAFKA_CONNECT_ADOPT=true for one run), import it, or "
        "choose another name"
    )
    assert operation.client.config(name)["rate"] == "5"
    create(operation, spec(name, faulty(rate=6), adopt=True))
    assert operation.client.config(name) == {**faulty(rate=6), "name": name}
    delete(operation, spec(name))


def test_an_adopted_connector_gets_its_configuration_and_state_back(operation: OperationOn, names: Names) -> None:
    name = names("adopted")
    create(operation, spec(name, faulty(rate=5), state="paused"))
    with pytest.raises(Failure) as caught:
        create(operation, spec(name, faulty(rate=6, fail_at="task"), adopt=True, state="running"))
    assert str(caught.value).endswith(f"; connector {name} has its old configuration back")
    assert operation.client.config(name) == {**faulty(rate=5), "name": name}
    assert states(operation.client, name)[0] == "PAUSED"
    delete(operation, spec(name))


def test_a_configuration_the_worker_refuses_creates_nothing(on_any: OperationOn, names: Names) -> None:
    name = names("bad")
    with pytest.raises(InvalidConfig):
        create(on_any, spec(name, faulty(rate="x")))
    assert not exists(on_any.client, name)


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_a_connector_created_paused_or_stopped_never_runs(on_newer: OperationOn, names: Names, state: str) -> None:
    name = names(state)
    # A task that had run even once would have failed.
    create(on_newer, spec(name, faulty(fail_at="task"), state=state))
    assert states(on_newer.client, name) == (state.upper(), [])
    delete(on_newer, spec(name))


def test_old_workers_pause_after_a_create_and_refuse_stopped(kafka_2: Worker, names: Names) -> None:
    name = names("paused")
    with operating(kafka_2) as operation:
        create(operation, spec(name, state="paused"))
        assert states(operation.client, name)[0] == "PAUSED"
        delete(operation, spec(name))
        with pytest.raises(Failure, match=r"state stopped needs Kafka Connect 3\.5 or newer, this is 2\.8\.2"):
            create(operation, spec(name, state="stopped"))
        with pytest.raises(Failure, match=r"offsets needs Kafka Connect 3\.6 or newer, this is 2\.8\.2"):
            create(operation, spec(name, offsets=[]))
        assert not exists(operation.client, name)


def test_a_connector_without_tasks_is_healthy_after_a_grace_period(operation: OperationOn, names: Names) -> None:
    name = names("empty")
    found = create(operation, spec(name, faulty(task_count=0)))
    assert (found.state.word, found.status.tasks if found.status else None) == ("running", [])
    delete(operation, spec(name))


def test_six_concurrent_creates_of_one_name_result_in_one_connector(operation: OperationOn, names: Names) -> None:
    name = names("race")
    problems: list[Exception] = []

    def work() -> None:
        try:
            create(operation, spec(name, adopt="same"))
        except Exception as problem:  # noqa: BLE001
            problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert states(operation.client, name) == ("RUNNING", ["RUNNING"])
    delete(operation, spec(name))


# Update


def test_a_changed_key_is_put_and_the_tasks_run_with_it(on_any: OperationOn, names: Names) -> None:
    name = names("changed")
    create(on_any, old := spec(name, faulty(topic="a", gone="x")))
    update(on_any, old, spec(name, faulty(topic="b")))
    assert on_any.client.config(name) == {**faulty(topic="b"), "name": name}
    assert on_any.client.tasks(name)[0].config["topic"] == "b"
    delete(on_any, spec(name))


@pytest.mark.parametrize("place", ["start", "task", "poll"])
def test_a_failed_change_is_rolled_back(on_any: OperationOn, names: Names, place: str) -> None:
    name = names("put-back")
    create(on_any, old := spec(name, faulty(rate=5)))
    with pytest.raises(Failure) as caught:
        update(on_any, old, spec(name, faulty(rate=6, fail_at=place)))
    assert "told to fail" in str(caught.value)
    assert str(caught.value).endswith(f"; connector {name} has its old configuration back")
    assert on_any.client.config(name) == {**faulty(rate=5), "name": name}
    assert states(on_any.client, name) == ("RUNNING", ["RUNNING"])
    delete(on_any, spec(name))


def test_without_rollback_the_new_configuration_stays(operation: OperationOn, names: Names) -> None:
    name = names("stays")
    create(operation, old := spec(name))
    with pytest.raises(Failure) as caught:
        update(operation, old, spec(name, faulty(fail_at="task"), rollback=False))
    assert "back" not in str(caught.value)
    assert operation.client.config(name)["fail.at"] == "task"
    delete(operation, spec(name))


def test_a_rejected_change_leaves_everything_as_it_was(operation: OperationOn, names: Names) -> None:
    name = names("refused")
    create(operation, old := spec(name, state="paused"))
    with pytest.raises(Failure, match="Invalid value x for configuration rate"):
        update(operation, old, spec(name, faulty(rate="x"), state="running"))
    assert operation.client.config(name)["rate"] == "1"
    assert states(operation.client, name)[0] == "PAUSED"
    delete(operation, spec(name))


def test_a_connector_deleted_meanwhile_is_created_again(operation: OperationOn, names: Names) -> None:
    name = names("gone")
    old, new = spec(name), spec(name, faulty(rate=2), state="paused")
    update(operation, old, new)
    assert operation.client.config(name)["rate"] == "2"
    assert states(operation.client, name)[0] == "PAUSED"
    delete(operation, new)


def test_a_change_repairs_a_failed_connector(on_any: OperationOn, names: Names) -> None:
    name = names("heal")
    on_any.client.create(name, faulty(fail_at="task"))
    wait_until(lambda: name in on_any.client.connectors())
    old = spec(name, faulty(fail_at="task"))
    update(on_any, old, spec(name, faulty(rate=2)))
    assert states(on_any.client, name) == ("RUNNING", ["RUNNING"])
    delete(on_any, spec(name))


def test_a_failed_task_is_restarted_by_an_update_without_change(on_any: OperationOn, names: Names, tmp_path: Path) -> None:
    name, flag = names("revive"), tmp_path / "fail"
    create(on_any, same := spec(name, faulty(fail_file=str(flag))))
    flag.touch()
    wait_until(lambda: states(on_any.client, name)[1] == ["FAILED"])
    with pytest.raises(Failure, match="a file told to fail"):
        update(on_any, same, same)
    flag.unlink()
    with counted(on_any.client) as requests:
        update(on_any, same, same)
    assert states(on_any.client, name) == ("RUNNING", ["RUNNING"])
    assert not [line for line in requests if line.startswith("PUT")]
    delete(on_any, spec(name))


def test_tasks_run_a_change_that_is_not_in_their_configurations(on_any: OperationOn, names: Names) -> None:
    # Up to 3.7.0 a worker restarts tasks only when their own configurations change; this connector's never do.
    name = names("blind")
    config = faulty(task_blind="true", errors_tolerance="none")
    create(on_any, old := spec(name, config))
    with counted(on_any.client) as requests:
        update(on_any, old, spec(name, {**config, "errors.tolerance": "all"}))
    restarted = any(line.endswith("/restart") for line in requests)
    assert restarted is (on_any.client.version() == (2, 8, 2))
    assert states(on_any.client, name) == ("RUNNING", ["RUNNING"])
    delete(on_any, spec(name))


# State

STATES = ["running", "paused", "stopped"]


@pytest.mark.parametrize("change", [False, True], ids=["same-config", "other-config"])
@pytest.mark.parametrize("after", STATES)
@pytest.mark.parametrize("before", STATES)
def test_every_state_is_reached_from_every_other(
    operation: OperationOn, names: Names, before: str, after: str, change: bool
) -> None:
    name = names("state")
    create(operation, old := spec(name, state=before))
    update(operation, old, spec(name, faulty(rate=2) if change else faulty(), state=after))
    tasks = {"running": ["RUNNING"], "paused": ["PAUSED"], "stopped": []}[after]
    found = states(operation.client, name)
    assert found[0] == after.upper()
    assert found[1] in (tasks, []) if after == "paused" else found[1] == tasks
    assert operation.client.config(name)["rate"] == ("2" if change else "1")
    delete(operation, spec(name))


@pytest.mark.parametrize("after", ["paused", "stopped"])
def test_a_connector_paused_or_stopped_with_a_change_never_runs_the_change(
    operation: OperationOn, names: Names, after: str
) -> None:
    name = names("safe")
    create(operation, old := spec(name))
    update(operation, old, spec(name, faulty(fail_at="task"), state=after))
    assert states(operation.client, name)[0] == after.upper()
    assert "FAILED" not in states(operation.client, name)[1]
    delete(operation, spec(name))


@pytest.mark.parametrize("by_hand", [Client.pause, Client.stop])
def test_an_unset_state_leaves_the_operators_choice_alone(
    operation: OperationOn, names: Names, by_hand: Callable[[Client, str], None]
) -> None:
    name = names("by-hand")
    create(operation, old := spec(name))
    by_hand(operation.client, name)
    wanted = "PAUSED" if by_hand is Client.pause else "STOPPED"
    wait_until(lambda: states(operation.client, name)[0] == wanted)
    update(operation, old, spec(name, faulty(rate=2)))
    assert states(operation.client, name)[0] == wanted
    assert operation.client.config(name)["rate"] == "2"
    delete(operation, spec(name))


def test_stopping_works_from_a_failed_connector(operation: OperationOn, names: Names) -> None:
    name = names("failed")
    operation.client.create(name, faulty(fail_at="start"))
    wait_until(lambda: name in operation.client.expanded(status=True) and states(operation.client, name)[0] == "FAILED")
    update(operation, spec(name, faulty(fail_at="start")), spec(name, faulty(fail_at="start"), state="stopped"))
    assert states(operation.client, name) == ("STOPPED", [])
    delete(operation, spec(name))


# Restart, offsets, delete


def test_a_changed_restart_value_restarts_connector_and_tasks(on_any: OperationOn, names: Names) -> None:
    name = names("restart")
    create(on_any, old := spec(name, faulty(emit="true", topic=names("records")), restart="1"))
    with counted(on_any.client) as requests:
        update(on_any, old, spec(name, dict(old.config), restart="2"))
    assert f"POST /connectors/{name}/restart" in requests
    assert not [line for line in requests if line.startswith("PUT")]
    assert states(on_any.client, name) == ("RUNNING", ["RUNNING"])
    delete(on_any, spec(name))


def test_offsets_are_set_before_the_first_task_runs_and_again_when_they_change(on_newer: OperationOn, names: Names) -> None:
    name, topic = names("offsets"), names("offsets")
    config = faulty(emit="true", topic=topic, offsets="own")

    def offsets(count: int) -> list[dict[str, Any]]:
        return [{"partition": {"number": "0"}, "offset": {"count": float(count)}}]

    def count() -> int:
        found = on_newer.client.offsets(name)
        return int(found[0].offset["count"]) if found and found[0].offset else 0

    create(on_newer, first := spec(name, config, offsets=offsets(1_000_000)))
    assert states(on_newer.client, name) == ("RUNNING", ["RUNNING"])
    assert count() >= 1_000_000
    update(on_newer, first, second := spec(name, config, offsets=offsets(5_000_000), state="paused"))
    assert states(on_newer.client, name)[0] == "PAUSED"
    assert count() == 5_000_000
    update(on_newer, second, third := spec(name, config, offsets=[], state="stopped"))
    wait_until(lambda: on_newer.client.offsets(name) == [])
    update(on_newer, third, spec(name, config, offsets=[], state="running"))
    assert 0 <= count() < 1_000_000
    delete(on_newer, spec(name, forget=True))
    assert not exists(on_newer.client, name)


def test_offsets_a_connector_refuses_undo_the_create(operation: OperationOn, names: Names) -> None:
    name = names("refused")
    wanted = [{"partition": {"number": "0"}, "offset": {"count": 1.0}}]
    with pytest.raises(Failure, match="these are no partitions of mine") as caught:
        create(operation, spec(name, faulty(offsets="refuse"), offsets=wanted))
    assert "was deleted again" in str(caught.value)
    assert not exists(operation.client, name)


def test_forget_leaves_no_offsets_and_plain_delete_keeps_them(operation: OperationOn, names: Names) -> None:
    name = names("forget")
    wanted = [{"partition": {"number": "0"}, "offset": {"count": 77.0}}]
    create(operation, spec(name, state="stopped", offsets=wanted))
    delete(operation, spec(name))
    create(operation, kept := spec(name, state="stopped"))
    wait_until(lambda: [entry.offset for entry in operation.client.offsets(name)] == [{"count": 77}])
    delete(operation, spec(name, forget=True))
    create(operation, kept)
    wait_until(lambda: operation.client.offsets(name) == [])
    delete(operation, kept)


def test_deleting_a_missing_connector_succeeds(on_any: OperationOn, names: Names) -> None:
    delete(on_any, spec(names("never")))
    if on_any.client.version() != (2, 8, 2):
        delete(on_any, spec(names("never"), forget=True))
    else:
        with pytest.raises(Failure, match="offsets needs Kafka Connect 3"):
            delete(on_any, spec(names("never"), forget=True))


def test_a_connector_deleted_by_its_name_can_be_created_again_at_once(on_any: OperationOn, names: Names) -> None:
    name = names("again")
    for rate in range(3):
        create(on_any, spec(name, faulty(rate=rate)))
        delete(on_any, spec(name))


# Read


def test_read_returns_the_connector_or_none(on_any: OperationOn, names: Names) -> None:
    name = names("read")
    assert look(on_any, name) is None
    on_any.client.create(name, faulty())
    wait_until(lambda: name in on_any.client.connectors())
    found = look(on_any, name)
    assert found is not None
    assert found.config == faulty()
    delete(on_any, spec(name))
    wait_until(lambda: look(on_any, name) is None)
