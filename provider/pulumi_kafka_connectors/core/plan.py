"""Which steps bring a connector from what was found to what is declared, in the order that never runs the wrong thing. Pure.

That order, for a connector that exists:

1. What is going to be paused or stopped is so first: its present tasks must not run the new configuration. A paused
   connector that shall run again with another configuration is stopped, since resuming it would run its old tasks for a
   moment. One whose offsets change is stopped, since workers change offsets of stopped connectors only.
2. Then the configuration.
3. Then the offsets.
4. Only then does it run again, if it shall, and is restarted, if that was asked for.
5. Last comes the wait.

Each step names what undoes it. What is undone runs backwards: with the new configuration failing on a running connector
that was paused, it is stopped or paused first and then gets its former configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pulumi_kafka_connectors.connect.features import Features
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.spec import ConnectorSpec, Offset, differing_keys


@dataclass(frozen=True)
class Create:
    """POST the connector so that it begins in this state; on workers before Kafka 3.7 it always begins running."""

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
    """Set these offsets, or reset all when there are none, once the connector is stopped."""

    offsets: tuple[Offset, ...]


@dataclass(frozen=True)
class Restart:
    """Restart the connector and its tasks."""


@dataclass(frozen=True)
class AwaitState:
    """Wait until the connector and all tasks are in this state."""

    state: State


@dataclass(frozen=True)
class RestartStaleTasks:
    """Restart tasks that an old worker left running with the former configuration, and wait for them where that is asked."""

    wait: bool


Action = Create | Delete | PutConfig | SetState | ChangeOffsets | Restart | AwaitState | RestartStaleTasks


@dataclass(frozen=True)
class Step:
    """One thing to do, and what undoes it."""

    action: Action
    undo: Action | None = None


Plan = tuple[Step, ...]


@dataclass(frozen=True)
class Asked:
    """What a change of inputs asks for besides configuration and state."""

    offsets: bool = False
    restart: bool = False


def plan_create(spec: ConnectorSpec, *, initial_state: bool = True) -> Plan:
    """Make a connector that does not exist.

    Args:
        spec: as declared.
        initial_state: whether the workers create a connector paused or stopped; else it runs for a moment.
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


def plan_update(found: Observed, spec: ConnectorSpec, asked: Asked, features: Features) -> Plan:
    """Bring a connector that exists to what is declared.

    Args:
        found: as it is, its configuration with real values where workers mask them.
        spec: as declared.
        asked: what else the change of inputs asks for.
        features: what the workers can do.
    """
    target = spec.state or found.target
    changed = bool(differing_keys(found.config, spec.config))
    steps, state = [], found.target
    quiet = _state_before_config(found, target, asked, features, changed=changed)
    if quiet is not None:
        steps.append(Step(SetState(quiet), undo=SetState(state)))
        state = quiet
    if changed:
        steps.append(Step(PutConfig(spec.config), undo=PutConfig(found.config)))
    if asked.offsets:
        steps.append(Step(ChangeOffsets(spec.offsets or ())))
    if state is not target:
        steps.append(Step(SetState(target), undo=SetState(state)))
    if asked.restart and target is State.RUNNING:
        steps.append(Step(Restart()))
    steps += _wait(spec, target)
    if changed and target is State.RUNNING and features.restarts_tasks is False:
        steps.append(Step(RestartStaleTasks(wait=spec.wait)))
    return tuple(steps)


def _state_before_config(found: Observed, target: State, asked: Asked, features: Features, *, changed: bool) -> State | None:
    """The state in which configuration and offsets change; None where it is as it should be for that."""
    resumed = changed and target is State.RUNNING and found.target is State.PAUSED
    if asked.offsets or (resumed and features.stop):
        return State.STOPPED
    return target if target not in (State.RUNNING, found.target) else None


def _wait(spec: ConnectorSpec, target: State) -> list[Step]:
    return [Step(AwaitState(target))] if spec.wait else []


def undo_of(done: list[Step], found: Observed | None) -> Iterator[Action]:
    """What undoes these steps, backwards, and then waits for what there was before.

    Args:
        done: the steps that were taken or begun, in order.
        found: what there was before; None for nothing.
    """
    undone = [step.undo for step in reversed(done) if step.undo is not None]
    yield from undone
    if undone and found is not None:
        yield AwaitState(found.target)


def missing_feature(spec: ConnectorSpec, features: Features, *, offsets: bool) -> str | None:
    """Why these workers cannot do what is declared, in words; None when they can, or do not tell their version."""
    if offsets and features.alter_offsets is False:
        return f"offsets needs Kafka Connect 3.6 or newer, this is {features.text}"
    if spec.state is State.STOPPED and features.stop is False:
        return f"state stopped needs Kafka Connect 3.5 or newer, this is {features.text}"
    return None
