"""The client on a local server: missing endpoints, unexpected responses, and connections that are kept, shared and closed."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable

import pytest

from pulumi_kafka_connectors.connect import (
    AlreadyExists,
    BadAnswer,
    Client,
    Features,
    NoRoute,
    NoStatus,
    NotFound,
    NotStopped,
    PluginNotFound,
    State,
    Unsupported,
    WorkerFailed,
)
from pulumi_kafka_connectors.connect.models import PartitionOffset
from tests.support.clients import client_for
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault, connect_error, fake_group


@pytest.fixture
def client(worker: FakeWorker, clock: FakeClock) -> Client:
    return client_for(worker.url, clock=clock)


# Endpoints that a worker does not have


def test_an_endpoint_that_an_older_worker_lacks_is_named_with_both_versions(worker: FakeWorker, client: Client) -> None:
    worker.version = "2.8.2"
    worker.connectors["a"] = {"config": {}, "state": "RUNNING"}
    with pytest.raises(Unsupported) as caught:
        client.stop("a")
    assert str(caught.value) == (
        "the Kafka Connect worker (version 2.8.2) does not support PUT /connectors/a/stop: it needs Kafka Connect 3.5.0 or newer"
    )
    assert (caught.value.endpoint, caught.value.first) == ("PUT /connectors/a/stop", "3.5.0")


def test_an_endpoint_that_newer_workers_have_no_more_is_named_with_both_ends(worker: FakeWorker, client: Client) -> None:
    client.create("a", faulty())
    with pytest.raises(Unsupported, match=r"it needs Kafka Connect 2\.8\.0 or newer, and older than 4\.0\.0$"):
        client.tasks_config("a")


def test_a_gateway_that_lacks_an_endpoint_is_not_taken_for_a_starting_worker(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET /connectors/a/offsets", 404, b"<html>", times=100)]
    with pytest.raises(Unsupported, match=r"3\.5\.0"):
        client.offsets("a")
    assert worker.lines() == ["GET /connectors/a/offsets", "GET /connectors", "GET /"]


def test_a_starting_worker_is_not_taken_for_one_that_lacks_an_endpoint(worker: FakeWorker, client: Client) -> None:
    client.create("a", faulty())
    worker.faults = [Fault("GET .*", 404, b"", times=4)]
    assert client.offsets("a") == []


def test_a_path_that_every_worker_has_is_not_called_unsupported(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 404, connect_error(404, "HTTP 404 Not Found"))]
    with pytest.raises(NoRoute):
        client.connectors()


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.restart("a", include_tasks=True),
        lambda client: client.restart("a", only_failed=True),
        lambda client: client.set_logger("root", "INFO", cluster=True),
        lambda client: client.plugins(connectors_only=False),
        lambda client: client.plugin_config("C", version="1"),
    ],
)
def test_parameters_that_older_workers_ignore_silently_are_not_sent_to_them(
    worker: FakeWorker, client: Client, call: Callable[[Client], object]
) -> None:
    worker.version = "2.8.2"
    with pytest.raises(Unsupported):
        call(client)
    assert worker.lines() == ["GET /"]


def test_parameters_are_sent_to_a_worker_that_does_not_tell_its_version(worker: FakeWorker, client: Client) -> None:
    worker.version = "unknown"
    client.create("a", faulty())
    assert client.restart("a", include_tasks=True, only_failed=False) is not None
    assert worker.requests[-1].query == {"includeTasks": ["true"], "onlyFailed": ["false"]}
    client.restart("a", include_tasks=False, only_failed=True)
    assert worker.requests[-1].query == {"includeTasks": ["false"], "onlyFailed": ["true"]}


def test_a_restart_whose_parameters_were_ignored_is_not_taken_for_done(worker: FakeWorker, client: Client) -> None:
    worker.version = "unknown"
    worker.faults = [Fault("POST .*restart", 204, None)]
    with pytest.raises(Unsupported, match=r"\(which does not report its version\)"):
        client.restart("a", include_tasks=True)


def test_a_listing_that_is_not_expanded_is_unsupported(worker: FakeWorker, client: Client) -> None:
    worker.version = "2.2.0"
    worker.faults = [Fault("GET /connectors", 200, ["a"])]
    with pytest.raises(Unsupported, match=r"2\.3\.0"):
        client.expanded(status=True)


def test_initial_state_on_an_older_worker_creates_nothing(worker: FakeWorker, client: Client) -> None:
    worker.version = "3.4.0"
    with pytest.raises(Unsupported, match=r"3\.7\.0"):
        client.create("a", faulty(), State.PAUSED)
    assert worker.connectors == {}


def test_another_failure_of_a_create_is_not_called_unsupported(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("POST .*", 500, connect_error(500, "Instantiation error"))]
    with pytest.raises(WorkerFailed):
        client.create("a", faulty(), State.PAUSED)


def test_an_initial_state_is_sent_as_the_api_writes_it(worker: FakeWorker, client: Client) -> None:
    client.create("a", faulty(), State.STOPPED)
    assert worker.requests[0].body["initial_state"] == "STOPPED"


def test_without_an_initial_state_the_key_is_not_sent(worker: FakeWorker, client: Client) -> None:
    client.create("a", faulty())
    assert worker.requests[0].body == {"name": "a", "config": faulty()}


# Missing things


def test_missing_things_are_reported_as_such(client: Client) -> None:
    reads: list[Callable[[str], object]] = [client.connector, client.config, client.tasks, client.offsets]
    writes: list[Callable[[str], object]] = [client.pause, client.resume, client.stop, client.restart, client.delete]
    for call in (*reads, *writes, client.reset_offsets):
        with pytest.raises(NotFound) as caught:
            call("absent")
        assert not isinstance(caught.value, NoStatus)
    assert client.topics("absent") == []


def test_a_missing_status_is_its_own_error(client: Client) -> None:
    with pytest.raises(NoStatus):
        client.status("absent")
    with pytest.raises(NoStatus):
        client.task_status("absent", 3)


def test_a_missing_task_plugin_or_logger_is_not_found(client: Client) -> None:
    client.create("a", faulty())
    for call in (
        lambda: client.restart_task("a", 7),
        lambda: client.restart_task("absent", 0),
        lambda: client.plugin_config("no.Such"),
        lambda: client.logger("no.such"),
        lambda: client.set_logger("root", "loud"),
    ):
        with pytest.raises(NotFound):
            call()


@pytest.mark.parametrize("version", ["3.9.1", "4.3.0"])
def test_a_class_that_is_not_installed_is_its_own_error(worker: FakeWorker, client: Client, version: str) -> None:
    worker.version = version
    with pytest.raises(PluginNotFound):
        client.validate("no.Such", {})


def test_a_name_that_is_taken_is_its_own_error(client: Client) -> None:
    client.create("a", faulty())
    with pytest.raises(AlreadyExists):
        client.create("a", faulty())


# Offsets


def test_offsets_of_a_running_connector_are_refused(client: Client) -> None:
    client.create("a", faulty())
    with pytest.raises(NotStopped):
        client.reset_offsets("a")


@pytest.mark.parametrize("manual", [True, False])
def test_changed_offsets_say_whether_others_must_be_changed_manually(
    worker: FakeWorker, client: Client, manual: bool
) -> None:
    worker.manual_offsets = manual
    client.create("a", faulty(), State.STOPPED)
    entry = PartitionOffset(partition={"number": "0", "big": 2**53 + 1}, offset={"count": 2**62, "ratio": 0.5})
    reply = client.alter_offsets("a", [entry])
    assert (reply.manual, "altered successfully" in reply.message) == (manual, True)
    assert client.offsets("a") == [entry]
    reply = client.reset_offsets("a")
    assert (reply.manual, "reset successfully" in reply.message) == (manual, True)
    assert client.offsets("a") == []


# Answers


def test_bad_health_is_reported_too(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET /health", 500, {"status": "unhealthy", "message": "stuck"})]
    health = client.health()
    assert (health.status, health.message) == ("unhealthy", "stuck")
    assert len(worker.requests) == 1


def test_health_waits_for_a_starting_worker(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET /health", 503, {"status": "starting", "message": "soon"}, times=2)]
    assert client.health().status == "healthy"


def test_unknown_fields_and_states_are_read(worker: FakeWorker, client: Client) -> None:
    status = {
        "name": "a",
        "connector": {"state": "HIBERNATING", "worker_id": "w", "since": 5},
        "tasks": [{"id": 3, "state": "MELTING", "worker_id": "w", "trace": "t", "version": None}],
        "type": "transform",
        "news": {},
    }
    worker.faults = [Fault("GET .*", 200, status)]
    read = client.status("a")
    assert (read.connector.state, read.tasks[0].state) == ("HIBERNATING", "MELTING")
    assert (read.tasks[0].id, read.tasks[0].trace) == (3, "t")


def test_keys_without_a_value_are_left_out_of_a_configuration(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 200, {"a": "1", "null": None})]
    assert client.config("a") == {"a": "1"}


@pytest.mark.parametrize("body", [{"a": 1}, "text", 5, None, [{"a": 1}]])
def test_json_of_another_shape_is_no_answer_of_connect(worker: FakeWorker, client: Client, body: object) -> None:
    worker.faults = [Fault("GET .*", 200, body)]
    with pytest.raises(BadAnswer, match=f"^{worker.url} returned a response that is not Kafka Connect's"):
        client.connectors()


def test_json_is_sent_as_utf_8_unchanged(worker: FakeWorker, client: Client) -> None:
    config = faulty(text="grün 🙂 \n\t\u0000 'quotes\"")
    client.create("ü ?#&+->", config)
    assert json.dumps(worker.requests[-1].body["config"]) == json.dumps(config)
    assert worker.connectors.keys() == {"ü ?#&+->"}
    client.delete("ü ?#&+->")
    assert worker.connectors == {}


def test_a_put_reports_whether_it_created_the_connector(client: Client) -> None:
    assert client.put_config("a", faulty())[1] is True
    assert client.put_config("a", faulty())[1] is False


def test_a_patch_that_renames_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="renaming"):
        client.patch_config("a", {"name": "b"})


# Shared connections


def test_the_version_is_asked_once_for_all_clients_of_a_transport(worker: FakeWorker, client: Client) -> None:
    for other in (client, client.until(2000), client.with_retry(1)):
        assert other.features() == Features((4, 3, 0))
        assert other.version() == (4, 3, 0)
    assert worker.lines() == ["GET /"]


def test_a_worker_that_does_not_tell_its_version_is_asked_once_too(worker: FakeWorker, client: Client) -> None:
    worker.version = "latest"
    assert client.features() == client.features() == Features(None)
    assert worker.lines() == ["GET /"]


def test_two_transports_of_the_same_settings_share_nothing(worker: FakeWorker, client: Client) -> None:
    client.features()
    worker.version = "2.8.2"
    assert Client(client.settings).features().version == (2, 8, 2)
    assert Client(client.settings).transport is not client.transport


def test_changes_are_noted_by_the_clock_for_all_clients_of_a_transport(client: Client, clock: FakeClock) -> None:
    assert client.changed_at == float("-inf")
    client.connectors()
    assert client.changed_at == float("-inf")
    clock.advance(5)
    client.until(2000).create("a", faulty())
    assert client.changed_at == 1005


def test_a_change_that_failed_is_noted_too(client: Client, clock: FakeClock) -> None:
    with pytest.raises(NotFound):
        client.delete("absent")
    assert client.changed_at == clock.now()


def test_threads_share_connections_and_leave_none_behind(worker: FakeWorker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_for(worker.url)
    ready = threading.Barrier(70)

    def work() -> None:
        ready.wait()
        for _ in range(3):
            client.connectors()

    for _ in range(2):
        threads = [threading.Thread(target=work) for _ in range(70)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(worker.requests) == 2 * 70 * 3
    assert worker.accepted_connections <= 70
    assert "pool is full" not in caplog.text
    client.close()


def test_connections_are_kept_from_one_request_to_the_next(worker: FakeWorker, client: Client) -> None:
    for _ in range(5):
        client.connectors()
    client.until(2000).with_retry(1).connectors()
    assert worker.accepted_connections == 1


def test_close_closes_connections_and_the_client_can_go_on(worker: FakeWorker) -> None:
    with client_for(worker.url) as client:
        client.connectors()
    client.connectors()
    assert worker.accepted_connections == 2
    client.until(2000).close()
    client.connectors()
    assert worker.accepted_connections == 3


# The group of fake workers


def test_a_follower_sees_a_change_a_moment_later() -> None:
    clock = FakeClock()
    with fake_group(2, lag=0.5, clock=clock) as (leader, follower):
        late = client_for(follower.url, clock=clock)
        client_for(leader.url, clock=clock).create("a", faulty())
        with pytest.raises(NotFound):
            late.config("a")
        clock.advance(0.5)
        assert late.config("a")["rate"] == "1"
        late.delete("a")
        assert late.connectors() == ["a"]
        assert client_for(leader.url, clock=clock).connectors() == []
