"""Operations against answers that a real worker cannot be made to give on demand, and the REST calls they make."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

import pytest

from pulumi_kafka_connectors import converge, listing, waiting
from pulumi_kafka_connectors.connect import Client, OutcomeUnknown, Retry, Settings, Unreachable
from pulumi_kafka_connectors.converge import create, delete, read, update
from pulumi_kafka_connectors.failure import Failure
from pulumi_kafka_connectors.health import Health, Verdict
from pulumi_kafka_connectors.listing import SHARE_SECONDS
from pulumi_kafka_connectors.spec import ConnectorSpec, spec_of
from pulumi_kafka_connectors.waiting import wait_for
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault, connect_error

POLLS = r"GET /connectors/a/(status|tasks)$"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that only pass time, shortened; their lengths are not what is tested here."""
    monkeypatch.setattr(converge, "LOOK_AFTER_ANSWER", 0.1)
    monkeypatch.setattr(converge, "LOOK_AFTER_LOSS", 0.2)
    monkeypatch.setattr(converge, "LOOK_AFTER_TIMEOUT", 0.3)
    monkeypatch.setattr(converge, "LONGEST_POLL", 0.1)
    monkeypatch.setattr(waiting, "LONGEST_POLL", 0.1)
    monkeypatch.setattr(waiting, "SETTLE_CHANGED", 0.2)
    monkeypatch.setattr(waiting, "SETTLE_SAME", 0.4)
    monkeypatch.setattr(waiting, "EMPTY_GRACE", 0.3)


def spec(config: dict[str, str] | None = None, **inputs: Any) -> ConnectorSpec:
    return spec_of({"name": "a", "config": config or faulty(), **inputs})


LOSSES = [
    {"close": "now"},
    {"close": "half"},
    {"status": 500, "body": connect_error(500, "Request timed out. The worker is currently x, which began at T.")},
    {"status": 500, "body": connect_error(500, "Error writing connector configuration to Kafka")},
    {"status": 500, "body": connect_error(500, "IO Error trying to forward REST request: java.io.EOFException")},
    {"status": 502, "body": b"<html>Bad Gateway</html>"},
    {"status": 504},
]


def loss(match: str, how: dict[str, Any], *, act: bool, times: int = 1) -> Fault:
    return Fault(match, act=act, times=times, **how)


# Lost answers


@pytest.mark.parametrize("how", LOSSES, ids=repr)
@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not-acted"])
def test_a_create_whose_answer_is_lost_ends_in_one_connector(
    worker: FakeWorker, client: Client, how: dict[str, Any], acted: bool
) -> None:
    worker.faults = [loss("POST .*", how, act=acted)]
    found = create(client, spec())
    assert found.state == "running"
    assert worker.writes() == ["POST /connectors"] * (1 if acted else 2)


@pytest.mark.parametrize("how", LOSSES, ids=repr)
@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not-acted"])
def test_an_update_whose_answer_is_lost_is_done_once_more(
    worker: FakeWorker, client: Client, how: dict[str, Any], acted: bool
) -> None:
    create(client, old := spec())
    worker.faults = [loss("PUT .*config", how, act=acted)]
    update(client, old, spec(faulty(rate=2)))
    assert worker.connectors["a"]["config"]["rate"] == "2"


@pytest.mark.parametrize("how", LOSSES, ids=repr)
@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not-acted"])
def test_a_delete_whose_answer_is_lost_ends_with_nothing(
    worker: FakeWorker, client: Client, how: dict[str, Any], acted: bool
) -> None:
    create(client, spec())
    worker.faults = [loss("DELETE .*", how, act=acted)]
    delete(client, spec())
    assert worker.connectors == {}


def test_a_lost_answer_and_a_connector_that_appears_later_is_ours(worker: FakeWorker, client: Client) -> None:
    worker.faults = [loss("POST .*", {"close": "now"}, act=False)]

    def appear() -> None:
        worker.connectors["a"] = {"config": {**faulty(), "name": "a"}, "state": "RUNNING"}

    late = threading.Timer(0.1, appear)
    late.start()
    create(client, spec())
    late.join()
    assert worker.writes() == ["POST /connectors"]


def test_already_exists_after_a_lost_answer_is_ours_and_otherwise_somebody_elses(worker: FakeWorker, client: Client) -> None:
    theirs = {"config": {**faulty(rate=9), "name": "a"}, "state": "RUNNING"}
    worker.faults = [Fault("GET /connectors/a$", 404, connect_error(404, "Connector a not found"))]
    worker.connectors["a"] = theirs
    with pytest.raises(Failure, match="exists already with another configuration"):
        create(client, spec())
    assert worker.connectors["a"] is theirs
    worker.connectors["a"]["config"]["rate"] = "1"
    worker.faults = [Fault("GET /connectors/a$", 404, connect_error(404, "Connector a not found"))]
    worker.failing = lambda _config: "boom"
    with pytest.raises(Failure) as caught:
        create(client, spec())
    assert "deleted" not in str(caught.value)
    assert "a" in worker.connectors


def test_a_500_that_follows_a_create_that_worked_is_a_create_that_worked(worker: FakeWorker, client: Client) -> None:
    text = "The template variable 'x' has no value"
    worker.faults = [Fault("POST .*", 500, connect_error(500, text), act=True)]
    create(client, spec())
    assert worker.writes() == ["POST /connectors"]
    del worker.connectors["a"]
    worker.faults = [Fault("POST .*", 500, connect_error(500, text))]
    with pytest.raises(Exception, match="template variable"):
        create(client, spec())


@pytest.mark.parametrize("first", [[], [loss("POST .*", {"close": "now"}, act=False)]], ids=["500", "lost, then 409"])
def test_a_connector_created_in_spite_of_an_error_is_ours_on_a_worker_that_hears_of_it_late(
    worker: FakeWorker, client: Client, monkeypatch: pytest.MonkeyPatch, first: list[Fault]
) -> None:
    monkeypatch.setattr(converge, "LOOK_AFTER_LOSS", 0.0)
    answer = (409, "Connector a already exists") if first else (500, "The template variable 'x' has no value")
    worker.faults = [
        *first,
        Fault("POST .*", answer[0], connect_error(*answer), act=True),
        Fault("GET /connectors/a$", 404, connect_error(404, "Connector a not found"), times=len(first) + 1),
    ]
    worker.failing = lambda _config: "boom"
    with pytest.raises(Failure, match="connector a was deleted again"):
        create(client, spec())
    assert worker.connectors == {}


def test_a_post_that_is_never_answered_ends_with_the_time_out(worker: FakeWorker, client: Client) -> None:
    worker.faults = [loss("POST .*", {"close": "now"}, act=False, times=1000)]
    with pytest.raises(OutcomeUnknown):
        create(client, spec(timeouts={"create": 0.8}))


def test_when_undoing_fails_too_both_are_told(worker: FakeWorker, client: Client) -> None:
    worker.failing = lambda _config: "java.lang.Boom: no"
    worker.faults = [Fault("DELETE .*", 500, connect_error(500, "cannot delete"), times=100)]
    with pytest.raises(Failure) as caught:
        create(client, spec())
    assert "java.lang.Boom: no; undoing it failed too: DELETE" in str(caught.value)
    assert "cannot delete" in str(caught.value)


def test_all_workers_gone_during_the_wait_leaves_the_connector_for_the_next_run(worker: FakeWorker) -> None:
    client = Client(Settings(urls=(worker.url,), retry=Retry(seconds=0.3, first=0.02)))
    worker.faults = [Fault("GET .*/status"), loss("GET .*/status", {"close": "now"}, act=False, times=1000)]
    with pytest.raises(Unreachable):
        create(client, spec())
    assert worker.writes() == ["POST /connectors"]
    worker.faults = []
    create(client, spec())
    assert worker.writes() == ["POST /connectors"]


def test_busy_answers_at_every_place_do_not_matter(worker: FakeWorker, client: Client) -> None:
    def storm() -> list[Fault]:
        rebalance = connect_error(500, "Request cannot be completed because a rebalance is expected")
        conflict = connect_error(409, "Cannot complete request momentarily due to stale configuration")
        verbs = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        return [Fault(f"{verb} .*", 500, rebalance, times=2) for verb in verbs] + [
            Fault(f"{verb} .*", 409, conflict, times=2) for verb in verbs
        ]

    worker.faults = storm()
    create(client, old := spec())
    worker.faults = storm()
    update(client, old, new := spec(faulty(rate=2), state="paused", offsets=[]))
    worker.faults = storm()
    assert read(client, "a") is not None
    worker.faults = storm()
    delete(client, new)
    assert worker.connectors == {}


def test_a_configuration_that_reaches_the_tasks_late_is_awaited(worker: FakeWorker, client: Client) -> None:
    create(client, old := spec())
    worker.lags = 3 * waiting.SETTLE_SAME
    worker.failing = lambda config: "java.lang.X: boom" if config["rate"] == "2" else None
    with pytest.raises(Failure, match="boom; connector a has its old configuration back"):
        update(client, old, spec(faulty(rate=2)))


def test_new_tasks_count_from_when_they_run_not_from_when_their_configuration_is_known(
    worker: FakeWorker, client: Client
) -> None:
    create(client, old := spec())
    between = {"name": "a", "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "UNASSIGNED"}], "type": "source"}
    worker.faults = [Fault("GET .*/status", times=2), Fault("GET .*/status", 200, between, times=2)]
    shown = 0

    def failing(config: dict[str, str]) -> str | None:
        nonlocal shown
        shown += config["rate"] == "2"
        return "java.lang.X: boom" if shown > 2 and config["rate"] == "2" else None

    worker.failing = failing
    with pytest.raises(Failure, match="boom; connector a has its old configuration back"):
        update(client, old, spec(faulty(rate=2)))


def test_a_paused_connector_that_a_change_starts_again_is_awaited(worker: FakeWorker, client: Client) -> None:
    create(client, old := spec(state="paused"))
    between = {"name": "a", "connector": {"state": "UNASSIGNED"}, "tasks": [], "type": "source"}
    worker.faults = [Fault("GET .*/status", times=2), Fault("GET .*/status", 200, between, times=2)]
    found = update(client, old, spec(faulty(rate=2), state="paused"))
    assert found.state == "paused"
    assert worker.faults[-1].times == 0


def test_a_change_that_should_reach_the_tasks_but_does_not_is_not_awaited_for_ever(
    worker: FakeWorker, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SETTLE_SHOWN", 0.6)
    create(client, old := spec())
    worker.lags = 1000
    started = time.monotonic()
    update(client, old, spec(faulty(rate=2)))
    assert time.monotonic() - started >= 0.6


# Calls


def calls(worker: FakeWorker) -> list[str]:
    """Requests without polls and without the version, asked once per process."""
    return worker.lines(but=rf"{POLLS}|GET /$")


def test_create_is_a_look_and_a_post(worker: FakeWorker, client: Client) -> None:
    create(client, spec())
    looks = ["GET /connectors/a/status"]
    assert worker.lines(but="GET /$") == [*looks, "POST /connectors", *looks]


@pytest.mark.parametrize(
    ("version", "config"),
    [
        ("3.7.0", {}),
        ("4.3.0", {"tasks_max": 2}),
        ("4.3.0", {"tasks_max_enforce": "false"}),
        ("4.3.0", {"tasks_max": "${env:N}"}),
    ],
)
def test_where_more_tasks_may_follow_the_worker_is_asked_how_many(
    worker: FakeWorker, client: Client, version: str, config: dict[str, str | int]
) -> None:
    worker.version = version
    create(client, spec(faulty(**config)))
    assert worker.lines()[-1] == "GET /connectors/a/tasks"


def test_a_status_that_a_deleted_connector_left_is_not_taken_for_the_new_one(worker: FakeWorker, client: Client) -> None:
    left = {"name": "a", "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}], "type": "source"}
    worker.faults = [Fault("GET .*/status", 200, left)]
    create(client, spec())
    assert worker.writes() == ["POST /connectors"]
    assert worker.lines()[-1] == "GET /connectors/a/tasks"


def test_one_that_exists_without_a_status_yet_is_not_ours_to_delete(worker: FakeWorker, client: Client) -> None:
    worker.connectors["a"] = {"config": {**faulty(), "name": "a"}, "state": "RUNNING"}
    worker.failing = lambda _config: "java.lang.Boom: no"
    worker.faults = [Fault("GET .*/status", 404, connect_error(404, "No status found for connector a"))]
    with pytest.raises(Failure, match="Boom"):
        create(client, spec())
    assert "a" in worker.connectors
    assert "DELETE /connectors/a" not in worker.lines()


def test_a_changed_key_is_one_put(worker: FakeWorker, client: Client) -> None:
    create(client, old := spec())
    worker.requests.clear()
    update(client, old, spec(faulty(rate=2)))
    assert calls(worker) == ["GET /connectors/a", "PUT /connectors/a/config"]
    assert len(worker.lines()) <= 10


def test_a_changed_key_that_is_not_awaited_is_a_look_and_a_put(worker: FakeWorker, client: Client) -> None:
    create(client, old := spec())
    worker.requests.clear()
    assert update(client, old, spec(faulty(rate=2), wait=False)).config["rate"] == "2"
    assert worker.lines() == ["GET /connectors/a/status", "PUT /connectors/a/config"]


@pytest.mark.parametrize(
    "inputs", [{"state": "paused"}, {"restart": 1}, {"offsets": []}], ids=["state", "restart", "offsets"]
)
def test_what_else_changes_is_done_without_waiting_too(worker: FakeWorker, client: Client, inputs: dict[str, Any]) -> None:
    create(client, old := spec())
    worker.requests.clear()
    update(client, old, spec(faulty(rate=2), wait=False, **inputs))
    assert "PUT /connectors/a/config" in worker.writes()
    assert len(worker.writes()) > 1


def test_one_that_is_gone_is_created_without_waiting_too(worker: FakeWorker, client: Client) -> None:
    update(client, spec(), spec(faulty(rate=2), wait=False))
    assert worker.writes() == ["POST /connectors"]


def test_an_equal_configuration_is_not_put(worker: FakeWorker, client: Client) -> None:
    create(client, old := spec(faulty(rate=2)))
    worker.requests.clear()
    update(client, old, spec(faulty(rate=2), wait=False, adopt=True))
    assert worker.writes() == []


def test_delete_is_a_delete_and_a_look(worker: FakeWorker, client: Client) -> None:
    create(client, spec())
    worker.requests.clear()
    delete(client, spec())
    assert worker.lines() == ["DELETE /connectors/a", "GET /connectors/a/status"]


def test_many_reads_at_once_share_one_listing(worker: FakeWorker, client: Client) -> None:
    for number in range(50):
        worker.connectors[f"c{number}"] = {"config": faulty(), "state": "RUNNING"}
    threads = [threading.Thread(target=read, args=(client, f"c{number}")) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worker.lines() == ["GET /connectors"]
    assert worker.requests[0].query == {"expand": ["status", "info"]}


def test_reads_one_after_the_other_make_two_listings_a_second(
    worker: FakeWorker, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SHARE_FACTOR", 0)  # a busy machine answers late
    worker.connectors["a"] = {"config": faulty(), "state": "RUNNING"}
    started = time.monotonic()
    while time.monotonic() < started + 1.2:
        read(client, "a")
    assert 2 <= len(worker.lines()) <= 1 + (time.monotonic() - started) * 2


def test_a_listing_that_takes_long_is_shared_for_longer(worker: FakeWorker, client: Client) -> None:
    worker.connectors["a"] = {"config": faulty(), "state": "RUNNING"}
    worker.faults = [Fault("GET /connectors", delay=0.2)]
    started = time.monotonic()
    while time.monotonic() < started + 1.2:
        read(client, "a")
    assert worker.lines() == ["GET /connectors"]


def test_after_a_change_of_ours_no_older_listing_is_shared(worker: FakeWorker, client: Client) -> None:
    worker.connectors["a"] = {"config": faulty(), "state": "RUNNING"}
    worker.faults = [Fault("GET /connectors", delay=0.4)]
    read(client, "a")
    update(client, spec(faulty()), spec(faulty(rate=3)))
    time.sleep(SHARE_SECONDS)
    found = read(client, "a")
    assert found is not None
    assert found.config["rate"] == "3"


def test_many_waits_at_once_share_listings_instead_of_asking_for_each(worker: FakeWorker, client: Client) -> None:
    worker.starts = 0.5
    names = [f"c{number}" for number in range(12)]
    threads = [
        threading.Thread(
            target=create, args=(client, spec_of({"name": name, "config": faulty(), "timeouts": {"create": 20}}))
        )
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(worker.connectors) == sorted(names)
    assert worker.lines().count("POST /connectors") == 12
    listings = [request for request in worker.requests if request.line == "GET /connectors"]
    assert listings
    assert all(request.query == {"expand": ["status"]} for request in listings)
    # One look before each creation, and few others.
    assert sum(line.endswith("/status") for line in worker.lines()) < 3 * len(names)


def test_workers_without_expand_are_read_one_by_one(worker: FakeWorker, client: Client) -> None:
    worker.connectors["a"] = {"config": faulty(), "state": "RUNNING"}
    worker.faults = [Fault("GET /connectors", 200, ["a"], times=1000)]
    found = read(client, "a")
    assert found is not None
    assert found.config == faulty()


# State


@pytest.mark.parametrize(
    ("live", "wanted", "changed", "writes"),
    [
        ("RUNNING", "running", False, []),
        ("RUNNING", "paused", False, ["pause"]),
        ("RUNNING", "stopped", False, ["stop"]),
        ("PAUSED", "running", False, ["resume"]),
        ("PAUSED", "stopped", False, ["stop"]),
        ("STOPPED", "running", False, ["resume"]),
        ("STOPPED", "paused", False, ["pause"]),
        ("RUNNING", "running", True, ["config"]),
        ("RUNNING", "paused", True, ["pause", "config"]),
        ("RUNNING", "stopped", True, ["stop", "config"]),
        ("PAUSED", "running", True, ["stop", "config", "resume"]),
        ("PAUSED", "paused", True, ["config"]),
        ("PAUSED", "stopped", True, ["stop", "config"]),
        ("STOPPED", "running", True, ["config", "resume"]),
        ("STOPPED", "paused", True, ["pause", "config"]),
        ("STOPPED", "stopped", True, ["config"]),
        ("PAUSED", None, True, ["config"]),
        ("STOPPED", None, True, ["config"]),
        ("PAUSED", None, False, []),
    ],
)
def test_state_and_configuration_change_in_the_order_that_never_runs_the_wrong_thing(
    worker: FakeWorker, client: Client, live: str, wanted: str | None, changed: bool, writes: list[str]
) -> None:
    worker.connectors["a"] = {"config": {**faulty(), "name": "a"}, "state": live}
    update(client, spec(), spec(faulty(rate=2) if changed else faulty(), **({"state": wanted} if wanted else {})))
    assert [line.rpartition("/")[2] for line in worker.writes()] == writes


def test_old_workers_create_and_then_pause(worker: FakeWorker, client: Client) -> None:
    worker.version = "3.4.0"
    text = 'Unrecognized field "initial_state" (class CreateConnectorRequest)'
    worker.faults = [Fault("POST .*", 500, connect_error(500, text))]
    create(client, spec(state="paused"))
    assert worker.writes() == ["POST /connectors", "POST /connectors", "PUT /connectors/a/pause"]


def test_progress_of_a_long_wait_is_logged_without_values(
    worker: FakeWorker, client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_LOG_AFTER", 0.1)
    caplog.set_level("INFO")
    status = {"name": "a", "connector": {"state": "UNASSIGNED", "worker_id": "w:1"}, "tasks": []}
    worker.faults = [Fault("GET .*/status", 200, status, times=8)]
    create(client, spec(faulty(password="hunter2")))
    shown = [record.getMessage() for record in caplog.records if record.name.endswith("waiting")]
    assert "a: the connector is unassigned on w:1" in shown
    assert not re.search("hunter2", " ".join(shown))


# Waiting


def test_what_was_restarted_must_run_for_a_moment() -> None:
    failed, running = Verdict(Health.FAILED, "boom"), Verdict(Health.HEALTHY)
    mended: list[str] = []
    looks = iter([failed, failed, running, failed, failed])
    assert wait_for("a", lambda: next(looks), 5, mend=lambda: mended.append("once")) is failed
    assert mended == ["once"]
    looks = iter([failed, failed, *[running] * 20])
    assert wait_for("a", lambda: next(looks), 5, mend=lambda: None) is running
    assert len(list(looks)) < 19
    looks = iter([failed, failed, running, running])
    assert wait_for("a", lambda: next(looks), 0.25, mend=lambda: None) is running


def test_an_undo_sets_the_state_also_where_a_status_still_shows_it(worker: FakeWorker, client: Client) -> None:
    create(client, old := spec(state="paused"))
    worker.faults = [Fault("PUT .*/config", 400, connect_error(400, "Connector configuration is invalid"))]
    stale = client.status("a").model_dump(by_alias=True)
    worker.faults.append(Fault("GET .*/status", 200, stale, times=3))
    with pytest.raises(Failure, match="old configuration back"):
        update(client, old, spec(faulty(rate=2), state="running"))
    assert worker.connectors["a"]["state"] == "PAUSED"
