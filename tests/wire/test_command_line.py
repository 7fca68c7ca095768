"""The console command against a worker that is none."""

from __future__ import annotations

import contextlib
import json
import math
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.cli import loggers, main, restart, status
from pulumi_kafka_connectors.cli.command import arguments
from pulumi_kafka_connectors.cli.options import NO_WORKER
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn, operation_on
from tests.support.worker import FakeWorker, Fault, fake_group, fake_worker

COMMAND = str(Path(sys.executable).parent / "pulumi-kafka-connectors")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
TRACE = "org.Oops: no\n\tat x.Y\nCaused by: java.lang.Boom: the reason"
CAUSE = "org.Oops: no (caused by java.lang.Boom: the reason)"
FAILED = f"task 0 failed on 127.0.0.1:8083: {CAUSE}"


def exists(worker: FakeWorker, name: str, state: str = "RUNNING", broken: str = "") -> None:
    worker.connectors[name] = {
        "config": {**faulty(), "name": name},
        "state": state,
        **({"broken": broken} if broken else {}),
    }


Captured = pytest.CaptureFixture[str]


# Status


def test_a_failure_is_shown_with_its_root_cause_and_ends_with_1(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "b", broken=TRACE)
    exists(worker, "a")
    assert main(["status", "--url", worker.url]) == 1
    assert capsys.readouterr().out == (
        "CONNECTOR  TYPE    TASK  STATE    WORKER\n"
        "a          source        RUNNING  127.0.0.1:8083\n"
        "                   0     RUNNING  127.0.0.1:8083\n"
        "b          source        RUNNING  127.0.0.1:8083\n"
        "                   0     FAILED   127.0.0.1:8083\n"
        f"    {CAUSE}\n"
    )


@pytest.mark.parametrize(("names", "code"), [(["a"], 0), (["a", "b"], 1), (["nope"], 1), ([], 1)])
def test_only_what_is_asked_for_decides_about_the_exit_code(
    worker: FakeWorker, names: list[str], code: int, capsys: Captured
) -> None:
    exists(worker, "a")
    exists(worker, "b", broken=TRACE)
    assert main(["status", "--url", worker.url, "--json", *names]) == code
    assert [one["name"] for one in json.loads(capsys.readouterr().out)["connectors"]] == (names or ["a", "b"])


def test_metrics_are_of_every_connector(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a", "PAUSED")
    assert main(["status", "--url", worker.url, "--prometheus"]) == 0
    assert 'kafka_connect_connector_state{connector="a",type="source",state="paused"} 1\n' in capsys.readouterr().out


def test_secrets_are_in_no_form_of_the_status(worker: FakeWorker, capsys: Captured) -> None:
    worker.connectors["a"] = {"config": {**faulty(pin="hunter2"), "name": "a"}, "state": "RUNNING", "broken": "no hunter2"}
    for form in ((), ("--json",), ("--json", "--trace"), ("--trace",), ("--prometheus",)):
        assert main(["status", "--url", worker.url, *form]) == 1
    shown = capsys.readouterr().out
    assert "hunter2" not in shown
    assert shown.count("[hidden]") > 3


def test_without_a_worker_the_exit_code_is_3_and_metrics_say_so(worker: FakeWorker, capsys: Captured) -> None:
    worker.stop()
    assert main(["status", "--url", worker.url, "--prometheus", "--timeout", "0.1"]) == NO_WORKER
    shown = capsys.readouterr()
    assert "\nkafka_connect_up 0\n" in shown.out
    assert shown.err.startswith("pulumi-kafka-connectors: no worker answers: ")


def test_a_worker_that_is_starting_does_not_answer(worker: FakeWorker, capsys: Captured) -> None:
    worker.faults = [Fault(".*", 404, b"<html/>", times=99)]
    assert main(["status", "--url", worker.url, "--timeout", "0.1"]) == NO_WORKER


@pytest.mark.parametrize(("code", "words"), [(401, "user name and password or token are missing or wrong"), (403, "")])
def test_a_refused_login_is_an_answer(worker: FakeWorker, code: int, words: str, capsys: Captured) -> None:
    worker.faults = [Fault(".*", code, b"", times=99)]
    assert main(["status", "--url", worker.url]) == 2
    assert words in capsys.readouterr().err


def test_a_worker_that_can_be_used_comes_before_one_that_refuses(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a")
    worker.faults = [Fault("GET /", delay=0.1)]
    with fake_worker() as other:
        other.faults = [Fault(".*", 403, b"", times=99)]
        assert main(["status", "--url", f"{other.url},{worker.url}"]) == 0
    assert "RUNNING" in capsys.readouterr().out


def test_a_gateway_may_refuse_the_address_that_is_looked_at_first(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a")
    worker.faults = [Fault("GET /", 403, b"", times=9)]
    assert main(["status", "--url", worker.url]) == 0


@contextlib.contextmanager
def silent_address() -> Iterator[str]:
    """The address of something that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_worker_that_answers_is_used_while_another_hangs(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a")
    with silent_address() as silent:
        began = time.monotonic()
        assert main(["status", "--url", f"{silent},{worker.url}"]) == 0
        assert time.monotonic() - began < 5
    assert "RUNNING" in capsys.readouterr().out


@pytest.mark.slow
def test_a_worker_that_hangs_is_told_within_three_seconds(capsys: Captured) -> None:
    with silent_address() as silent:
        began = time.monotonic()
        assert main(["status", "--url", silent]) == NO_WORKER
        assert time.monotonic() - began < 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"pulumi-kafka-connectors: no worker answers: GET {silent}/: no answer within 2 s")


@pytest.mark.slow
def test_the_command_ends_with_its_timeout(worker: FakeWorker, capsys: Captured) -> None:
    worker.faults = [Fault("GET /connectors", delay=60, times=9)]
    began = time.monotonic()
    assert main(["status", "--url", worker.url, "--timeout", "0.1"]) == NO_WORKER
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_an_output_that_nobody_reads_is_no_traceback(worker: FakeWorker) -> None:
    for number in range(2000):
        exists(worker, f"connector-{number}")
    command = f"{COMMAND} status --url {worker.url} | head -1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.stdout.startswith("CONNECTOR")
    assert result.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(("answers", "up"), [(True, "1"), (False, "0")])
def test_the_script_for_the_textfile_collector_writes_the_metrics_whole(
    worker: FakeWorker, tmp_path: Path, answers: bool, up: str
) -> None:
    script = next(block for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL) if "#!/bin/sh" in block)
    exists(worker, "a", broken=TRACE)
    url = worker.url if answers else "http://127.0.0.1:1"
    environment = {"PATH": f"{Path(COMMAND).parent}:/usr/bin:/bin", "KAFKA_CONNECT_URL": url}
    script = script.replace("--timeout 30", "--timeout 1") if not answers else script
    subprocess.run(["sh", "-c", script, "sh", str(tmp_path)], env=environment, check=True, capture_output=True)
    assert [file.name for file in tmp_path.iterdir()] == ["kafka_connect.prom"]
    assert f"\nkafka_connect_up {up}\n" in (tmp_path / "kafka_connect.prom").read_text()


@pytest.mark.slow
def test_the_script_for_the_textfile_collector_keeps_the_last_metrics_when_it_cannot_run(tmp_path: Path) -> None:
    script = next(block for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL) if "#!/bin/sh" in block)
    (tmp_path / "kafka_connect.prom").write_text("kept")
    environment = {"PATH": f"{Path(COMMAND).parent}:/usr/bin:/bin"}
    subprocess.run(["sh", "-c", script, "sh", str(tmp_path)], env=environment, check=True, capture_output=True, cwd=tmp_path)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["kept"]


# Watching


def on_a_terminal(*given: str, until: str) -> tuple[int, str]:
    """Run the command on a terminal, press Ctrl-C when `until` matches what it shows; its exit code and output."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen([COMMAND, *given], stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = ""
        while not re.search(until, shown, re.DOTALL):
            shown += os.read(ours, 65536).decode()
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # what Linux answers when the other end is closed
            while more := os.read(ours, 65536).decode():
                shown += more
    os.close(ours)
    return process.returncode, shown


@pytest.mark.slow
def test_a_terminal_shows_each_look_in_the_same_place(worker: FakeWorker) -> None:
    exists(worker, "a")
    worker.faults = [Fault("GET /connectors", act=True, times=1)]
    code, shown = on_a_terminal("status", "--url", worker.url, "--watch", "0.1", until="(RUNNING.*){6}")
    assert code == 0
    assert "\x1b[1A" in shown, "the cursor goes up for the next look"
    assert "Traceback" not in shown


@pytest.mark.slow
def test_while_it_watches_a_worker_may_go_away(worker: FakeWorker) -> None:
    exists(worker, "a")
    worker.connectors["a"]["broken"] = "[bold]org.Oops\x1b[2J"
    worker.faults = [Fault("GET /", times=2), Fault("GET /", 404, b"", times=9999)]
    code, shown = on_a_terminal("status", "--url", worker.url, "--watch", "0.1", until="FAILED.*no worker answers")
    assert code == NO_WORKER
    assert "[bold]org.Oops\ufffd[2J" in shown
    assert "\x1b[2J" not in shown


def test_json_of_a_watch_is_one_line_for_each_look(
    operation: OperationOn, worker: FakeWorker, clock: FakeClock, capsys: Captured
) -> None:
    exists(worker, "a")
    asked = parsed("status", "--watch", "5", "--json")
    asked.deadline = clock.now() + 12
    assert status.run(operation, asked) == 0
    assert [json.loads(line)["healthy"] for line in capsys.readouterr().out.splitlines()] == [True] * 3


# Restart


def parsed(*given: str) -> Any:
    asked = arguments().parse_args(given)
    asked.deadline = math.inf
    return asked


def restarted(operation: OperationOn, *given: str) -> int:
    return restart.run(operation, parsed("restart", *given))


def posts(worker: FakeWorker) -> list[str]:
    return [line for line in worker.lines() if line.startswith("POST")]


def failing_until(worker: FakeWorker, restarts: int) -> None:
    """Every connector fails until it was restarted so many times."""
    worker.failing = lambda _config: TRACE if len(posts(worker)) < restarts else None


def test_what_failed_is_restarted_and_nothing_else(operation: OperationOn, worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a", broken=TRACE)
    exists(worker, "b")
    exists(worker, "paused", "PAUSED", broken=TRACE)
    exists(worker, "stopped", "STOPPED")
    assert restarted(operation, "--failed") == 0
    assert worker.writes() == ["POST /connectors/a/restart"]
    assert [request.query for request in worker.requests if request.method == "POST"] == [
        {"includeTasks": ["true"], "onlyFailed": ["true"]}
    ]
    assert capsys.readouterr().out == (f"a: {FAILED}: restarting (1 of 3)\na: running\npaused: left alone: it is paused\n")


def test_before_kafka_3_the_tasks_that_failed_are_restarted_one_by_one(clock: FakeClock) -> None:
    with fake_worker("2.8.2", clock) as worker, operation_on(worker.url, clock=clock) as operation:
        exists(worker, "a", broken=TRACE)
        assert restarted(operation, "--failed") == 0
        assert worker.writes() == ["POST /connectors/a/tasks/0/restart"]


def test_what_fails_again_is_restarted_after_growing_pauses(
    operation: OperationOn, worker: FakeWorker, clock: FakeClock, capsys: Captured
) -> None:
    exists(worker, "a")
    failing_until(worker, 3)
    assert restarted(operation, "--failed") == 0
    assert len(posts(worker)) == 3
    assert [seconds for seconds in clock.sleeps if seconds > 1] == [5, 10]
    assert capsys.readouterr().out.splitlines() == [
        f"a: {FAILED}: restarting (1 of 3)",
        f"a: failed again: {FAILED}",
        "a: restarting (2 of 3)",
        f"a: failed again: {FAILED}",
        "a: restarting (3 of 3)",
        "a: running",
    ]


def test_after_the_last_restart_it_is_told_what_is_still_failed(
    operation: OperationOn, worker: FakeWorker, capsys: Captured
) -> None:
    exists(worker, "a")
    failing_until(worker, 99)
    assert restarted(operation, "--failed", "--max-restarts", "2") == 1
    assert len(posts(worker)) == 2
    assert capsys.readouterr().out.splitlines()[-1] == f"a: failed again: {FAILED}"


def test_no_restart_begins_after_the_time_is_up(operation: OperationOn, worker: FakeWorker, clock: FakeClock) -> None:
    exists(worker, "a")
    failing_until(worker, 99)
    asked = parsed("restart", "--failed", "--max-restarts", "9")
    asked.deadline = clock.now() + 30
    assert restart.run(operation, asked) == 1
    assert clock.now() <= 1030
    assert len(posts(worker)) == 3


def test_what_never_starts_is_not_waited_for_without_end(
    operation: OperationOn, worker: FakeWorker, clock: FakeClock, capsys: Captured
) -> None:
    exists(worker, "a", broken=TRACE)
    worker.connectors["a"]["runs"] = math.inf
    assert restarted(operation, "a") == 1
    assert clock.now() - 1000 <= 120
    assert capsys.readouterr().out.splitlines()[-1] == "a: not running yet: task 0 is unassigned"


def test_a_connector_that_is_paused_during_the_pause_is_left_alone(
    operation: OperationOn, worker: FakeWorker, clock: FakeClock, capsys: Captured
) -> None:
    exists(worker, "a")
    failing_until(worker, 99)
    clock.call_later(5, lambda: worker.connectors["a"].update(state="PAUSED"))
    assert restarted(operation, "--failed") == 0
    assert len(posts(worker)) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "a: left alone: it is paused"


def test_a_connector_that_is_deleted_meanwhile_is_missing(
    operation: OperationOn, worker: FakeWorker, capsys: Captured
) -> None:
    exists(worker, "a", broken=TRACE)
    worker.faults = [Fault("POST /connectors/a/restart", 404, {"error_code": 404, "message": "Unknown connector: a"})]
    listed = operation.cluster.client.expanded

    def once(**kinds: bool) -> Any:
        found = listed(**kinds)
        worker.connectors.clear()
        return found

    operation.cluster.client.expanded = once  # type: ignore[method-assign]
    assert restarted(operation, "--failed") == 1
    assert capsys.readouterr().out.splitlines()[-1] == "a: not found: there is no such connector"


def test_a_refused_restart_is_told_and_the_others_go_on(
    operation: OperationOn, worker: FakeWorker, capsys: Captured
) -> None:
    exists(worker, "a", broken=TRACE)
    exists(worker, "b", broken=TRACE)
    worker.faults = [Fault("POST /connectors/a/restart", 403, {"error_code": 403, "message": "not you"}, times=9)]
    assert restarted(operation, "--failed", "--max-restarts", "1") == 1
    shown = capsys.readouterr().out
    assert "403 not you\n" in shown
    assert "b: running\n" in shown


def test_by_name_whole_connectors_are_restarted_once(operation: OperationOn, worker: FakeWorker, capsys: Captured) -> None:
    for name in ("a", "b"):
        exists(worker, name)
    assert restarted(operation, "a") == 0
    assert worker.writes() == ["POST /connectors/a/restart"]
    assert [request.query for request in worker.requests if request.method == "POST"] == [
        {"includeTasks": ["true"], "onlyFailed": ["false"]}
    ]
    assert capsys.readouterr().out == "a: restarting\na: running\n"


@pytest.mark.parametrize("state", ["PAUSED", "STOPPED"])
def test_by_name_a_paused_or_stopped_connector_is_left_alone_and_does_not_run(
    operation: OperationOn, worker: FakeWorker, state: str, capsys: Captured
) -> None:
    exists(worker, "a", state)
    assert restarted(operation, "a") == 1
    assert worker.writes() == []
    assert capsys.readouterr().out == f"a: left alone: it is {state.lower()}\n"


def test_a_name_that_is_not_there_is_told(operation: OperationOn, worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a")
    assert restarted(operation, "--failed", "a", "nope") == 1
    assert capsys.readouterr().out == "nope: not found: there is no such connector\n"


def test_where_nothing_failed_nothing_is_done(operation: OperationOn, worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a")
    assert restarted(operation, "--failed") == 0
    assert worker.writes() == []
    assert capsys.readouterr().out == "nothing has failed\n"


def test_a_dry_run_tells_what_would_be_restarted(operation: OperationOn, worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a", broken=TRACE)
    exists(worker, "b")
    assert restarted(operation, "--failed", "--dry-run") == 1
    assert restarted(operation, "b", "--dry-run") == 0
    assert worker.writes() == []
    assert capsys.readouterr().out == f"would restart a: {FAILED}\nwould restart b\n"


def test_json_of_a_restart_is_one_document(operation: OperationOn, worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a", broken=TRACE)
    exists(worker, "b", "PAUSED", broken=TRACE)
    assert restarted(operation, "--failed", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "dryRun": False,
        "connectors": [
            {"name": "a", "chosen": True, "restarts": 1, "failures": [FAILED], "outcome": "running", "reason": ""},
            {
                "name": "b", "chosen": False, "restarts": 0, "failures": [FAILED], "outcome": "held",
                "reason": "it is paused",
            },
        ],
    }  # fmt: skip


def test_secrets_are_in_no_report_of_a_restart(operation: OperationOn, worker: FakeWorker, capsys: Captured) -> None:
    worker.connectors["a\x1b"] = {
        "config": {**faulty(pin="hunter2"), "name": "a\x1b"}, "state": "RUNNING", "broken": "no hunter2\x1b"
    }  # fmt: skip
    restarted(operation, "--failed")
    shown = capsys.readouterr().out
    assert "hunter2" not in shown
    assert "\x1b" not in shown
    assert "a\ufffd: task 0 failed on 127.0.0.1:8083: no [hidden]\ufffd: restarting (1 of 3)" in shown


def test_a_worker_that_goes_away_while_it_waits_ends_with_3(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a", broken=TRACE)
    worker.faults = [Fault("POST /connectors/a/restart", close="now", times=99)]
    assert main(["restart", "--failed", "--url", worker.url, "--timeout", "0.2"]) == NO_WORKER
    assert "Traceback" not in capsys.readouterr().err


# Loggers


def levels(*given: str, code: int = 0) -> None:
    assert main(["loggers", *given]) == code


def test_levels_are_listed_shown_and_set_on_the_whole_cluster(worker: FakeWorker, capsys: Captured) -> None:
    levels("--url", worker.url, "org.apache", "debug")
    levels("--url", worker.url)
    levels("--url", worker.url, "root")
    assert [request.query for request in worker.requests if request.method == "PUT"] == [{"scope": ["cluster"]}]
    assert capsys.readouterr().out == (
        "org.apache is set to DEBUG on every worker of the cluster\n"
        "LOGGER      LEVEL\nroot        WARN\norg.apache  DEBUG\n"
        "LOGGER  LEVEL\nroot    WARN\n"
    )


def test_loggers_with_the_level_of_root_are_only_counted(worker: FakeWorker, capsys: Captured) -> None:
    for name, level in (("a", "WARN"), ("b", "INFO"), ("c", "WARN")):
        levels("--url", worker.url, name, level)
    capsys.readouterr()
    levels("--url", worker.url)
    assert capsys.readouterr().out == (
        "LOGGER  LEVEL\nroot    WARN\nb       INFO\n2 more with the level of root: --all lists them\n"
    )
    levels("--url", worker.url, "--all")
    assert capsys.readouterr().out == "LOGGER  LEVEL\nroot    WARN\na       WARN\nb       INFO\nc       WARN\n"


@pytest.mark.parametrize(("version", "puts"), [("3.9.1", 1), ("2.8.2", 2), ("custom", 1)])
def test_before_kafka_3_7_each_configured_worker_is_set(version: str, puts: int, capsys: Captured) -> None:
    with fake_group(2, version=version) as workers:
        urls = [worker.url for worker in workers]
        levels("--url", ",".join(urls), "root", "DEBUG")
        lines = [line for worker in workers for line in worker.writes()]
        assert lines == ["PUT /admin/loggers/root"] * puts
        shown = capsys.readouterr().out.splitlines()
        assert sorted(shown) == (
            sorted(f"root is set to DEBUG on {url}" for url in urls)
            if puts == 2
            else ["root is set to DEBUG on every worker of the cluster"]
        )


def test_a_worker_that_ignores_the_scope_leaves_nobody_out(capsys: Captured) -> None:
    with fake_group(2, version="custom") as workers:
        for worker in workers:
            worker.faults = [Fault("PUT /admin/loggers/root", 200, ["root"], times=9)]
        levels("--url", ",".join(worker.url for worker in workers), "root", "DEBUG")
        assert all("PUT /admin/loggers/root" in worker.writes() for worker in workers)
        assert capsys.readouterr().out.count("root is set to DEBUG on http://") == 2


def test_workers_with_different_levels_are_named(capsys: Captured) -> None:
    with fake_group(2, version="2.8.2") as (one, two):
        levels("--url", one.url, "root", "ERROR")
        levels("--url", f"{one.url},{two.url}")
        table = capsys.readouterr().out.splitlines()[1:]
        assert table == ["LOGGER  LEVEL  WORKER", f"root    ERROR  {one.url}", f"root    WARN   {two.url}"]


@pytest.mark.slow
def test_an_old_worker_that_does_not_answer_is_told_beside_the_others(capsys: Captured) -> None:
    with fake_group(2, version="2.8.2") as (one, two):
        two.faults = [Fault("PUT .*", close="now", times=99)]
        asked = parsed("loggers", "root", "DEBUG")
        with operation_on(one.url, two.url) as operation:
            assert loggers.run(operation, asked) == 1
        shown = capsys.readouterr()
        assert shown.out == f"root is set to DEBUG on {one.url}\n"
        assert two.url in shown.err


@pytest.mark.parametrize("version", ["4.3.0", "2.8.2"])
@pytest.mark.parametrize(
    ("given", "words"), [(["nope"], "Logger nope not found."), (["root", "loud"], "invalid log level 'LOUD'.")]
)
def test_a_logger_or_level_that_does_not_exist_is_told(version: str, given: list[str], words: str, capsys: Captured) -> None:
    with fake_worker(version) as worker:
        levels("--url", worker.url, *given, code=1)
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.out == ""


def test_json_of_levels(worker: FakeWorker, capsys: Captured) -> None:
    levels("--url", worker.url, "--json")
    levels("--url", worker.url, "root", "INFO", "--json")
    shown = capsys.readouterr().out
    first, end = json.JSONDecoder().raw_decode(shown)
    assert first == {"loggers": [{"name": "root", "level": "WARN", "workers": [worker.url]}]}
    assert json.loads(shown[end:]) == {"name": "root", "level": "INFO", "scope": "cluster"}


def test_workers_without_loggers_cannot_run_it(worker: FakeWorker, capsys: Captured) -> None:
    worker.faults = [Fault(".* /admin/.*", 404, {"error_code": 404, "message": "HTTP 404 Not Found"}, times=9)]
    levels("--url", worker.url, code=2)
    assert "does not support GET /admin/loggers" in capsys.readouterr().err
