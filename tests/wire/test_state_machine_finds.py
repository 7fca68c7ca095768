"""The state machine finds former defects when they are reintroduced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import errors
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import cluster, connectors, creating, operation, ownership, plan, reconcile
from pulumi_kafka_connectors.core.health import Observed
from tests.support.machine import run_machine
from tests.support.world import Violation

pytestmark = pytest.mark.slow
Patch = pytest.MonkeyPatch


class Forgetful(dict[str, str]):
    """Owners that are never stored."""

    def __setitem__(self, name: str, owner: str) -> None:
        return


def no_ownership_check_in_an_undo(patch: Patch) -> None:
    patch.setattr(reconcile, "_is_foreign", lambda _undo, _live: False)


def a_create_that_takes_over_silently(patch: Patch) -> None:
    patch.setattr(ownership, "may_take_over", lambda _adopt, _differing: True)


def a_mask_written_by_an_undo(patch: Patch) -> None:
    patch.setattr(reconcile, "is_mask", lambda _value: False)


def a_state_that_is_not_put_back(patch: Patch) -> None:
    undo_actions = plan.undo_actions

    def without_states(done: list[plan.Step], found: Observed | None) -> Iterator[plan.Action]:
        return (action for action in undo_actions(done, found) if not isinstance(action, plan.SetState | plan.AwaitState))

    patch.setattr(plan, "undo_actions", without_states)


def a_delete_after_a_rename(patch: Patch) -> None:
    construct = cluster.Cluster.__init__

    def forgetful(self: cluster.Cluster, *args: Any, **kwargs: Any) -> None:
        construct(self, *args, **kwargs)
        self.owners = Forgetful()

    patch.setattr(cluster.Cluster, "__init__", forgetful)


def any_404_taken_as_gone(patch: Patch) -> None:
    patch.setattr(errors, "_absence", lambda _about, _message: errors.NotFound)


def another_cluster_taken_for_this_one(patch: Patch) -> None:
    patch.setattr(connectors, "_require_same_cluster", lambda _operation, _name, _props: None)


def what_a_lost_answer_created_not_looked_for(patch: Patch) -> None:
    patch.setattr(creating.Creation, "_wait_for_it", lambda _self, *_arguments: None)


def secrets_shown_in_errors(patch: Patch) -> None:
    patch.setattr(operation.Operation, "format_error", lambda _self, problem: str(problem))


def what_was_not_done_recorded_as_done(patch: Patch) -> None:
    patch.setattr(plan, "reached", lambda inputs, _unfinished, _state: dict(inputs))


def a_state_that_is_not_recorded(patch: Patch) -> None:
    reached = plan.reached

    def without_state(inputs: Mapping[str, Any], unfinished: tuple[object, ...], state: State) -> dict[str, Any]:
        return {key: value for key, value in reached(inputs, unfinished, state).items() if key != "state" or key in inputs}

    patch.setattr(plan, "reached", without_state)


DEFECTS: list[tuple[Callable[[Patch], None], str]] = [
    (no_ownership_check_in_an_undo, "a concurrent (change|delete) is kept"),
    (a_create_that_takes_over_silently, "a connector of another owner is"),
    (a_mask_written_by_an_undo, "no mask is ever written"),
    (a_state_that_is_not_put_back, "a failure restores the connector"),
    (a_delete_after_a_rename, "a renamed resource keeps its connector"),
    (any_404_taken_as_gone, "a create without faults succeeds|only a deleted connector"),
    (another_cluster_taken_for_this_one, "another cluster is rejected"),
    (what_a_lost_answer_created_not_looked_for, "a failure restores the connector|a create without faults"),
    (secrets_shown_in_errors, "no secret is shown"),
    (what_was_not_done_recorded_as_done, "after a recorded failure, a success means|after a success"),
    (a_state_that_is_not_recorded, "after a recorded failure, a success means that what ran before runs again"),
]


@pytest.mark.parametrize(("defect", "rule"), DEFECTS, ids=[defect.__name__ for defect, _ in DEFECTS])
def test_the_machine_finds(defect: Callable[[Patch], None], rule: str, monkeypatch: Patch) -> None:
    defect(monkeypatch)
    with pytest.raises(Violation, match=f"^({rule})"):
        run_machine(examples=300, steps=30, shrink=False)
