"""The state machine that looks for defects of ownership: see `tests.support.world` for what it does and what must hold."""

from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from pulumi_kafka_connectors.core.values import Secret
from tests.support.names import faulty
from tests.support.world import FLAVOURS, MASKED, NAMES, TARGETS, Trouble, World

PROGRAMS = st.integers(0, 1)
NAMED = st.sampled_from(NAMES)
ADOPT = st.sampled_from([False, "same", True, True])
STATES = st.sampled_from([None, "running", "paused", "stopped"])
HIT = [*TARGETS, *["create", "config", "status"] * 3]
ACTED = ["lost, acted", "empty, acted", "failed, acted", "gateway, acted"]
FAULTS = st.tuples(st.sampled_from(HIT), st.sampled_from(list(FLAVOURS)), st.sampled_from([1, 1, 3]))
OFFSETS = [{"partition": {"p": "1"}, "offset": {"o": 1.0}}], [{"partition": {"p": "1"}, "offset": {"o": 2.0}}]


def _config(rate: str, password: str, pin: str | None) -> dict[str, Any]:
    return {**faulty(), "rate": rate, MASKED: password, **({"pin": pin} if pin else {})}


def _declared(rate: str, password: str, pin: str | None) -> dict[str, Any]:
    config = _config(rate, password, pin)
    return {**config, "pin": Secret(pin)} if pin else config


RATES = st.sampled_from(["1", "1", "2", "3", "13"])
CONFIGS = st.builds(_declared, RATES, st.sampled_from(["hunter2-1", "hunter2-2"]), st.sampled_from([None, "pl4nted-1"]))
OTHERS = st.builds(_config, RATES, st.sampled_from(["hunter2-1", "hunter2-3"]), st.sampled_from([None, None, "pl4nted-3"]))
TROUBLES = st.one_of(
    st.builds(Trouble, rested=st.booleans()),
    st.builds(Trouble, seconds=st.sampled_from([2, 6])),
    st.builds(
        Trouble,
        faults=st.lists(FAULTS, min_size=1, max_size=2).map(tuple),
        everywhere=st.booleans(),
        in_preview=st.booleans(),
        seconds=st.sampled_from([8, 30]),
    ),
    st.builds(Trouble, faults=st.tuples(st.tuples(st.just("create"), st.sampled_from(ACTED), st.just(1)))),
    st.builds(
        Trouble, meanwhile=st.sampled_from(["change", "spoil", "pause", "delete", "adopt"]), seconds=st.sampled_from([3, 30])
    ),
)
EDITS = st.sampled_from(
    [
        {},
        {"timeouts": {"delete": "soon"}, "adopt": "later"},
        {"config": 5, "state": "hibernating", "offsets": [5]},
        {"forget": "perhaps", "settle": "long", "validate": 7, "tasks": 3},
    ]
)


class OwnershipMachine(RuleBasedStateMachine):
    """Two programs and other people on one group of three workers.

    Attributes:
        steps: rules run by this process so far.
    """

    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self._begun = False

    def teardown(self) -> None:
        self.world.close()

    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        OwnershipMachine.steps += self._begun  # they are checked before the first rule too
        self._begun = True
        super().check_invariants(*args, **kwargs)

    # Programs

    @rule(number=PROGRAMS, name=NAMED, config=CONFIGS, state=STATES, adopt=ADOPT, trouble=TROUBLES)
    def declare(self, number: int, name: str, config: Any, state: str | None, adopt: Any, trouble: Trouble) -> None:
        if name not in self.world.programs[number].resources:
            declared = {"name": name, "config": config, "adopt": adopt, **({"state": state} if state else {})}
            self.world.create(number, declared, trouble)

    @rule(number=PROGRAMS, name=NAMED, theirs=OTHERS, config=CONFIGS, adopt=ADOPT, masked=st.booleans(), trouble=TROUBLES)
    def adopt(  # noqa: PLR0913, PLR0917 - as many as there are
        self, number: int, name: str, theirs: Any, config: Any, adopt: Any, masked: bool, trouble: Trouble
    ) -> None:
        self.world.all_workers(masks={MASKED} if masked else set())
        self.world.forget(number, name)
        self.world.others("delete", name, theirs)
        self.world.others("create", name, theirs)
        self.world.create(number, {"name": name, "config": config, "adopt": adopt}, trouble)

    @rule(number=PROGRAMS, name=NAMED, config=CONFIGS, trouble=TROUBLES)
    def change_the_configuration(self, number: int, name: str, config: Any, trouble: Trouble) -> None:
        self.world.change(number, name, {"config": config}, trouble)

    @rule(number=PROGRAMS, name=NAMED, config=CONFIGS, state=STATES, trouble=TROUBLES)
    def change_both(self, number: int, name: str, config: Any, state: str | None, trouble: Trouble) -> None:
        self.world.change(number, name, {"config": config, "state": state}, trouble)

    @rule(number=PROGRAMS, name=NAMED, state=STATES, trouble=TROUBLES)
    def change_the_state(self, number: int, name: str, state: str | None, trouble: Trouble) -> None:
        self.world.change(number, name, {"state": state}, trouble)

    @rule(number=PROGRAMS, name=NAMED, offsets=st.sampled_from(OFFSETS), refused=st.booleans(), trouble=TROUBLES)
    def change_the_offsets(self, number: int, name: str, offsets: Any, refused: bool, trouble: Trouble) -> None:
        if refused:
            trouble = Trouble(faults=(("offsets", "invalid", 3),), everywhere=True)
        self.world.change(number, name, {"offsets": offsets}, trouble)

    @rule(number=PROGRAMS, name=NAMED, adopt=st.sampled_from(["same", True]), trouble=TROUBLES)
    def rename_the_resource(self, number: int, name: str, adopt: Any, trouble: Trouble) -> None:
        self.world.rename(number, name, adopt=adopt, trouble=trouble)

    @rule(number=PROGRAMS, name=NAMED, trouble=TROUBLES)
    def refresh_or_import(self, number: int, name: str, trouble: Trouble) -> None:
        self.world.refresh(number, name, trouble)

    @rule(number=PROGRAMS, name=NAMED, edits=EDITS, trouble=TROUBLES)
    def destroy(self, number: int, name: str, edits: Any, trouble: Trouble) -> None:
        self.world.destroy(number, name, trouble, edits)

    @rule(number=PROGRAMS, first=st.integers(0, 2))
    def start_another_run(self, number: int, first: int) -> None:
        self.world.programs[number].start(first)

    @rule(number=PROGRAMS, name=NAMED)
    def use_addresses_of_another_cluster(self, number: int, name: str) -> None:
        self.world.elsewhere(number, name)

    # Others, and the workers

    @rule(
        deed=st.sampled_from(["create", "create", "change", "pause", "stop", "resume", "delete", "break"]),
        name=NAMED,
        config=OTHERS,
    )
    def others_come(self, deed: str, name: str, config: Any) -> None:
        self.world.others(deed, name, config)

    @rule(masks=st.sampled_from([set(), {MASKED}]), mask=st.sampled_from(["********", "••••", "[hidden]"]))
    def mask(self, masks: set[str], mask: str) -> None:
        self.world.all_workers(masks=masks, mask=mask)

    @rule(lag=st.sampled_from([0.0, 0.3, 2.0]))
    def lag(self, lag: float) -> None:
        for follower in self.world.workers[1:]:
            follower.lag = lag

    @rule(starts=st.sampled_from([0.0, 3.0, 20.0]), lags=st.sampled_from([0.0, 3.0, 20.0]))
    def be_slow(self, starts: float, lags: float) -> None:
        self.world.all_workers(starts=starts, lags=lags)


def run_machine(examples: int, steps: int, number: int | None = None, *, shrink: bool = True) -> None:
    """Run so many examples of up to so many steps each; with a number, a random run that this number repeats.

    Raises:
        Violation: with the steps that lead to it in its notes.
    """
    machine = type("Machine", (OwnershipMachine,), {})
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    run_state_machine_as_test(
        machine if number is None else seed(number)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=number is None,
            deadline=None,
            database=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
