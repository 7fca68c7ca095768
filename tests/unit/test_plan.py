"""The order that never runs the wrong thing: every state, every change, step by step."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from pulumi_kafka_connectors.connect.features import Features
from pulumi_kafka_connectors.connect.models import ConnectorStatus
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import plan
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.plan import RequestedChanges, missing_feature, plan_create, plan_update, undo_actions
from pulumi_kafka_connectors.core.spec import ConnectorSpec, Offset

OLD, NEW = {"connector.class": "C", "a": "1"}, {"connector.class": "C", "a": "2"}
NEWEST, KAFKA_2, UNKNOWN_VERSION = Features((4, 3, 0)), Features((2, 8, 2)), Features(None)
OFFSETS = (Offset({"p": 1}, {"o": 2}),)


def found(state: str) -> Observed:
    status = ConnectorStatus.model_validate({"name": "a", "connector": {"state": state}, "tasks": []})
    return Observed(OLD, status, "source")


def spec(config: dict[str, str] | None = None, state: str | None = None, **inputs: Any) -> ConnectorSpec:
    return ConnectorSpec("a", config or OLD, state=None if state is None else State(state), **inputs)


def words(steps: plan.Plan | list[plan.Action]) -> list[str]:
    """Each action in short form."""
    return [word(step.action if isinstance(step, plan.Step) else step) for step in steps]


def word(action: plan.Action) -> str:
    match action:
        case plan.Create(state):
            return f"create {state.word}"
        case plan.PutConfig(config):
            return "old config" if config == OLD else "config"
        case plan.SetState(state):
            return {"RUNNING": "resume", "PAUSED": "pause", "STOPPED": "stop"}[state.value]
        case plan.AwaitState(state):
            return f"wait {state.word}"
        case plan.RestartStaleTasks(wait):
            return f"restart stale tasks{' and wait' if wait else ''}"
        case _:
            return {"Delete": "delete", "ChangeOffsets": "offsets", "Restart": "restart"}[type(action).__name__]


# Observed -> declared: steps for a change of state only, and together with a new configuration.
TABLE: list[tuple[str, str | None, list[str], list[str]]] = [
    ("running", "running", [], ["config"]),
    ("running", "paused", ["pause"], ["pause", "config"]),
    ("running", "stopped", ["stop"], ["stop", "config"]),
    ("paused", "running", ["resume"], ["stop", "config", "resume"]),
    ("paused", "paused", [], ["config"]),
    ("paused", "stopped", ["stop"], ["stop", "config"]),
    ("stopped", "running", ["resume"], ["config", "resume"]),
    ("stopped", "paused", ["pause"], ["pause", "config"]),
    ("stopped", "stopped", [], ["config"]),
    ("running", None, [], ["config"]),
    ("paused", None, [], ["config"]),
    ("stopped", None, [], ["config"]),
    ("failed", None, [], ["config"]),
    ("failed", "stopped", ["stop"], ["stop", "config"]),
    ("unassigned", "paused", ["pause"], ["pause", "config"]),
]


@pytest.mark.parametrize(("live", "declared", "alone", "with_config"), TABLE)
def test_states_and_configurations_change_in_the_order_that_never_runs_the_wrong_thing(
    live: str, declared: str | None, alone: list[str], with_config: list[str]
) -> None:
    target = declared or (live if live in ("paused", "stopped") else "running")
    wait = [f"wait {target}"]
    assert words(plan_update(found(live), spec(state=declared), RequestedChanges(), NEWEST)) == alone + wait
    assert words(plan_update(found(live), spec(NEW, declared), RequestedChanges(), NEWEST)) == with_config + wait


def test_workers_that_cannot_stop_resume_a_paused_connector_after_its_change() -> None:
    steps = words(plan_update(found("paused"), spec(NEW, "running"), RequestedChanges(), KAFKA_2))
    assert steps == ["config", "resume", "wait running", "restart stale tasks and wait"]
    assert words(plan_update(found("paused"), spec(NEW, "running", wait=False), RequestedChanges(), UNKNOWN_VERSION)) == [
        "config",
        "resume",
    ]


@pytest.mark.parametrize(("version", "restarts"), [((3, 7, 0), True), ((3, 7, 1), False), ((2, 8, 2), True), (None, False)])
def test_only_on_workers_before_3_7_1_tasks_are_restarted_after_a_change(
    version: tuple[int, int, int] | None, restarts: bool
) -> None:
    steps = words(plan_update(found("running"), spec(NEW, wait=False), RequestedChanges(), Features(version)))
    assert steps == ["config", *(["restart stale tasks"] if restarts else [])]
    for other in (spec(), spec(NEW, "paused")):
        assert "restart stale tasks and wait" not in words(
            plan_update(found("running"), other, RequestedChanges(), Features(version))
        )


@pytest.mark.parametrize(
    ("live", "declared", "expected"),
    [
        ("running", None, ["stop", "offsets", "resume"]),
        ("running", "paused", ["stop", "offsets", "pause"]),
        ("running", "stopped", ["stop", "offsets"]),
        ("stopped", None, ["stop", "offsets"]),
        ("stopped", "running", ["stop", "offsets", "resume"]),
        ("paused", None, ["stop", "offsets", "pause"]),
    ],
)
def test_offsets_change_while_the_connector_is_stopped(live: str, declared: str | None, expected: list[str]) -> None:
    steps = plan_update(found(live), spec(state=declared, offsets=OFFSETS), RequestedChanges(offsets=True), NEWEST)
    assert words(steps)[:-1] == expected
    assert plan.ChangeOffsets(OFFSETS) in [step.action for step in steps]


def test_offsets_change_after_the_configuration_and_before_anything_runs() -> None:
    steps = plan_update(found("running"), spec(NEW, offsets=()), RequestedChanges(offsets=True), NEWEST)
    assert words(steps) == ["stop", "config", "offsets", "resume", "wait running"]


def test_a_restart_is_the_last_thing_before_the_wait_and_only_of_what_runs() -> None:
    assert words(plan_update(found("paused"), spec(NEW, "running"), RequestedChanges(restart=True), NEWEST)) == [
        "stop",
        "config",
        "resume",
        "restart",
        "wait running",
    ]
    assert words(plan_update(found("running"), spec(state="paused"), RequestedChanges(restart=True), NEWEST)) == [
        "pause",
        "wait paused",
    ]


@pytest.mark.parametrize(
    ("declared", "offsets", "expected"),
    [
        (None, None, ["create running", "wait running"]),
        ("running", None, ["create running", "wait running"]),
        ("paused", None, ["create paused", "wait paused"]),
        ("stopped", None, ["create stopped", "wait stopped"]),
        (None, OFFSETS, ["create stopped", "offsets", "resume", "wait running"]),
        ("paused", (), ["create stopped", "offsets", "pause", "wait paused"]),
        ("stopped", (), ["create stopped", "offsets", "wait stopped"]),
    ],
)
def test_a_new_connector_never_runs_before_it_should(
    declared: str | None, offsets: tuple[Offset, ...] | None, expected: list[str]
) -> None:
    assert words(plan_create(spec(state=declared, offsets=offsets))) == expected
    assert words(plan_create(spec(state=declared, offsets=offsets, wait=False))) == expected[:-1]


@pytest.mark.parametrize(("declared", "second"), [("paused", "pause"), ("stopped", "stop")])
def test_workers_without_initial_state_get_the_state_right_after_the_create(declared: str, second: str) -> None:
    steps = plan_create(spec(state=declared), initial_state=False)
    assert words(steps) == ["create running", second, f"wait {declared}"]
    assert words(plan_create(spec(), initial_state=False)) == ["create running", "wait running"]


# Undo


def test_the_undo_of_a_create_is_a_delete_without_a_wait() -> None:
    assert list(undo_actions(list(plan_create(spec(offsets=OFFSETS))), None)) == [plan.Delete()]


@pytest.mark.parametrize(
    ("live", "declared", "expected"),
    [
        ("running", "running", ["old config", "wait running"]),
        ("running", "paused", ["old config", "resume", "wait running"]),
        ("paused", "running", ["stop", "old config", "pause", "wait paused"]),
        ("stopped", "running", ["stop", "old config", "wait stopped"]),
        ("stopped", "paused", ["old config", "stop", "wait stopped"]),
    ],
)
def test_an_undo_runs_in_reverse_order_and_waits_for_the_former_state(live: str, declared: str, expected: list[str]) -> None:
    steps = plan_update(found(live), spec(NEW, declared), RequestedChanges(), NEWEST)
    assert words(list(undo_actions(list(steps), found(live)))) == expected


@pytest.mark.parametrize(("live", "declared"), list(product(["running", "paused", "stopped"], repeat=2)))
def test_an_undo_of_the_first_steps_ends_in_the_former_state(live: str, declared: str) -> None:
    steps = plan_update(found(live), spec(NEW, declared), RequestedChanges(offsets=True), NEWEST)
    for count in range(len(steps) + 1):
        state, config = live, OLD
        for action in [*(step.action for step in steps[:count]), *undo_actions(list(steps[:count]), found(live))]:
            state = action.state.word if isinstance(action, plan.SetState) else state
            config = dict(action.config) if isinstance(action, plan.PutConfig) else config
        assert (state, config) == (live, OLD)


@pytest.mark.parametrize(("live", "declared"), list(product(["running", "paused", "stopped"], repeat=2)))
def test_no_undo_runs_the_new_configuration_where_the_old_one_did_not_run(live: str, declared: str) -> None:
    steps = list(plan_update(found(live), spec(NEW, declared), RequestedChanges(), NEWEST))
    state, config = declared, NEW
    for action in undo_actions(steps, found(live)):
        if isinstance(action, plan.SetState):
            state = action.state.word
            assert state != "running" or config == OLD
        elif isinstance(action, plan.PutConfig):
            assert live == "running" or state != "running"
            config = dict(action.config)


def test_without_executed_steps_there_is_nothing_to_undo() -> None:
    assert list(undo_actions([], found("running"))) == []
    assert (
        list(undo_actions(list(plan_update(found("running"), spec(), RequestedChanges(), NEWEST)), found("running"))) == []
    )


# Features


@pytest.mark.parametrize(
    ("version", "state", "offsets", "expected"),
    [
        ((3, 5, 0), "stopped", False, None),
        ((3, 4, 9), "stopped", False, "state stopped needs Kafka Connect 3.5 or newer, this is 3.4.9"),
        ((3, 4, 9), "paused", False, None),
        ((3, 6, 0), None, True, None),
        ((3, 5, 2), None, True, "offsets needs Kafka Connect 3.6 or newer, this is 3.5.2"),
        ((3, 5, 2), None, False, None),
        (None, "stopped", True, None),
    ],
)
def test_missing_features_are_reported_with_both_versions(
    version: tuple[int, int, int] | None, state: str | None, offsets: bool, expected: str | None
) -> None:
    assert missing_feature(spec(state=state), Features(version), offsets=offsets) == expected
