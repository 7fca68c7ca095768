"""Plans the steps from the observed connector to the declared one, in an order that never runs the wrong thing. Pure.

For an existing connector the order is:

1. Pause or stop the connector if that is its new state: its current tasks must not run the new configuration. A paused
   connector that is to run again with a new configuration is stopped, since resuming it would briefly run its old tasks.
   A connector whose offsets change is stopped, since workers only change the offsets of stopped connectors.
2. Change the configuration.
3. Change the offsets.
4. Only then resume the connector if it is to run, and restart it if requested.
5. Wait.

Each step names its undo action. Undo actions run in reverse order: when a paused connector was resumed with a new
configuration that fails, it is stopped or paused first and then gets its former configuration back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_kafka_connectors.connect.features import Features
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.spec import ConnectorSpec, Offset, differing_keys


@dataclass(frozen=True)
class Create:
    """POST the connector with this initial state; on workers before Kafka 3.7 it always starts running."""

    state: State


@dataclass(frozen=True)
class Delete:
    """Delete the connector and wait until it is gone."""


@dataclass(frozen=True)
class PutConfig:
    """Replace the whole configuration."""

    config: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class SetState:
    """Resume, pause or stop."""

    state: State


@dataclass(frozen=True)
class ChangeOffsets:
    """Set these offsets, or reset all offsets if empty, once the connector is stopped."""

    offsets: tuple[Offset, ...]


@dataclass(frozen=True)
class Restart:
    """Restart the connector and its tasks."""


@dataclass(frozen=True)
class AwaitState:
    """Wait until the connector and all its tasks are in this state."""

    state: State


@dataclass(frozen=True)
class RestartStaleTasks:
    """Restart tasks that an old worker left running with the former configuration, and wait for them if `wait`."""

    wait: bool


Action = Create | Delete | PutConfig | SetState | ChangeOffsets | Restart | AwaitState | RestartStaleTasks


@dataclass(frozen=True)
class Step:
    """One action, and the action that undoes it."""

    action: Action
    undo: Action | None = None


Plan = tuple[Step, ...]


@dataclass(frozen=True)
class RequestedChanges:
    """Changes that the new inputs request besides configuration and state."""

    offsets: bool = False
    restart: bool = False


def plan_create(spec: ConnectorSpec, *, initial_state: bool = True) -> Plan:
    """Plan the creation of a connector.

    Args:
        spec: the declared connector.
        initial_state: whether the workers can create a connector paused or stopped; otherwise it runs briefly.
    """
    target = spec.state or State.RUNNING
    first = State.STOPPED if spec.offsets is not None else target
    steps = [Step(Create(first if initial_state else State.RUNNING), undo=Delete())]
    if first is not State.RUNNING and not initial_state:
        steps.append(Step(SetState(first)))
    if spec.offsets is not None:
        steps.append(Step(ChangeOffsets(spec.offsets)))
        if target is not State.STOPPED:
            steps.append(Step(SetState(target)))
    return (*steps, *_wait(spec, target))


def plan_update(found: Observed, spec: ConnectorSpec, requested: RequestedChanges, features: Features) -> Plan:
    """Plan the update of an existing connector.

    Args:
        found: the connector as it is; masked values of its configuration are replaced by the real ones.
        spec: the declared connector.
        requested: what else the new inputs request.
        features: the features of the workers.
    """
    target = spec.state or found.target
    changed = bool(differing_keys(found.config, spec.config))
    steps, state = [], found.target
    quiet = _state_before_config(found, target, requested, features, changed=changed)
    if quiet is not None:
        steps.append(Step(SetState(quiet), undo=SetState(state)))
        state = quiet
    if changed:
        steps.append(Step(PutConfig(spec.config), undo=PutConfig(found.config)))
    if requested.offsets:
        steps.append(Step(ChangeOffsets(spec.offsets or ())))
    if state is not target:
        steps.append(Step(SetState(target), undo=SetState(state)))
    if requested.restart and target is State.RUNNING:
        steps.append(Step(Restart()))
    steps += _wait(spec, target)
    if changed and target is State.RUNNING and features.restarts_tasks is False:
        steps.append(Step(RestartStaleTasks(wait=spec.wait)))
    return tuple(steps)


def _state_before_config(
    found: Observed, target: State, requested: RequestedChanges, features: Features, *, changed: bool
) -> State | None:
    """The state to set before configuration and offsets change; None if it can stay."""
    resumed = changed and target is State.RUNNING and found.target is State.PAUSED
    if requested.offsets or (resumed and features.stop):
        return State.STOPPED
    return target if target not in (State.RUNNING, found.target) else None


def _wait(spec: ConnectorSpec, target: State) -> list[Step]:
    return [Step(AwaitState(target))] if spec.wait else []


def undo_actions(done: list[Step], found: Observed | None) -> Iterator[Action]:
    """The actions that undo these steps, in reverse order, followed by a wait for the former state.

    Args:
        done: the steps that were executed or started, in order.
        found: the connector before the first step; None if it did not exist.
    """
    undone = [step.undo for step in reversed(done) if step.undo is not None]
    yield from undone
    if undone and found is not None:
        yield AwaitState(found.target)


def reached(inputs: Mapping[str, Any], unfinished: tuple[object, ...], state: State) -> dict[str, Any]:
    """The inputs as far as they were brought about, so that the next run finds what is left to do.

    Args:
        inputs: as declared.
        unfinished: the actions that were not completed, or may have been undone.
        state: the state that the connector was left in; recorded where it may not be the one to end in.
    """
    # Without a configuration there is always something to do, so that the next run looks at the connector.
    missing = {"config": Create | PutConfig | SetState, "offsets": ChangeOffsets, "restart": Restart}
    left = {name for name, kind in missing.items() if any(isinstance(action, kind) for action in unfinished)}
    kept = {name: value for name, value in inputs.items() if name not in left}
    moved = any(isinstance(action, SetState) for action in unfinished)
    return {**kept, "state": state.word} if moved else kept


def is_wait(action: Action) -> bool:
    """Whether an action changes nothing on the cluster."""
    return isinstance(action, AwaitState)


def missing_feature(spec: ConnectorSpec, features: Features, *, offsets: bool) -> str | None:
    """Why these workers do not support the declaration, as text; None if they do, or do not report their version."""
    if offsets and features.alter_offsets is False:
        return f"offsets needs Kafka Connect 3.6 or newer, this is {features.text}"
    if spec.state is State.STOPPED and features.stop is False:
        return f"state stopped needs Kafka Connect 3.5 or newer, this is {features.text}"
    return None
