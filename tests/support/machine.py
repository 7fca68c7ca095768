"""The state machine that searches for defects of ownership; `tests.support.world` has its operations and its oracle."""

from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from pulumi_kafka_connectors.core.values import Secret
from tests.support.names import faulty
from tests.support.world import FAULT_KINDS, MASKED, NAMES, NORMAL, TARGETS, Conditions, World

PROGRAMS = st.integers(0, 1)
NAMED = st.sampled_from(NAMES)
ADOPT = st.sampled_from([False, "same", True, True])
STATES = st.sampled_from([None, "running", "paused", "stopped"])
FAULT_TARGETS = [*TARGETS, *["create", "config", "status"] * 3]
LOST_RESPONSES = ["lost, acted", "empty, acted", "failed, acted", "gateway, acted"]
FAULTS = st.tuples(st.sampled_from(FAULT_TARGETS), st.sampled_from(list(FAULT_KINDS)), st.sampled_from([1, 1, 3]))
VERSIONS = st.sampled_from(["4.3.0", "4.3.0", "3.7.2", "3.6.2", "2.8.2"])
INTERRUPTED = st.sampled_from([0.0, 0.05, 0.2, 0.5, 1.0, 3.0])
OPTIONS = st.one_of(
    st.just({}),
    st.builds(
        lambda rollback, wait, settle: {"rollback": rollback, "wait": wait, "settle": settle},
        st.sampled_from([None, False]),
        st.sampled_from([None, None, False]),
        st.sampled_from([None, None, 0, 3]),
    ),
)
"""Inputs that say how operations work; None for what is no longer declared."""
OFFSETS = [{"partition": {"p": "1"}, "offset": {"o": 1.0}}], [{"partition": {"p": "1"}, "offset": {"o": 2.0}}]


def _config(rate: str, password: str, pin: str | None) -> dict[str, Any]:
    return {**faulty(), "rate": rate, MASKED: password, **({"pin": pin} if pin else {})}


def _declared(rate: str, password: str, pin: str | None) -> dict[str, Any]:
    config = _config(rate, password, pin)
    return {**config, "pin": Secret(pin)} if pin else config


RATES = st.sampled_from(["1", "1", "2", "3", "13"])
CONFIGS = st.builds(_declared, RATES, st.sampled_from(["hunter2-1", "hunter2-2"]), st.sampled_from([None, "pl4nted-1"]))
EXTERNAL_CONFIGS = st.builds(
    _config, RATES, st.sampled_from(["hunter2-1", "hunter2-3"]), st.sampled_from([None, None, "pl4nted-3"])
)
LOST_CREATION = st.builds(
    Conditions, faults=st.tuples(st.tuples(st.just("create"), st.sampled_from(LOST_RESPONSES), st.just(1)))
)
CONDITIONS = st.one_of(
    st.builds(Conditions, in_sync=st.booleans()),
    st.builds(Conditions, seconds=st.sampled_from([2, 6])),
    st.builds(
        Conditions,
        faults=st.lists(FAULTS, min_size=1, max_size=2).map(tuple),
        everywhere=st.booleans(),
        in_preview=st.booleans(),
        seconds=st.sampled_from([8, 30]),
    ),
    LOST_CREATION,
    st.builds(
        Conditions,
        concurrent=st.sampled_from(["change", "break", "pause", "delete", "adopt"]),
        seconds=st.sampled_from([3, 30]),
    ),
    st.builds(Conditions, interrupted=INTERRUPTED),
    st.builds(Conditions, interrupted=INTERRUPTED, concurrent=st.sampled_from(["change", "delete", "adopt"])),
    st.builds(
        Conditions,
        faults=st.lists(FAULTS, min_size=1, max_size=2).map(tuple),
        everywhere=st.booleans(),
        late=st.booleans(),
        interrupted=st.one_of(st.none(), INTERRUPTED),
    ),
)
FAILING_CONDITIONS = st.one_of(
    st.builds(Conditions, interrupted=INTERRUPTED),
    st.builds(Conditions, seconds=st.just(2)),
    st.builds(
        Conditions,
        faults=st.lists(FAULTS, min_size=1, max_size=2).map(tuple),
        everywhere=st.just(True),
        late=st.booleans(),
        interrupted=st.one_of(st.none(), INTERRUPTED),
        seconds=st.sampled_from([2, 30]),
    ),
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "config": CONFIGS,
        "state": STATES,
        "offsets": st.sampled_from(OFFSETS),
        "restart": st.sampled_from(["1", "2"]),
    },
)
STATE_EDITS = st.sampled_from(
    [
        {},
        {"timeouts": {"delete": "soon"}, "adopt": "later"},
        {"config": 5, "state": "hibernating", "offsets": [5]},
        {"forget": "perhaps", "settle": "long", "validate": 7, "tasks": 3},
    ]
)


class OwnershipMachine(RuleBasedStateMachine):
    """Two programs, and changes by hand, on a group of three workers.

    Attributes:
        steps: the number of rules that this process has run so far.
    """

    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self._started = False

    def teardown(self) -> None:
        self.world.close()

    def check_invariants(self, *args: Any, **kwargs: Any) -> None:
        OwnershipMachine.steps += self._started  # the invariants are also checked before the first rule
        self._started = True
        super().check_invariants(*args, **kwargs)

    @initialize(version=VERSIONS)
    def start(self, version: str) -> None:
        self.world.all_workers(version=version)

    # Programs

    @rule(
        number=PROGRAMS,
        name=NAMED,
        config=CONFIGS,
        state=STATES,
        offsets=st.sampled_from([None, None, *OFFSETS]),
        adopt=ADOPT,
        options=OPTIONS,
        anew=st.booleans(),
        conditions=st.one_of(CONDITIONS, LOST_CREATION),
    )
    def declare(  # noqa: PLR0913, PLR0917 - one for each strategy
        self,
        number: int,
        name: str,
        config: Any,
        state: str | None,
        offsets: Any,
        adopt: Any,
        options: dict[str, Any],
        anew: bool,
        conditions: Conditions,
    ) -> None:
        if anew:
            for either in range(2):
                self.world.forget(either, name)
            self.world.change_externally("delete", name, {})
        if name not in self.world.programs[number].resources:
            declared = {"name": name, "config": config, "adopt": adopt, "state": state, "offsets": offsets, **options}
            self.world.create(number, {key: value for key, value in declared.items() if value is not None}, conditions)

    @rule(number=PROGRAMS, name=NAMED)
    def run_up_again(self, number: int, name: str) -> None:
        self.world.change(number, name, {}, NORMAL)

    @rule(
        number=PROGRAMS,
        name=NAMED,
        existing=EXTERNAL_CONFIGS,
        config=CONFIGS,
        adopt=ADOPT,
        masked=st.booleans(),
        conditions=CONDITIONS,
    )
    def adopt(  # noqa: PLR0913, PLR0917 - one for each strategy
        self, number: int, name: str, existing: Any, config: Any, adopt: Any, masked: bool, conditions: Conditions
    ) -> None:
        self.world.all_workers(masks={MASKED} if masked else set())
        self.world.forget(number, name)
        self.world.change_externally("delete", name, existing)
        self.world.change_externally("create", name, existing)
        self.world.create(number, {"name": name, "config": config, "adopt": adopt}, conditions)

    @rule(number=PROGRAMS, name=NAMED, config=CONFIGS, options=OPTIONS, conditions=CONDITIONS)
    def change_the_configuration(
        self, number: int, name: str, config: Any, options: dict[str, Any], conditions: Conditions
    ) -> None:
        self.world.change(number, name, {"config": config, **options}, conditions)

    @rule(number=PROGRAMS, name=NAMED, config=CONFIGS, state=STATES, options=OPTIONS, conditions=CONDITIONS)
    def change_both(
        self, number: int, name: str, config: Any, state: str | None, options: dict[str, Any], conditions: Conditions
    ) -> None:
        self.world.change(number, name, {"config": config, "state": state, **options}, conditions)

    @rule(number=PROGRAMS, name=NAMED, state=STATES, options=OPTIONS, conditions=CONDITIONS)
    def change_the_state(
        self, number: int, name: str, state: str | None, options: dict[str, Any], conditions: Conditions
    ) -> None:
        self.world.change(number, name, {"state": state, **options}, conditions)

    @rule(number=PROGRAMS, name=NAMED, options=OPTIONS, conditions=CONDITIONS)
    def change_the_options(self, number: int, name: str, options: dict[str, Any], conditions: Conditions) -> None:
        self.world.change(number, name, options, conditions)

    @rule(number=PROGRAMS, name=NAMED, restart=st.integers(1, 3), options=OPTIONS, conditions=CONDITIONS)
    def restart(self, number: int, name: str, restart: int, options: dict[str, Any], conditions: Conditions) -> None:
        self.world.change(number, name, {"restart": str(restart), **options}, conditions)

    @rule(
        number=PROGRAMS,
        name=NAMED,
        change=st.fixed_dictionaries({"offsets": st.sampled_from(OFFSETS)}, optional={"config": CONFIGS, "state": STATES}),
        options=OPTIONS,
        rejected=st.booleans(),
        conditions=CONDITIONS,
    )
    def change_the_offsets(
        self,
        number: int,
        name: str,
        change: dict[str, Any],
        options: dict[str, Any],
        rejected: bool,
        conditions: Conditions,
    ) -> None:
        if rejected:
            conditions = Conditions(faults=(("offsets", "invalid", 3),), everywhere=True)
        self.world.change(number, name, {**change, **options}, conditions)

    @rule(
        name=NAMED,
        change=CHANGES,
        password=st.sampled_from([None, "hunter2-1", "hunter2-2"]),
        options=st.one_of(OPTIONS, st.just({"rollback": False, "wait": None})),
        masked=st.booleans(),
        conditions=FAILING_CONDITIONS,
        between=st.sampled_from(["", "", "refresh", "options", "interrupted"]),
        config=CONFIGS,
    )
    def fail_and_go_on(  # noqa: PLR0913, PLR0917 - one for each strategy
        self,
        name: str,
        change: dict[str, Any],
        password: str | None,
        options: dict[str, Any],
        masked: bool,
        conditions: Conditions,
        between: str,
        config: Any,
    ) -> None:
        self.world.all_workers(masks={MASKED} if masked else set())
        resource = self.world.programs[0].resources.get(name)
        if password and resource is not None:
            change = {**change, "config": {**resource.declared["config"], MASKED: password}}
        self.world.change(0, name, {**change, **options}, conditions)
        match between:
            case "refresh":
                self.world.refresh(0, name, NORMAL)
            case "options":
                self.world.change(0, name, {"settle": 1}, NORMAL)
            case "interrupted":
                self.world.change(0, name, {"config": config}, Conditions(interrupted=0.05))
        self.world.change(0, name, {}, NORMAL)

    @rule(number=PROGRAMS, name=NAMED, adopt=st.sampled_from(["same", True]), conditions=CONDITIONS)
    def rename_the_resource(self, number: int, name: str, adopt: Any, conditions: Conditions) -> None:
        self.world.rename(number, name, adopt=adopt, conditions=conditions)

    @rule(number=PROGRAMS, name=NAMED, conditions=CONDITIONS)
    def refresh_or_import(self, number: int, name: str, conditions: Conditions) -> None:
        self.world.refresh(number, name, conditions)

    @rule(number=PROGRAMS, name=NAMED, edits=STATE_EDITS, conditions=CONDITIONS)
    def destroy(self, number: int, name: str, edits: Any, conditions: Conditions) -> None:
        self.world.destroy(number, name, conditions, edits)

    @rule(number=PROGRAMS, first=st.integers(0, 2))
    def start_another_run(self, number: int, first: int) -> None:
        self.world.programs[number].start(first)

    @rule(number=PROGRAMS, name=NAMED)
    def use_addresses_of_another_cluster(self, number: int, name: str) -> None:
        self.world.move_to_another_cluster(number, name)

    # Changes by hand, and the workers

    @rule(
        kind=st.sampled_from(["create", "create", "change", "pause", "stop", "resume", "delete", "break"]),
        name=NAMED,
        config=EXTERNAL_CONFIGS,
    )
    def change_externally(self, kind: str, name: str, config: Any) -> None:
        self.world.change_externally(kind, name, config)

    @rule(masks=st.sampled_from([set(), {MASKED}]), mask=st.sampled_from(["********", "••••", "[hidden]"]))
    def mask(self, masks: set[str], mask: str) -> None:
        self.world.all_workers(masks=masks, mask=mask)

    @rule(lag=st.sampled_from([0.0, 0.3, 2.0]))
    def lag(self, lag: float) -> None:
        for follower in self.world.workers[1:]:
            follower.lag = lag

    @rule(start_delay=st.sampled_from([0.0, 3.0, 20.0]), config_delay=st.sampled_from([0.0, 3.0, 20.0]))
    def be_slow(self, start_delay: float, config_delay: float) -> None:
        self.world.all_workers(start_delay=start_delay, config_delay=config_delay)


def run_machine(examples: int, steps: int, number: int | None = None, *, shrink: bool = True) -> None:
    """Run examples of up to `steps` steps each, always the same ones; with a number, random ones of this seed.

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
