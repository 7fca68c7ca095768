"""What one operation of a front-end works with, and how everything that leaves it becomes a sentence without secrets."""

from __future__ import annotations

import functools
import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from pulumi_kafka_connectors.connect import ConnectError, Unauthorized
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import values
from pulumi_kafka_connectors.core.clock import Cancelled
from pulumi_kafka_connectors.core.redaction import Redactor, secret_keys, visible
from pulumi_kafka_connectors.core.settings import NAMESPACE, Access, SettingsError
from pulumi_kafka_connectors.core.spec import MARKED, PASSWORDS, Adopt

if TYPE_CHECKING:
    from pulumi_kafka_connectors.core.checks import Problem
    from pulumi_kafka_connectors.core.cluster import Cluster
    from pulumi_kafka_connectors.core.diff import Changes

Props = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)


class Failure(Exception):
    """The cluster did not become what was declared, and why.

    Attributes:
        remains: what was left on the cluster, where something of it is left.
    """

    remains: Outcome | None = None


class Incomplete(Failure):
    """What was declared is only there in part or not healthy, and was left so.

    Attributes:
        unfinished: the actions of the plan that were not completed, or may have been undone.
        state: the state that the connector was left in.
    """

    def __init__(self, text: str, unfinished: tuple[object, ...] = (), state: State = State.RUNNING) -> None:
        super().__init__(text)
        self.unfinished, self.state = unfinished, state


class OperationFailed(Exception):
    """An operation failed: one sentence that a person can act on, without secrets.

    Attributes:
        remains: what it left on the cluster, where something of it is left.
    """

    def __init__(self, text: str, remains: Outcome | None = None) -> None:
        super().__init__(text)
        self.remains = remains


@dataclass(frozen=True)
class Checked:
    """Inputs in the form that is stored, secret values marked, and what is wrong with them."""

    inputs: Props = field(repr=False)
    problems: tuple[Problem, ...] = ()

    def sentences(self) -> list[str]:
        """The problems as a person reads them, each on one line of characters that a terminal shows."""
        return [" ".join(visible(problem.text).split()) for problem in self.problems]


@dataclass(frozen=True)
class Outcome:
    """What there is after an operation: the properties as the engine stores them, secret values marked.

    Attributes:
        id: empty when there is nothing any more.
        outputs: inputs and what was observed.
        inputs: as they are on the cluster, where that was read.
    """

    id: str
    outputs: Props = field(default_factory=dict, repr=False)
    inputs: Props | None = field(default=None, repr=False)


class Listener:
    """Where an operation's words go while it runs: the log, unless a front-end has a better place."""

    def warn(self, text: str) -> None:
        """Something that the user should know although nothing failed."""
        log.warning("%s", text)

    def progress(self, text: str) -> None:
        """What is being waited for."""
        log.info("%s", text)


class Operation:
    """One operation: how to reach the cluster, whom to tell what, and every secret value that it meets.

    Args:
        access: the settings as they were given.
        listener: where warnings and progress go.
        owner: which resource this is about: its URN, where the front-end knows it.
        seconds: how long it may take, where the engine says so and the resource does not.

    Attributes:
        redactor: what every text goes through that leaves the operation.
    """

    def __init__(
        self, access: Access, listener: Listener | None = None, owner: str = "", seconds: float | None = None
    ) -> None:
        self.access = access
        self.owner = owner
        self.seconds = seconds
        self.redactor = Redactor()
        self._listener = listener or Listener()
        self.redactor.add(*access.secrets())
        self._secret_keys: set[str] = set()

    @property
    def cluster(self) -> Cluster:
        """The cluster of the settings.

        Raises:
            SettingsError: a setting is missing or cannot be used.
        """
        # Late: pydantic and an HTTP library take longer to import than an unchanged preview takes.
        from pulumi_kafka_connectors.core.cluster import CLUSTERS

        cluster = CLUSTERS.of(self.access.settings())
        self.redactor.follow(cluster.issued_tokens)
        return cluster

    def adopt(self, given: object) -> Adopt:
        """What a create may take over: as its resource says, else as the settings say.

        Raises:
            SettingsError: the setting cannot be used.
            ValueError: the resource says something else.
        """
        return self.access.adopt() if given is None else Adopt.of(given)

    def learn(self, props: Mapping[str, Any]) -> None:
        """Remember the secret values of a resource's properties."""
        config = values.reveal(props.get("config"))
        if isinstance(config, Mapping):
            self._secret_keys |= secret_config_keys(props)
            self.learn_config(config)

    def learn_config(self, config: Mapping[str, Any], secret: Iterable[str] = ()) -> None:
        """Remember the secret values of a configuration, also of one as it is on the cluster.

        Args:
            config: without marks.
            secret: keys whose values are secret besides those that look so and those of properties learned before.
        """
        self.redactor.add_config(config, secret_keys(config, self._secret_keys.union(secret)))

    def warn(self, text: str) -> None:
        """Tell the user something, without secrets."""
        self._listener.warn(self.redactor.one_line(text))

    def progress(self, text: str) -> None:
        """Tell what is being waited for, without secrets."""
        self._listener.progress(self.redactor.one_line(text))

    def format_error(self, problem: Exception) -> str:
        """The sentence for a person, without secrets, and with what to do about a refused login."""
        text = str(problem)
        if isinstance(problem, Unauthorized) or isinstance(problem.__cause__, Unauthorized):
            login = f"check {NAMESPACE}:username, :password and :token"
            client = f"check {NAMESPACE}:tokenurl, :clientid, :clientsecret and :scopes"
            text += (
                f": {client if self.access.has_client else login}; plain `pulumi refresh` and `pulumi destroy` "
                "use the settings saved in the state, after a change of stack configuration add --run-program"
            )
        return self.redactor.one_line(text)

    def format_defect(self) -> str:
        """The sentence for a failure that nobody foresaw, with the traceback that is being handled."""
        text = f"a defect of pulumi-kafka-connectors, please report it: {traceback.format_exc(limit=-20)}"
        return self.redactor.redact(text)


class Operations(Protocol):
    """The operations of one resource type, as implemented by a module of `core`."""

    def check(self, operation: Operation, olds: Props, news: Props, /) -> Checked:
        """Reject invalid inputs, and normalize the others to the form that is stored."""

    def compare(self, operation: Operation, olds: Props, news: Props, /) -> Changes:
        """Decide between no change, an update and a replacement."""

    def expect(self, operation: Operation, olds: Props, news: Props, /) -> Outcome:
        """What a create or update will return, as far as that is known before."""

    def create(self, operation: Operation, props: Props, /) -> Outcome:
        """Create what is declared."""

    def read(self, operation: Operation, name: str, props: Props, /) -> Outcome:
        """Read the resource as it is."""

    def update(self, operation: Operation, olds: Props, news: Props, /) -> Outcome:
        """Update the resource to the new inputs."""

    def delete(self, operation: Operation, name: str, props: Props, /) -> None:
        """Delete it."""


def secret_config_keys(props: Mapping[str, Any]) -> set[str]:
    """Keys of `config` whose values are secret: by their looks, as listed, as marked, and as the plugin types them."""
    config = props.get("config")
    if not isinstance(config, Mapping):
        return set()
    listed = {name for key in ("sensitive", PASSWORDS, MARKED) for name in names_in(props, key)}
    listed |= {key for key, value in config.items() if isinstance(value, values.Secret)}
    return secret_keys(values.reveal(config), listed)


def names_in(props: Mapping[str, Any], key: str) -> list[str]:
    """The names that a list among the properties holds; anything else in it is left out."""
    listed = props.get(key)
    if isinstance(listed, str):  # refused by the checks, and until then as secret as it was meant
        return [listed]
    return [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list | tuple) else []


def translate_errors(call: Callable[Concatenate[Operation, P], R]) -> Callable[Concatenate[Operation, P], R]:
    """Make every way an operation can fail an `OperationFailed` without secrets; nothing else may reach a front-end."""

    @functools.wraps(call)
    def wrapped(operation: Operation, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for props in args:
            if isinstance(props, Mapping):
                operation.learn(props)
        try:
            return call(operation, *args, **kwargs)
        except OperationFailed:
            raise
        except (Failure, ConnectError, SettingsError, Cancelled) as problem:
            text, remains = operation.format_error(problem), getattr(problem, "remains", None)
        except BaseException:  # noqa: BLE001 - the dynamic host hangs on a BaseException
            text, remains = operation.format_defect(), None
        raise OperationFailed(text, remains) from None

    return wrapped
