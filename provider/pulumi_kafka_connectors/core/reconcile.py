"""Runs a plan for one connector, and undoes what it did when a step fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from pulumi_kafka_connectors.connect import errors
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import plan
from pulumi_kafka_connectors.core.clock import Cancelled
from pulumi_kafka_connectors.core.diff import live_differences
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.observing import observe
from pulumi_kafka_connectors.core.operation import Failure, Incomplete
from pulumi_kafka_connectors.core.redaction import is_mask
from pulumi_kafka_connectors.core.settling import SETTLE_ELSEWHERE, tasks_before
from pulumi_kafka_connectors.core.steps import Execution, Unseen

UNDO_SECONDS: Final = 60.0
"""Seconds that undoing may take, beyond the time of the operation."""
UNDO_PROBE_SECONDS: Final = 5.0
"""Seconds to look for a worker that can undo, where none was left a moment ago."""

Problem = Failure | errors.ConnectError


def reconcile(run: Execution, steps: plan.Plan) -> Observed:
    """Take every step.

    Returns:
        The connector as it is then.

    Raises:
        Failure, errors.ConnectError: what failed, and what was undone; `Incomplete` where something of it is left.
    """
    run.left_in = run.found.target if run.found is not None else State.RUNNING
    done: list[plan.Step] = []
    try:
        for step in steps:
            done.append(step)
            run.take(step.action)
    except (Failure, errors.ConnectError, Cancelled) as problem:
        _fail(run, _in_time(run, problem), done, steps[len(done) - 1 :])
    return run.result()


def _in_time(run: Execution, problem: Problem | Cancelled) -> Problem:
    """The end of one's own time is "not ready", whatever it cut short."""
    if isinstance(problem, Cancelled):
        return Failure(f"connector {run.name} is not ready, since the run was interrupted")
    late = run.cluster.clock.now() >= run.deadline
    if late and isinstance(problem, errors.Unreachable | errors.Busy | errors.Indeterminate):
        return Failure(f"connector {run.name} is not ready after {run.seconds:.0f} s: {problem}")
    return problem


def _fail(run: Execution, problem: Problem, done: Sequence[plan.Step], left: plan.Plan) -> NoReturn:
    """Undo what was done, unless it is to be looked at or gone on from, and raise what failed with what was undone.

    Args:
        run: what the steps were taken with.
        problem: what failed.
        done: the steps that were taken, the one that failed included.
        left: the steps that were not completed.
    """
    effective = [step for step in done if _took_effect(step, problem, last=done[-1])]
    actions = list(plan.undo_actions(effective, run.found))
    unfinished = tuple(step.action for step in left if not plan.is_wait(step.action))
    if not actions and any(isinstance(step.action, plan.PutConfig) for step in effective):
        raise Incomplete(_naming(run, str(problem), problem), unfinished, run.left_in) from problem
    if not actions:
        raise problem
    interrupted = run.cluster.clock.cancelled
    if isinstance(problem, Unseen) or not run.spec.rollback or (interrupted and not unfinished):
        raise Incomplete(_naming(run, str(problem), problem), unfinished, run.left_in) from problem
    if run.found is not None and run.found.failed:
        text = f"{problem}; connector {run.name} had failed before: nothing was undone"
        raise Incomplete(text, unfinished, run.left_in) from problem
    if interrupted:
        actions = [action for action in actions if not plan.is_wait(action)]
    _undo(run, problem, actions, tuple(step.action for step in effective), unfinished)


def _naming(run: Execution, text: str, *problems: Exception) -> str:
    """The error for what is left as it is; what a request failed with does not always name the connector."""
    named = any(isinstance(problem, Failure) for problem in problems)
    return text if named else f"{text}; connector {run.name} was left as it is"


def _undo(
    run: Execution,
    problem: Problem,
    actions: list[plan.Action],
    done: tuple[plan.Action, ...],
    left: tuple[plan.Action, ...],
) -> NoReturn:
    """Take the steps of an undo.

    Args:
        run: what the steps were taken with.
        problem: what failed.
        actions: the steps of the undo.
        done: the actions that took effect.
        left: the actions that were not completed.
    """
    unfinished = (*left, *(action for action in done if not plan.is_wait(action)))
    undo = Execution(run.operation, run.cluster, run.spec, UNDO_SECONDS, run.found, settle_restarted=SETTLE_ELSEWHERE)
    undo.left_in = run.left_in
    if isinstance(problem, errors.Unreachable):
        undo.client = undo.client.with_retry(UNDO_PROBE_SECONDS)
    try:
        outcome = _put_back(undo, actions)
    except (Failure, errors.ConnectError, Cancelled) as second:
        text = f"{problem}; undoing it failed too: {second}"
        if isinstance(second, errors.Unreachable):
            gone = isinstance(problem, errors.Unreachable)
            going_on = f"{problem}; it could not be undone, the next run goes on from what it finds: {second}"
            text = str(problem) if gone else going_on
        raise Incomplete(_naming(undo, text, problem, second), unfinished, undo.left_in) from problem
    if run.found is not None and any(isinstance(action, plan.ChangeOffsets) for action in done):
        raise Incomplete(f"{problem}; {outcome}; its offsets were not put back", unfinished, undo.left_in) from problem
    raise Failure(f"{problem}; {outcome}") from problem


def _put_back(undo: Execution, actions: list[plan.Action]) -> str:
    """Take the steps of an undo, unless somebody else has changed the connector meanwhile.

    Returns:
        What became of the connector, in words.
    """
    live = observe(undo.client, undo.name)
    if live is None:
        # A worker that has not heard of the creation yet says so too: deleting it again does no harm.
        if actions != [plan.Delete()]:
            return f"connector {undo.name} was deleted by somebody else meanwhile: it was left so"
    elif _is_foreign(undo, live):
        return f"connector {undo.name} was changed by somebody else meanwhile: it was left as it is"
    config = next((action.config for action in actions if isinstance(action, plan.PutConfig)), None)
    masked = sorted(key for key, value in (config or {}).items() if is_mask(value))
    if masked:
        for action in actions:
            if isinstance(action, plan.SetState):
                undo.take(action)
        shown = ", ".join(masked)
        return f"connector {undo.name} keeps its new configuration, since the workers mask what {shown} was before"
    if config is not None and live is not None:
        undo.before = tasks_before(live, config)
    for action in actions:
        undo.take(action)
    return f"connector {undo.name} {_outcome(undo, actions)}"


def _outcome(undo: Execution, actions: list[plan.Action]) -> str:
    if plan.Delete() in actions:
        return "was deleted again"
    if any(isinstance(action, plan.PutConfig) for action in actions):
        return "has its old configuration back"
    return f"is {undo.found.target.word if undo.found else 'as it was'} again"


def _is_foreign(undo: Execution, live: Observed) -> bool:
    ours = [undo.spec.config, *([undo.found.config] if undo.found is not None else [])]
    return all(live_differences(live.config, config) for config in ours)


def _took_effect(step: plan.Step, problem: Exception, *, last: plan.Step) -> bool:
    """Whether a step may have changed something; the last one is the one that failed."""
    if step is not last:
        return True
    refused = isinstance(problem, errors.Refused) and problem.status < 500 and not isinstance(problem, errors.Indeterminate)
    # Whoever creates looks by himself what became of it; what is there in spite of an error may be somebody else's.
    return not refused and not isinstance(step.action, plan.Create)
