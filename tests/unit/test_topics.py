"""Topics on a broker that does at once what it is told; that real ones do the same is seen in the engine tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pulumi_kafka_connectors.core import topics
from pulumi_kafka_connectors.core.brokers import Brokers
from pulumi_kafka_connectors.core.operation import Operation, OperationFailed, Outcome
from pulumi_kafka_connectors.core.settings import Access
from pulumi_kafka_connectors.kafka import TopicError, TopicState
from tests.support.operations import RecordingListener

WHERE = {"cluster": "mine", "brokers": ["b1:9092", "b2:9092"]}
GIVEN = {"name": "t", "partitions": 2.0, "replication_factor": 1.0, "config": {"retention.ms": "5"}}
AS_GIVEN = TopicState(2, 1, {"retention.ms": "5"})


class Admin:
    """Topics in memory."""

    def __init__(self) -> None:
        self.topics: dict[str, TopicState] = {}
        self.calls: list[str] = []
        self.refusal: str | None = None
        self.cluster, self.asked_for_cluster = "mine", 0
        self.finds = 0

    def cluster_id(self, _seconds: float | None = None) -> str:
        self.asked_for_cluster += 1
        if self.refusal is not None:
            raise TopicError(self.refusal)
        return self.cluster

    def find(self, name: str, _seconds: float | None = None) -> TopicState | None:
        self.finds += 1
        if self.refusal is not None:
            raise TopicError(self.refusal)
        return self.topics.get(name)

    def create(self, name: str, wanted: TopicState) -> None:
        self.calls.append(f"create {name}")
        self.topics[name] = wanted

    def grow(self, name: str, partitions: int) -> None:
        self.calls.append(f"grow {partitions}")
        self.topics[name] = TopicState(partitions, 1, self.topics[name].config)

    def configure(self, name: str, config: dict[str, str], removed: list[str]) -> None:
        self.calls.append(f"configure {sorted(config)} remove {removed}")
        now = self.topics[name]
        kept = {key: value for key, value in now.config.items() if key not in removed}
        self.topics[name] = TopicState(now.partitions, now.replication_factor, {**kept, **config})

    def delete(self, name: str) -> None:
        self.calls.append(f"delete {name}")
        self.topics.pop(name, None)


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Admin:
    made = Admin()
    brokers = Brokers(made)  # type: ignore[arg-type]
    monkeypatch.setattr(topics, "brokers_of", lambda _operation: brokers)
    return made


def operation(owner: str = "urn:it", **settings: Any) -> Operation:
    return Operation(
        Access({"kafka": {"bootstrap.servers": "b1:9092, b2:9092"}, **settings}, {}), RecordingListener(), owner
    )


def test_a_topic_is_created_as_declared(admin: Admin) -> None:
    assert topics.create(operation(), GIVEN) == Outcome("t", {**GIVEN, **WHERE})
    assert admin.topics == {"t": AS_GIVEN}


@pytest.mark.parametrize(
    ("found", "adopt", "words"),
    [
        (AS_GIVEN, None, "topic t exists already with the same configuration: give the resource an alias"),
        (AS_GIVEN, False, "topic t exists already with the same configuration"),
        (TopicState(3, 1, {}), None, r"with another configuration \(differing keys: partitions, config\['retention.ms'\]\)"),
        (TopicState(2, 3, {"retention.ms": "5"}), "same", r"\(differing keys: replication_factor\)"),
        (TopicState(2, 3, {"retention.ms": "5"}), True, "no topic can have another replication factor or fewer partitions"),
        (TopicState(3, 1, {"retention.ms": "5"}), True, "no topic can have another replication factor or fewer partitions"),
    ],
)
def test_a_topic_that_exists_is_taken_over_only_when_told_and_possible(
    admin: Admin, found: TopicState, adopt: Any, words: str
) -> None:
    admin.topics["t"] = found
    with pytest.raises(OperationFailed, match=words):
        topics.create(operation(), {**GIVEN, "adopt": adopt})
    assert admin.calls == []


def test_a_topic_as_declared_is_taken_over_with_same(admin: Admin) -> None:
    admin.topics["t"] = AS_GIVEN
    topics.create(operation(), {**GIVEN, "adopt": "same"})
    topics.create(operation(adopt="same"), GIVEN)
    assert admin.calls == []


def test_another_topic_is_changed_when_it_is_taken_over(admin: Admin) -> None:
    admin.topics["t"] = TopicState(1, 1, {"cleanup.policy": "compact"})
    topics.create(operation(), {**GIVEN, "adopt": True})
    assert admin.calls == ["configure ['retention.ms'] remove ['cleanup.policy']", "grow 2"]
    assert admin.topics["t"] == AS_GIVEN


def test_what_one_resource_took_over_in_a_run_is_not_deleted_for_another(admin: Admin) -> None:
    topics.create(operation("urn:new"), GIVEN)
    old = operation("urn:old")
    topics.delete(old, "t", GIVEN)
    assert "t" in admin.topics
    assert old._listener.warnings == [  # type: ignore[attr-defined]
        "topic t is now managed by urn:new, which created or took it over in this run: it stays"
    ]
    topics.delete(operation("urn:new"), "t", GIVEN)
    assert admin.topics == {}


def test_an_update_changes_what_differs_and_leaves_the_keys_of_others(admin: Admin) -> None:
    admin.topics["t"] = TopicState(2, 1, {"retention.ms": "5", "gone": "x", "theirs": "y"})
    olds = {**GIVEN, "config": {"retention.ms": "5", "gone": "x"}}
    topics.update(operation(), olds, {**GIVEN, "partitions": 4, "config": {"retention.ms": "6"}})
    assert admin.topics["t"] == TopicState(4, 1, {"retention.ms": "6", "theirs": "y"})
    admin.calls.clear()
    topics.update(operation(), olds, {**GIVEN, "partitions": 4, "config": {"retention.ms": "6"}})
    assert admin.calls == []


def test_an_update_of_a_topic_that_is_gone_creates_it(admin: Admin) -> None:
    topics.update(operation(), GIVEN, GIVEN)
    assert admin.topics == {"t": AS_GIVEN}


def test_a_read_shows_what_there_is_and_that_nothing_is(admin: Admin) -> None:
    admin.topics["t"] = TopicState(3, 1, {"retention.ms": "7"})
    expected = {"name": "t", "partitions": 3, "replication_factor": 1, "config": {"retention.ms": "7"}}
    assert topics.read(operation(), "t", GIVEN) == Outcome("t", {**expected, **WHERE}, expected)
    assert topics.read(operation(), "gone", GIVEN) == Outcome("")
    with pytest.raises(OperationFailed, match=r"^topic gone does not exist$"):
        topics.read(operation(), "gone", {})


def test_what_the_brokers_refuse_is_the_error(admin: Admin) -> None:
    admin.refusal = "no broker answers"
    for call in (topics.create, lambda at, props: topics.read(at, "t", props)):
        with pytest.raises(OperationFailed, match=r"^no broker answers$"):
            call(operation(), GIVEN)


@pytest.mark.parametrize(
    ("change", "inputs", "replaces"),
    [
        ({}, set(), ()),
        ({"partitions": 2}, set(), ()),
        ({"config": {"retention.ms": 5}}, set(), ()),
        ({"config": {}}, {"config"}, ()),
        ({"partitions": 3}, {"partitions"}, ()),
        ({"partitions": 1}, {"partitions"}, ("partitions",)),
        ({"replication_factor": 3}, {"replication_factor"}, ("replication_factor",)),
        ({"name": "u"}, {"name"}, ("name",)),
        ({"adopt": True}, {"adopt"}, ()),
        ({"adopt": False}, set(), ()),
    ],
)
def test_what_a_change_means(change: dict[str, Any], inputs: set[str], replaces: tuple[str, ...]) -> None:
    changes = topics.compare(operation(), GIVEN, {**GIVEN, **change})
    assert (set(changes.inputs), changes.replaces) == (inputs, replaces)


STORED = {**GIVEN, **WHERE}


@pytest.mark.parametrize(
    "call",
    [
        lambda: topics.read(operation(), "t", STORED),
        lambda: topics.update(operation(), STORED, {**GIVEN, "partitions": 3}),
        lambda: topics.delete(operation(), "t", STORED),
    ],
    ids=["read", "update", "delete"],
)
def test_a_topic_of_another_cluster_is_left_alone(admin: Admin, call: Callable[[], object]) -> None:
    admin.topics["t"], admin.cluster = AS_GIVEN, "theirs"
    words = "topic t is on the Kafka cluster mine, but b1:9092, b2:9092 belongs to the Kafka cluster theirs: set kafka-connectors:kafka"
    with pytest.raises(OperationFailed, match=words):
        call()
    assert admin.calls == []


def test_a_topic_that_moves_to_another_cluster_is_replaced(admin: Admin) -> None:
    assert not topics.compare(operation(), STORED, GIVEN).any
    assert admin.asked_for_cluster == 0
    moved = operation(kafka={"bootstrap.servers": "c1:9092"})
    assert not topics.compare(moved, STORED, GIVEN).any
    admin.cluster = "theirs"
    changes = topics.compare(moved, STORED, GIVEN)
    assert (changes.any, changes.replaces) == (True, ("cluster",))


def test_brokers_that_do_not_answer_move_nothing(admin: Admin) -> None:
    admin.refusal = "no broker answers"
    assert not topics.compare(operation(kafka={"bootstrap.servers": "c1:9092"}), STORED, GIVEN).any


def test_a_topic_whose_state_names_no_cluster_is_read_and_deleted(admin: Admin) -> None:
    admin.topics["t"] = AS_GIVEN
    assert topics.read(operation(), "t", GIVEN).outputs["cluster"] == "mine"
    topics.delete(operation(), "t", GIVEN)
    assert admin.topics == {}


@pytest.mark.parametrize(
    ("adopt", "problem", "warning"),
    [
        (
            None,
            "topic t exists already with another configuration (differing keys: partitions): give the resource an alias",
            None,
        ),
        ("same", "topic t exists already with another configuration", None),
        (True, None, "topic t exists already and will be taken over and changed (differing keys: partitions)"),
    ],
)
def test_a_preview_says_that_the_name_of_a_topic_is_taken(
    admin: Admin, adopt: Any, problem: str | None, warning: str | None
) -> None:
    admin.topics["t"] = AS_GIVEN
    at = operation()
    checked = topics.check(at, {}, {**GIVEN, "partitions": 3, "adopt": adopt})
    assert [found.key for found in checked.problems] == (["name"] if problem else [])
    assert all(found.text.startswith(problem or "") for found in checked.problems)
    assert at._listener.warnings == ([warning] if warning else [])  # type: ignore[attr-defined]


def test_the_name_of_a_replaced_topic_is_not_taken_and_an_unchanged_one_is_not_looked_for(admin: Admin) -> None:
    admin.topics["t"] = AS_GIVEN
    assert not topics.check(operation(), STORED, {**GIVEN, "replication_factor": 2}).problems
    assert not topics.check(operation(), {}, {**GIVEN, "replication_factor": 2}).problems
    assert admin.finds == 0


def test_a_preview_asks_brokers_that_do_not_answer_once(admin: Admin) -> None:
    admin.refusal = "no broker answers"
    for name in ("a", "b"):
        assert not topics.check(operation(), {}, {**GIVEN, "name": name}).problems
    assert admin.finds == 1


def test_brokers_that_do_not_tell_their_cluster_move_nothing(admin: Admin) -> None:
    admin.cluster = ""
    assert not topics.compare(operation(kafka={"bootstrap.servers": "c1:9092"}), STORED, GIVEN).any


def test_brokers_that_cannot_tell_their_cluster_fail_a_create_before_it_changes_anything(admin: Admin) -> None:
    def refused(_seconds: float | None = None) -> str:
        raise TopicError("no broker answers")

    admin.cluster_id = refused  # type: ignore[method-assign]
    with pytest.raises(OperationFailed, match="no broker answers"):
        topics.create(operation(), GIVEN)
    assert admin.topics == {}
