"""A short run of the state machine: see `tests.support.machine`."""

from __future__ import annotations

import pytest

from tests.support.machine import OwnershipMachine, run_machine


@pytest.mark.parametrize("examples", [8, pytest.param(40, marks=pytest.mark.slow)])
def test_a_short_run_finds_no_violation(examples: int) -> None:
    before = OwnershipMachine.steps
    run_machine(examples=examples, steps=30)
    assert OwnershipMachine.steps - before > 15 * examples
