"""A short run of the state machine: see `tests.support.machine`."""

from __future__ import annotations

from tests.support.machine import OwnershipMachine, run_machine


def test_a_short_run_finds_no_violation() -> None:
    before = OwnershipMachine.steps
    run_machine(examples=20, steps=30)
    assert OwnershipMachine.steps - before > 300
