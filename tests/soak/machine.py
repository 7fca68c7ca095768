"""The long run of the state machine: `python -m tests.soak --machine STEPS`."""

from __future__ import annotations

import random
import time

from tests.support.machine import OwnershipMachine, run_machine

EXAMPLES, LONGEST = 20, 50
"""How many examples one number makes, and how many steps each has at most."""


def run(steps: int, number: int) -> int:
    """Run at least so many steps; what the machine finds ends the run with the steps that lead to it."""
    chance, began = random.Random(number), time.monotonic()
    while OwnershipMachine.steps < steps:
        seed = chance.randrange(10**9)
        try:
            run_machine(EXAMPLES, LONGEST, seed)
        finally:
            took = time.monotonic() - began
            print(f"machine: steps: {OwnershipMachine.steps}, seconds: {took:.0f}, examples of {seed} done", flush=True)
    return 0
