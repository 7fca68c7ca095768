"""States and the other models of workers' responses."""

from __future__ import annotations

import copy
import pickle

import pytest

from pulumi_kafka_connectors.connect import Settings, State
from pulumi_kafka_connectors.connect.models import (
    ConfigKey,
    ConfigValue,
    ConnectorInfo,
    ConnectorStatus,
    Expanded,
    OffsetsReply,
    Task,
    TaskState,
    Validation,
)

KNOWN = ["RUNNING", "PAUSED", "STOPPED", "FAILED", "UNASSIGNED", "RESTARTING", "DESTROYED"]


def test_these_states_are_known() -> None:
    assert [state.value for state in State] == KNOWN


@pytest.mark.parametrize("text", KNOWN)
def test_a_known_state_is_accepted_in_any_case(text: str) -> None:
    for written in (text, text.lower(), text.title()):
        assert State(written) is State[text]


def test_a_state_is_its_text_everywhere() -> None:
    assert State.RUNNING == "RUNNING"
    assert f"{State.RUNNING} {State.RUNNING!s} {State.RUNNING:>8}" == "RUNNING RUNNING  RUNNING"
    assert {"RUNNING": 1}[State.RUNNING] == 1
    assert State.RUNNING.word == "running"


def test_an_unknown_state_is_kept_as_text() -> None:
    unknown = State("HIBERNATING")
    assert isinstance(unknown, State)
    assert unknown == "HIBERNATING" == f"{unknown}"
    assert unknown == State("HIBERNATING") != State.RUNNING
    assert hash(unknown) == hash("HIBERNATING")
    assert (unknown.word, unknown.value, unknown.name) == ("hibernating", "HIBERNATING", "HIBERNATING")
    assert "HIBERNATING" not in State.__members__


def test_states_can_be_copied_and_pickled() -> None:
    for state in (State.FAILED, State("MELTING")):
        assert pickle.loads(pickle.dumps(state)) == copy.deepcopy(state) == state


def test_anything_but_text_is_not_a_state() -> None:
    with pytest.raises(ValueError, match="5 is not a valid State"):
        State(5)


def test_models_read_and_write_states() -> None:
    status = ConnectorStatus.model_validate(
        {"name": "a", "connector": {"state": "running"}, "tasks": [{"id": 0, "state": "HIBERNATING"}]}
    )
    assert status.connector.state is State.RUNNING
    assert status.tasks == [TaskState(id=0, state=State("HIBERNATING"))]
    dumped = status.model_dump(mode="json")
    assert (dumped["connector"]["state"], dumped["tasks"][0]["state"]) == ("RUNNING", "HIBERNATING")
    assert ConnectorStatus.model_validate_json(status.model_dump_json()) == status


def test_omitted_fields_have_defaults() -> None:
    key, value = ConfigKey(name="k"), ConfigValue(name="k")
    assert (key.type, key.required, key.default_value, key.order) == ("STRING", False, None, -1)
    assert (value.value, value.errors, value.visible) == (None, [], True)
    assert (Validation().error_count, Validation().configs) == (0, [])
    assert (OffsetsReply().message, OffsetsReply().manual) == ("", False)


def test_no_repr_of_a_model_or_of_settings_shows_a_value_of_a_configuration() -> None:
    config = {"password": "hunter2"}
    info = ConnectorInfo(name="a", config=config)
    value = ConfigValue(name="k", value="hunter2", errors=["Invalid value hunter2"], recommended_values=["hunter2"])
    task = Task.model_validate({"id": {"connector": "a", "task": 0}, "config": config})
    validation = Validation.model_validate({"configs": [{"value": value.model_dump()}]})
    settings = Settings(
        urls=("http://u:hunter2@worker:8083/x?token=hunter2",),
        username="svc",
        password="hunter2",
        token="hunter2",
        headers=(("K", "hunter2"),),
        ca="hunter2",
        cert="hunter2",
        key="hunter2",
        proxy="http://u:hunter2@proxy",
    )
    for shown in (info, value, task, validation, Expanded(info=info), settings):
        assert "hunter2" not in repr(shown)
    assert "http://worker:8083/x" in repr(settings)
    assert "svc" in repr(settings)
