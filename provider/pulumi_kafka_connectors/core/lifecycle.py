"""Create, update and delete one connector, from a declaration. Each may be run again after any interruption."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from pulumi_kafka_connectors.connect import AlreadyExists, NotFound, Unsupported
from pulumi_kafka_connectors.connect.features import Features
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import ownership
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.diff import live_differences, unmasked
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.observing import observe, status_of
from pulumi_kafka_connectors.core.operation import Failure, Operation
from pulumi_kafka_connectors.core.plan import PutConfig, RequestedChanges, Step, missing_feature, plan_create, plan_update
from pulumi_kafka_connectors.core.reconcile import reconcile
from pulumi_kafka_connectors.core.settling import TasksBefore, tasks_before
from pulumi_kafka_connectors.core.spec import Adopt, ConnectorSpec, differing_keys
from pulumi_kafka_connectors.core.steps import Execution
from pulumi_kafka_connectors.core.validation import known_passwords


def create(operation: Operation, spec: ConnectorSpec) -> Observed:
    """Make the connector exist as declared.

    One that exists already is taken over as `adopt` allows; what a lost answer of this call created is ours. Whatever
    fails, a connector that this call created is deleted again, and one that it took over gets back what it had.

    Raises:
        Failure, ConnectError: with what failed and what was undone.
    """
    cluster = operation.cluster
    run = Execution(operation, cluster, spec, spec.timeouts.create)
    known = status_of(run.client, spec.name) is not None
    found = observe(run.client, spec.name) if known else None
    if found is None:
        _require_features(cluster, spec, offsets=spec.offsets is not None)
        run.name_was_known = known
        run.max_tasks = None if known else _max_tasks(spec, cluster)
        try:
            return _create_new(run)
        except AlreadyExists:
            found = observe(run.client, spec.name)
            if found is None:
                raise
    return _take_over(run, found)


def _create_new(run: Execution) -> Observed:
    try:
        return reconcile(run, plan_create(run.spec))
    except Unsupported:
        state = "stopped" if run.spec.offsets is not None or run.spec.state is None else run.spec.state.word
        run.operation.warn(f"{run.name} runs for a moment before it is {state}: these workers cannot create it so")
        return reconcile(run, plan_create(run.spec, initial_state=False))


def _take_over(run: Execution, found: Observed) -> Observed:
    keys = live_differences(found.config, run.spec.config)
    if not ownership.may_take_over(run.spec.adopt or Adopt.NOTHING, keys):
        raise Failure(ownership.taken(f"connector {run.name}", keys))
    known = known_passwords(run.cluster, run.name, found.config) if keys else frozenset()
    run.operation.learn_config(found.config, keys if known is None else known)
    run.shown = found.config
    if not keys:
        found = replace(found, config=unmasked(found.config, run.spec.config))
    return _change(run, found, RequestedChanges(offsets=run.spec.offsets is not None))


def update(operation: Operation, old: ConnectorSpec, spec: ConnectorSpec) -> Observed:
    """Bring an existing connector from one declaration to the next; one that is gone is created.

    Raises:
        Failure, ConnectError: with what failed; the old configuration is back when the new one does not run.
    """
    requested = RequestedChanges(spec.offsets is not None and spec.offsets != old.offsets, spec.restart != old.restart)
    run = Execution(operation, operation.cluster, spec, spec.timeouts.update)
    if old.state is not None and spec.state is None:
        return _release_state(run, old, requested)
    if not (spec.wait or requested.offsets or requested.restart) and differing_keys(old.config, spec.config):
        done = _put_only(run)
        if done is not None:
            return done
    found = _find(run, old)
    return create(operation, spec) if found is None else _change(run, found, requested)


def _find(run: Execution, old: ConnectorSpec) -> Observed | None:
    """The connector as it is, with what was last sent where workers mask it; what others added is learned as secret."""
    found = observe(run.client, run.name)
    if found is None:
        return None
    drifted = found.config.keys() - old.config.keys() - run.spec.config.keys()
    known = known_passwords(run.cluster, run.name, found.config) if drifted else frozenset()
    run.operation.learn_config(found.config, drifted if known is None else known)
    return replace(found, config=unmasked(found.config, old.config))


def _release_state(run: Execution, old: ConnectorSpec, requested: RequestedChanges) -> Observed:
    """A state was declared and is no longer: what is still as it was declared runs again."""
    found = _find(run, old)
    if found is None:
        return create(run.operation, run.spec)
    state = State.RUNNING if found.target is old.state else None
    run.spec = replace(run.spec, state=state)
    return _change(run, found, requested)


def _put_only(run: Execution) -> Observed | None:
    """A configuration changed that nobody waits for: one PUT; None where more must be done than that."""
    if run.cluster.features().restarts_tasks is False:
        return None
    seen = Observed({}, status_of(run.client, run.name), "unknown")
    if seen.status is None or run.spec.state not in (None, seen.target):
        return None
    run.status = seen.status
    return reconcile(run, (Step(PutConfig(run.spec.config)),))


def _change(run: Execution, found: Observed, requested: RequestedChanges) -> Observed:
    """Change configuration, state and offsets of a connector that exists."""
    spec, features = run.spec, run.cluster.features()
    target = spec.state or found.target
    _require_features(run.cluster, replace(spec, state=target), offsets=requested.offsets)
    run.found = found
    run.operation.learn_config(found.config)
    run.before = _tasks_to_compare(found, spec, features)
    return reconcile(run, plan_update(found, spec, requested, features))


def _tasks_to_compare(found: Observed, spec: ConnectorSpec, features: Features) -> TasksBefore | None:
    changed = bool(differing_keys(found.config, spec.config))
    return tasks_before(found, spec.config) if changed and (spec.wait or features.restarts_tasks is False) else None


def delete(operation: Operation, spec: ConnectorSpec) -> None:
    """Delete the connector, and its offsets when they shall be forgotten; returns when it is gone.

    Raises:
        Failure, ConnectError: when it is still there.
    """
    run = Execution(operation, operation.cluster, spec, spec.timeouts.delete)
    if spec.forget:
        _require_features(run.cluster, spec, offsets=True)
        with contextlib.suppress(NotFound):
            run.client.stop(spec.name)
            run.change_offsets([])
    run.delete()


def _require_features(cluster: Cluster, spec: ConnectorSpec, *, offsets: bool) -> None:
    missing = missing_feature(spec, cluster.features(), offsets=offsets) if offsets or spec.state else None
    if missing is not None:
        raise Failure(f"connector {spec.name}: {missing}")


def _max_tasks(spec: ConnectorSpec, cluster: Cluster) -> int | None:
    """How many tasks a connector can have, where workers see to it (3.8)."""
    most = spec.config.get("tasks.max", "1")
    enforced = spec.config.get("tasks.max.enforce", "true") == "true" and cluster.features().enforces_tasks_max
    return int(most) if most.isdecimal() and enforced else None
