"""Two programs and other people on a group of workers that misbehaves: see `tests.support.machine`."""

from __future__ import annotations

from tests.support.machine import OwnershipMachine, run_machine


def test_nothing_is_lost_and_nothing_is_told_in_a_short_run() -> None:
    before = OwnershipMachine.steps
    run_machine(examples=20, steps=30)
    assert OwnershipMachine.steps - before > 300
