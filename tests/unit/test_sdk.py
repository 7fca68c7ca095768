"""SDK workarounds without the plugin process, which tests/wire/test_sdk.py covers; engine tests cover stored frames."""

from __future__ import annotations

import runpy
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest

from pulumi_kafka_connectors.dynamic import sdk
from pulumi_kafka_connectors.dynamic.sdk import allow_operations, frames_of_program, hide_tracebacks, show_tracebacks

# Threads


def test_no_other_process_is_touched() -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        assert pool.submit(allow_operations).result() is None
        assert allow_operations() is None
        assert pool._max_workers == 2


def test_a_main_of_another_shape_is_left_alone() -> None:
    found: list[int | None] = []
    for local in ("", "server = 1", "server = type('S', (), {'_state': None})()"):
        code = f"def main():\n    {local or 'pass'}\n    found.append(allow('9'))\nmain()"
        exec(compile(code, "other", "exec"), {"__package__": "pulumi.dynamic", "found": found, "allow": allow_operations})
    assert found == [None, None, None]


@pytest.mark.parametrize(
    ("wanted", "expected"), [(None, 64), ("", 64), ("x", 64), ("-1", 64), ("6", 6), ("2", 3), ("0", 3), ("100", 100)]
)
def test_the_hosts_pool_is_widened_and_never_narrowed(wanted: str | None, expected: int) -> None:
    code = (
        "def main():\n"
        "    server = type('S', (), {'_state': type('T', (), {'thread_pool': pool})()})()\n"
        "    found.append(allow(wanted))\n"
        "main()"
    )
    with ThreadPoolExecutor(max_workers=3) as pool:
        found: list[int | None] = []
        names = {"found": found, "allow": allow_operations, "wanted": wanted, "pool": pool}
        exec(compile(code, "main", "exec"), {**names, "__package__": "pulumi.dynamic"})
        assert (found, pool._max_workers) == ([expected], expected)


# Frames

PROGRAM = """
import traceback
from pulumi_kafka_connectors.dynamic.sdk import frames_of_program

class Resource:
    def __init__(self):
        with frames_of_program():
            below(6)

def below(more):
    below(more - 1) if more else found.extend(traceback.extract_stack())

found = []

def declare():
    Resource()

declare()
"""


def test_the_frames_of_the_program_are_kept_and_those_that_run_it_are_not(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    found = runpy.run_path(str(file), run_name="__main__")["found"]
    assert [frame.name for frame in found] == ["<module>", "declare", "__init__", *["below"] * 7]
    assert not hasattr(sys, "tracebacklimit")


def test_the_limit_ends_with_the_block_even_after_an_error(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.replace("below(6)", "1 / 0"))
    with pytest.raises(ZeroDivisionError):
        runpy.run_path(str(file), run_name="__main__")
    assert not hasattr(sys, "tracebacklimit")


def test_an_existing_limit_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 3, raising=False)
    with frames_of_program():
        assert sys.tracebacklimit == 3
    assert sys.tracebacklimit == 3


def test_without_a_main_module_everything_is_kept() -> None:
    # A thread has no module frame at its bottom.
    seen: list[bool] = []

    def declare() -> None:
        with frames_of_program():
            seen.append(hasattr(sys, "tracebacklimit"))
            traceback.extract_stack()

    thread = Thread(target=declare)
    thread.start()
    thread.join()
    assert seen == [False]


# Tracebacks


@pytest.fixture
def limits() -> Iterator[None]:
    """Every test starts without a limit."""
    yield
    sdk._failed.clear()
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


def printed() -> str:
    """The output of the host for an exception."""

    def operation() -> None:
        raise RuntimeError("told")

    try:
        operation()
    except RuntimeError:
        return traceback.format_exc()
    raise AssertionError


def in_thread(call: object) -> None:
    thread = Thread(target=call)  # type: ignore[arg-type]
    thread.start()
    thread.join()


@pytest.mark.usefixtures("limits")
def test_a_failure_is_printed_alone_until_the_next_operation_begins() -> None:
    whole = printed()
    assert "Traceback" in whole
    hide_tracebacks()
    assert printed() == "RuntimeError: told\n"
    show_tracebacks()
    assert printed().count("\n") == whole.count("\n")
    assert not hasattr(sys, "tracebacklimit")


@pytest.mark.usefixtures("limits")
def test_an_existing_limit_is_restored() -> None:
    sys.tracebacklimit = 7
    hide_tracebacks()
    hide_tracebacks()
    assert sys.tracebacklimit == 0
    show_tracebacks()
    assert sys.tracebacklimit == 7


@pytest.mark.usefixtures("limits")
def test_an_operation_without_a_failure_before_it_changes_nothing() -> None:
    sys.tracebacklimit = 7
    show_tracebacks()
    assert sys.tracebacklimit == 7
    del sys.tracebacklimit
    show_tracebacks()
    assert not hasattr(sys, "tracebacklimit")


@pytest.mark.usefixtures("limits")
def test_the_failure_of_another_thread_that_may_not_be_printed_yet_stays_hidden() -> None:
    in_thread(hide_tracebacks)
    hide_tracebacks()
    show_tracebacks()
    assert sys.tracebacklimit == 0
    # The other thread ended long ago, or starts its next operation.
    sdk._failed.update(dict.fromkeys(sdk._failed, -sdk._FORMATTING_SECONDS))
    show_tracebacks()
    assert not hasattr(sys, "tracebacklimit")
    assert threading.get_ident() not in sdk._failed
