"""Looking again and again: on a fake clock."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pulumi_kafka_connectors.cli.report import Part, Shown
from pulumi_kafka_connectors.cli.watching import Look, Show, watch
from pulumi_kafka_connectors.connect.states import State
from tests.support.clock import FakeClock

FINE = Look([Shown("a", "sink", Part(None, State.RUNNING))])
FAILED = Look([Shown("a", "sink", Part(None, State.FAILED))])
SILENT = Look(problem="no worker answers")


def watched(*looks: Look, deadline: float = math.inf) -> tuple[int, list[Look], FakeClock]:
    """Watch until there is no look left, then as after Ctrl-C; what was shown, and the clock."""
    clock, shown, left = FakeClock(0), list[Look](), list(looks)

    def look() -> Look:
        if not left:
            raise KeyboardInterrupt
        return left.pop(0)

    @contextmanager
    def screen() -> Iterator[Show]:
        yield shown.append

    return watch(look, screen(), 2, deadline, clock), shown, clock


@pytest.mark.parametrize(
    ("looks", "code"), [([FINE], 0), ([FINE, FAILED], 1), ([FAILED, FINE], 0), ([FINE, SILENT], 3), ([SILENT, FINE], 0)]
)
def test_after_ctrl_c_the_exit_code_is_that_of_the_last_look(looks: list[Look], code: int) -> None:
    assert watched(*looks)[:2] == (code, looks)


def test_every_look_is_shown_and_followed_by_a_pause() -> None:
    assert watched(FINE, FINE, FINE)[2].sleeps == [2, 2, 2]


def test_no_look_starts_after_the_deadline() -> None:
    code, shown, clock = watched(FINE, FAILED, FAILED, FINE, deadline=5)
    assert (code, shown, clock.now()) == (1, [FINE, FAILED, FAILED], 4)


def test_a_connector_that_is_not_there_is_a_failure() -> None:
    assert Look([Shown("a", found=False)]).code == 1
