"""Nothing that holds a configuration or a login shows it when it is printed, logged or part of a traceback."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

import pulumi_kafka_connectors
from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.exporting.project import Project, project_for
from pulumi_kafka_connectors.cli.report import Part, Shown
from pulumi_kafka_connectors.cli.state import Stored
from pulumi_kafka_connectors.connect import OAuth, Settings, models
from pulumi_kafka_connectors.connect.oauth import Token
from pulumi_kafka_connectors.connect.transport import Answer, Received, Request
from pulumi_kafka_connectors.core import plan, spec
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.diff import Changes
from pulumi_kafka_connectors.core.health import Health, Observed, Verdict
from pulumi_kafka_connectors.core.operation import Checked, Operation, Outcome
from pulumi_kafka_connectors.core.redaction import Redactor
from pulumi_kafka_connectors.core.settings import Access, parse_settings
from pulumi_kafka_connectors.core.settling import TasksBefore, TasksSeen
from pulumi_kafka_connectors.core.steps import Execution
from pulumi_kafka_connectors.core.validation import Findings
from pulumi_kafka_connectors.core.values import Secret
from pulumi_kafka_connectors.files.folder import ConnectorFile
from pulumi_kafka_connectors.kafka import TopicState

SECRET = "hunter2"
CONFIG = {"connector.class": "C", "db.password": SECRET, "pin": SECRET}
GIVEN = {
    "url": "http://a:8083",
    "token": SECRET,
    "headers": {"X-Key": SECRET},
    "proxy": f"http://u:{SECRET}@proxy:1",
    "kafka": {"sasl.password": SECRET},
}
SETTINGS = parse_settings(GIVEN)
SPEC = spec.spec_of({"name": "a", "config": CONFIG, "restart": SECRET})
FAILED = models.TaskState.model_validate({"id": 0, "state": "FAILED", "trace": f"no {SECRET}"})
STATUS = models.ConnectorStatus(name="a", connector=models.ConnectorState(state=FAILED.state, trace=SECRET), tasks=[FAILED])
INFO = models.ConnectorInfo(name="a", config=CONFIG)
VALUE = models.ConfigValue(name="pin", value=SECRET, errors=[SECRET])
OBSERVED = Observed(CONFIG, STATUS, "source", [CONFIG])
OPERATION = Operation(Access(GIVEN, {}))
OBJECTS: list[Any] = [
    SETTINGS,
    Settings(("http://u:hunter2@a:1",), password=SECRET, token=SECRET, key=SECRET, cert=SECRET),
    OAuth("http://u:hunter2@login/?key=hunter2", "c", SECRET),
    Token(SECRET),
    Access(GIVEN, {"KAFKA_CONNECT_PASSWORD": SECRET}),
    ConnectorFile("a.json", "a", "a", {"pin": SECRET}),
    OPERATION,
    Cluster(SETTINGS),
    Cluster(SETTINGS).client,
    Redactor([SECRET]),
    Secret(SECRET),
    SPEC,
    Checked({"config": CONFIG}),
    Outcome("a", {"config": CONFIG}, {"config": CONFIG}),
    OBSERVED,
    Verdict(Health.FAILED, f"no {SECRET}"),
    Findings(secrets=frozenset([SECRET])),
    TasksBefore([CONFIG]),
    TasksSeen([CONFIG]),
    plan.PutConfig(CONFIG),
    plan.Step(plan.PutConfig(CONFIG), undo=plan.PutConfig(CONFIG)),
    Execution(OPERATION, Cluster(SETTINGS), SPEC, 1.0, OBSERVED, TasksBefore([CONFIG])),
    Found("a", CONFIG),
    project_for([Found("a", CONFIG, passwords=frozenset(["pin"]))], "p", ["http://a"]),
    Project({"a": SECRET}, {"b": SECRET}, [], []),
    Part(0, FAILED.state, cause=SECRET, trace=SECRET),
    Shown("a", "source", tasks=(Part(0, FAILED.state, cause=SECRET, trace=SECRET),)),
    Stored("urn", "a", {"config": CONFIG}, {"config": CONFIG}),
    Request("POST", "/connectors", body={"config": CONFIG}),
    Answer(200, {"config": CONFIG}, "http://a"),
    Received(200, {}, SECRET.encode(), whole=True),
    TopicState(1, 1, {"a": SECRET}),
    INFO,
    STATUS,
    FAILED,
    models.Task(id=models.TaskId(connector="a", task=0), config=CONFIG),
    models.Expanded(info=INFO, status=STATUS),
    VALUE,
    models.ValidatedKey(value=VALUE),
    models.Validation(configs=[models.ValidatedKey(value=VALUE)]),
    FAILED.model_copy(update={"trace": SECRET}),
    STATUS.connector,
    Changes(frozenset(["config"])),
]
WORDS = ("config", "configs", "props", "inputs", "outputs", "private", "files", "secrets", "body", "data", "trace", "password", "token", "client_secret", "key_password", "tasks", "value")  # fmt: skip


@pytest.mark.parametrize("made", OBJECTS, ids=lambda made: type(made).__name__)
def test_no_repr_shows_a_secret(made: Any) -> None:
    assert SECRET not in repr(made)
    assert SECRET not in str(made)


def classes() -> Iterator[type]:
    for found in pkgutil.walk_packages(pulumi_kafka_connectors.__path__, "pulumi_kafka_connectors."):
        try:
            module = importlib.import_module(found.name)
        except ImportError:
            continue
        yield from (made for made in vars(module).values() if isinstance(made, type) and made.__module__ == found.name)


def test_every_class_with_a_field_that_may_hold_one_is_in_the_table() -> None:
    holding = set()
    for made in classes():
        fields = [field.name for field in dataclasses.fields(made)] if dataclasses.is_dataclass(made) else []
        if issubclass(made, BaseModel):
            fields = list(made.model_fields)
        if set(fields) & set(WORDS):
            holding.add(made)
    assert {made.__name__ for made in holding} - {type(made).__name__ for made in OBJECTS} == set()
