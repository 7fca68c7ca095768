"""Requests of the provider protocol with values of every kind and shape, and what every answer to them must be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from pulumi_kafka_connectors.core import spec
from pulumi_kafka_connectors.core.settings import NAMES
from pulumi_kafka_connectors.core.values import REFUSED, has_unknowns
from pulumi_kafka_connectors.plugin.functions import FUNCTIONS
from pulumi_kafka_connectors.plugin.wire import props_from_wire
from tests.support.host import PluginHost, forked_plugin, struct_of
from tests.support.names import faulty
from tests.support.worker import FakeWorker, fake_worker

SECONDS: Final = 20.0
"""How long any call may take."""
SIGNATURE: Final = rpc._special_sig_key
_SPECIAL = [
    rpc.UNKNOWN,
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    rpc._special_secret_sig,
    rpc._special_output_value_sig,
    rpc._special_asset_sig,
    rpc._special_resource_sig,
]
_WORDS = [
    "", " ", ".", "..", "a", "b", "a/b", "a%2Fb", "name", "running", "paused", "stopped", "failed", "error", "warn", "off", "same", "true",
    "1", "-1", "1e9", "5m", "1h30m", "0", "[hidden]", "********", "${file:/a:b}", "testing.FaultySource", "testing.IdleSink", "FaultySource", "k",
    '{"a": 5}', "[", "http://127.0.0.1:1", "ftp://a", "\x00", "a\nb", "\x1b[31m", "\u202e", "\ufeff", "🙂", "é",
]  # fmt: skip
_HUGE = [
    "x" * 100_000,
    "${" * 30_000,
    "a b " * 20_000,
    "\x00" * 5_000,
    "password=" * 5_000,
    "://a:b@" * 5_000,
    "🙂" * 20_000,
]
_KEYS = [
    *spec.INPUTS, *spec.OBSERVED, spec.PASSWORDS, spec.MARKED, spec.WORKERS, spec.BROKERS, "partitions", "replication_factor",
    SIGNATURE, "value", "secret", "__provider", "connector.class", "connector.plugin.version", "tasks.max", "topic", "pin", "rate", "db.password", "create", "update", "delete",
    "partition", "offset", "long", "double", REFUSED, "id", "state", *NAMES, "bootstrap.servers", "plugin", "secrets",
]  # fmt: skip

KEYS = st.one_of(st.sampled_from(_KEYS), st.sampled_from(_WORDS), st.text(max_size=6))
TEXTS = st.one_of(st.sampled_from(_WORDS), st.sampled_from(_SPECIAL), st.text(max_size=12))


def _number(number: float) -> Value:
    return Value(number_value=number)


def _text(text: str) -> Value:
    return Value(string_value=text)


def _list(values: list[Value]) -> Value:
    return Value(list_value=ListValue(values=values))


def _map(fields: Mapping[str, Value]) -> Value:
    return Value(struct_value=Struct(fields=dict(fields)))


def _special(signature: Value, rest: dict[str, Value]) -> Value:
    return _map({SIGNATURE: signature, **rest})


def _deep(value: Value, depth: int, in_list: bool) -> Value:
    for _ in range(depth):
        value = _list([value]) if in_list else _map({"a": value})
    return value


_LEAVES = st.one_of(
    st.builds(Value),
    st.just(Value(null_value=NULL_VALUE)),
    st.booleans().map(lambda flag: Value(bool_value=flag)),
    st.sampled_from([0.0, 1.0, 2.0, -1.0, 0.5, 1e300, float("nan"), float("inf"), -float("inf")]).map(_number),
    st.floats().map(_number),
    TEXTS.map(_text),
)
VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(_list),
        st.dictionaries(KEYS, inner, max_size=3).map(_map),
        st.builds(
            _special,
            st.one_of(st.sampled_from(_SPECIAL).map(_text), inner),
            st.dictionaries(st.sampled_from(["value", "secret", "dependencies", "a"]), inner, max_size=3),
        ),
    ),
    max_leaves=6,
)
ANY_VALUES = st.one_of(
    VALUES,
    VALUES,
    VALUES,
    st.builds(_deep, _LEAVES, st.integers(1, 28), st.booleans()),
    st.sampled_from(_HUGE).map(_text),
    st.sampled_from([_list([_number(1.0)] * 5_000), _map({f"k{number}": _text("v") for number in range(2_000)})]),
)

_CONNECTOR = struct_of({"name": "a", "config": faulty(db_password="hunter2-fuzz"), "wait": False})
_STORED = struct_of(
    {
        "name": "a",
        "config": faulty(db_password="hunter2-fuzz"),
        "status": "running",
        "type": "source",
        "tasks": [{"id": 0, "state": "running"}],
        "cluster": "k",
        "version": "7.1",
        "workers": ["http://127.0.0.1:1"],
    }
)
_TOPIC = struct_of({"name": "t", "partitions": 1, "replication_factor": 1, "config": {"retention.ms": "5"}})


def _changed(base: Struct, changes: Mapping[str, Value], config: Mapping[str, Value]) -> Struct:
    struct = Struct(fields={**base.fields, **changes})
    if config and struct.fields["config"].WhichOneof("kind") == "struct_value":
        inner = {**struct.fields["config"].struct_value.fields, **config}
        struct.fields["config"].CopyFrom(_map(inner))
    return struct


PROPS = st.one_of(
    st.dictionaries(KEYS, ANY_VALUES, max_size=5).map(lambda fields: Struct(fields=fields)),
    st.builds(
        _changed,
        st.sampled_from([_CONNECTOR, _STORED, _STORED, _TOPIC]),
        st.dictionaries(st.sampled_from(_KEYS), ANY_VALUES, max_size=2),
        st.dictionaries(KEYS, ANY_VALUES, max_size=2),
    ),
)
SETTINGS = st.dictionaries(st.one_of(st.sampled_from(NAMES), KEYS), ANY_VALUES, max_size=4).map(
    lambda fields: Struct(fields=fields)
)
IDS = st.one_of(st.just("a"), TEXTS)
_TYPES = ["kafka-connectors:index:Connector"] * 4 + ["kafka-connectors:index:Topic", "a", ""]
URNS = st.one_of(
    st.sampled_from(_TYPES).map(lambda type_: f"urn:pulumi:test::test::{type_}::a"),
    st.sampled_from(["urn:pulumi:test::test::my:A$kafka-connectors:index:Connector::a/b", "", "::", "urn:pulumi:a::b"]),
)
TIMES = st.sampled_from([0.0, 2.0])
FUNCTION_NAMES = st.one_of(st.sampled_from(sorted(FUNCTIONS)).map("kafka-connectors:index:{}".format), TEXTS)

REQUESTS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "CheckConfig": st.builds(provider_pb2.CheckRequest, urn=URNS, olds=SETTINGS, news=SETTINGS),
    "DiffConfig": st.builds(provider_pb2.DiffRequest, id=IDS, urn=URNS, olds=SETTINGS, news=SETTINGS),
    "Configure": st.builds(provider_pb2.ConfigureRequest, args=SETTINGS),
    "Check": st.builds(provider_pb2.CheckRequest, urn=URNS, olds=PROPS, news=PROPS),
    "Diff": st.builds(provider_pb2.DiffRequest, id=IDS, urn=URNS, olds=PROPS, news=PROPS),
    "Preview": st.builds(provider_pb2.CreateRequest, urn=URNS, properties=PROPS, preview=st.just(True)),
    "PreviewUpdate": st.builds(provider_pb2.UpdateRequest, id=IDS, urn=URNS, olds=PROPS, news=PROPS, preview=st.just(True)),
    "Create": st.builds(provider_pb2.CreateRequest, urn=URNS, properties=PROPS, timeout=TIMES),
    "Read": st.builds(provider_pb2.ReadRequest, id=IDS, urn=URNS, properties=PROPS, inputs=PROPS),
    "Update": st.builds(provider_pb2.UpdateRequest, id=IDS, urn=URNS, olds=PROPS, news=PROPS, timeout=TIMES),
    "Delete": st.builds(provider_pb2.DeleteRequest, id=IDS, urn=URNS, properties=PROPS, timeout=TIMES),
    "Invoke": st.builds(provider_pb2.InvokeRequest, tok=FUNCTION_NAMES, args=PROPS),
}
"""Requests by what is tried with them."""
_METHODS = {"Preview": "Create", "PreviewUpdate": "Update"}
_OFFLINE = struct_of({"name": rpc.UNKNOWN, "config": {}})
"""Inputs for whose check the settings are read and no worker is asked."""


def is_shown(text: str) -> bool:
    """Whether a terminal shows every character of a text, on one line."""
    return not any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in text)


class Fuzz:
    """Calls a plugin process on a fake worker, and checks each answer.

    Attributes:
        answered: calls that succeeded, by what was tried.
        refused: the same for those that failed.
    """

    def __init__(self, worker: FakeWorker, plugin: PluginHost) -> None:
        self._worker, self._plugin = worker, plugin
        self.answered = self.refused = 0

    def attempt(self, what: str, request: Any) -> None:
        """Make one call; fails if it takes too long or is answered with a defect."""
        worker = self._worker
        worker.connectors.clear()
        worker.requests.clear()
        if what in ("Read", "Update", "Delete", "Invoke"):
            worker.connectors["a"] = {"config": {**faulty(db_password="hunter2-fuzz"), "name": "a"}, "state": "RUNNING"}
        if what in ("Create", "Update"):
            self._change(what, request)
        else:
            self._call(_METHODS.get(what, what), request)
        if what == "Configure":
            self._call("Check", provider_pb2.CheckRequest(urn=self._plugin.urn, news=_OFFLINE))
        assert self._plugin.stub.GetPluginInfo(Empty(), timeout=SECONDS).version

    def _change(self, what: str, request: Any) -> None:
        """As the engine does: only with what has passed the check, and without values that are not known yet."""
        given = request.properties if what == "Create" else request.news
        if what == "Update" and not self._checked(request.urn, request.olds):
            request.olds.CopyFrom(_STORED)
        if self._checked(request.urn, given):
            self._call(what, request)

    def _checked(self, urn: str, props: Struct) -> bool:
        """Bring inputs into the form that is stored; whether they pass the check and are known."""
        checked = self._call("Check", provider_pb2.CheckRequest(urn=urn, news=props))
        if checked is None or checked.failures or has_unknowns(props_from_wire(checked.inputs)):
            return False
        props.CopyFrom(checked.inputs)
        return True

    def _call(self, method: str, request: Any) -> Any:
        """The response; None if the call failed."""
        response, problem = None, None
        try:
            response = getattr(self._plugin.stub, method)(request, timeout=SECONDS)
        except grpc.RpcError as error:
            problem = error
        if problem is None:
            self.answered += 1
        else:
            self.refused += 1
            assert problem.code() is grpc.StatusCode.UNKNOWN, (problem.code(), problem.details())
        texts = [str(problem.details())] if problem else [failure.reason for failure in getattr(response, "failures", ())]
        for text in texts:
            assert not re.search(r"Traceback|defect|File \"", text), text
            assert is_shown(text), repr(text)
        return response


@contextmanager
def fuzzed_plugin() -> Iterator[Fuzz]:
    """A process of its own on a worker of its own."""
    with fake_worker() as worker, forked_plugin() as plugin:
        plugin.configure(url=worker.url, retry="1", timeout="5")
        yield Fuzz(worker, plugin)


def run(what: str, examples: int, number: int) -> Fuzz:
    """Make so many calls with requests of one kind; the first that is answered wrongly is shown in its smallest form.

    Args:
        what: a key of `REQUESTS`.
        examples: how many.
        number: what the random requests start from.

    Returns:
        The counts.
    """
    with fuzzed_plugin() as fuzz:

        @seed(number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(REQUESTS[what])
        def attempt(request: Any) -> None:
            fuzz.attempt(what, request)

        attempt()
        return fuzz
