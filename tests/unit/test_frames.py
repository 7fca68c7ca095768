"""How much of the call stack is stored; that it is so with the real SDK is seen in the engine tests."""

from __future__ import annotations

import runpy
import sys
import traceback
from pathlib import Path
from threading import Thread

import pytest

from pulumi_kafka_connectors import frames

PROGRAM = """
import traceback
from pulumi_kafka_connectors import frames

class Resource:
    def __init__(self):
        with frames.of_program():
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


def test_it_ends_with_the_block_whatever_happens_in_it(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.replace("below(6)", "1 / 0"))
    with pytest.raises(ZeroDivisionError):
        runpy.run_path(str(file), run_name="__main__")
    assert not hasattr(sys, "tracebacklimit")


def test_a_limit_that_somebody_has_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 3, raising=False)
    with frames.of_program():
        assert sys.tracebacklimit == 3
    assert sys.tracebacklimit == 3


def test_without_a_main_module_everything_is_kept() -> None:
    # A thread has no module below it.
    seen: list[bool] = []

    def declare() -> None:
        with frames.of_program():
            seen.append(hasattr(sys, "tracebacklimit"))
            traceback.extract_stack()

    thread = Thread(target=declare)
    thread.start()
    thread.join()
    assert seen == [False]
