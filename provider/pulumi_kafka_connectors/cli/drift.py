"""`pulumi-kafka-connectors drift`: whether what runs is what the state of a stack holds."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pulumi_kafka_connectors.cli import stack
from pulumi_kafka_connectors.cli.options import OK, add_command
from pulumi_kafka_connectors.cli.report import line
from pulumi_kafka_connectors.cli.state import Stored, connectors_in
from pulumi_kafka_connectors.core import connectors, diff
from pulumi_kafka_connectors.core.diff import Kind
from pulumi_kafka_connectors.core.operation import Failure, Listener, Operation, OperationFailed
from pulumi_kafka_connectors.core.ownership import is_other_cluster
from pulumi_kafka_connectors.core.spec import CLUSTER
from pulumi_kafka_connectors.core.values import reveal

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands

CANNOT_RUN: Final = 1
DRIFT: Final = 2
"""Exit codes of this command, for which 2 is what most commands that look for differences return."""
_WORDS: Final = {Kind.ADD: "removed", Kind.DELETE: "added", Kind.UPDATE: "changed"}
"""What happened to a key on the cluster, by what an update would do about it."""


def add(commands: Commands, common: Sequence[argparse.ArgumentParser]) -> None:
    """Register the command."""
    text = "compare what runs with the state of the stack; exits with 2 on a difference, with 1 if it could not run"
    parser = add_command(commands, "drift", run, common, text)
    parser.add_argument(
        "--unmanaged", action="store_true", help="also report connectors that no resource of the stack declares"
    )
    parser.set_defaults(cannot_run=CANNOT_RUN)


@dataclass(frozen=True)
class Difference:
    """How a connector differs from the state. Its texts contain no values.

    Attributes:
        exists: whether there is such a connector.
        keys: what happened (added, removed, changed) by the path of a property, such as `config["tasks.max"]`.
        failures: sentences about what failed, unless the resource does not wait for it to run.
    """

    name: str
    urn: str
    exists: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)
    failures: Sequence[str] = ()

    @property
    def any(self) -> bool:
        """Whether an `up` after a refresh would do anything about it."""
        return not self.exists or bool(self.keys or self.failures)

    @property
    def texts(self) -> Iterator[str]:
        """A sentence for each difference."""
        if not self.exists:
            yield f"connector {self.name} does not exist"
        by_word = {word: [path for path, found in self.keys.items() if found == word] for word in _WORDS.values()}
        told = [
            f"{', '.join(paths)} {'was' if len(paths) == 1 else 'were'} {word}" for word, paths in by_word.items() if paths
        ]
        if told:
            yield f"connector {self.name}: {'; '.join(told)}"
        yield from self.failures


class _Told(Listener):
    """Keeps the warnings of one operation."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


def run(operation: Operation, asked: argparse.Namespace) -> int:
    """Print the differences between the state of the stack and the connectors of its cluster.

    Returns:
        0 if there is none, else 2.

    Raises:
        ConnectError, Failure: a connector cannot be read.
        SettingsError: the state cannot be read.
    """
    stored = connectors_in(stack.exported(asked.stack, seconds=asked.timeout))
    cluster = operation.cluster
    current = cluster.kafka_cluster_id()
    here = [one for one in stored if not is_other_cluster(one.outputs.get(CLUSTER), current)]
    found: list[Difference] = []
    for one in here:
        if cluster.clock.now() >= asked.deadline:
            raise Failure(f"only {len(found)} of {len(here)} connectors were compared within --timeout")
        found.append(compare(operation, one))
    differing = [one for one in found if one.any]
    existing = cluster.client.connectors() if asked.unmanaged else []
    unmanaged = sorted(set(existing) - {one.name for one in here})
    if asked.json:
        print(json.dumps(as_json(differing, unmanaged, len(here), len(stored) - len(here)), indent=2))
    else:
        _show(differing, unmanaged, summary(len(here), len(differing), len(stored) - len(here)))
    return DRIFT if differing or unmanaged else OK


def compare(operation: Operation, stored: Stored) -> Difference:
    """Read a connector as a refresh does, and compare it with the state as a preview does.

    Raises:
        Failure: it cannot be read.
    """
    told = _Told()
    try:
        # Without a status, a connector that does not exist would be an error.
        props = {"status": "", **stored.outputs}
        outcome = connectors.read(Operation(operation.access, told), stored.name, props)
    except OperationFailed as problem:
        raise Failure(str(problem)) from None
    if not outcome.id:
        return Difference(stored.name, stored.urn, exists=False)
    live, declared = reveal(outcome.outputs), reveal(stored.inputs)
    changes = diff.compare(live, declared)
    keys = {path: _WORDS[detail.kind] for path, detail in diff.details(live, declared, changes).items()}
    return Difference(stored.name, stored.urn, keys=keys, failures=told.warnings if changes.unhealthy else ())


def summary(compared: int, differing: int, left_out: int) -> str:
    """What the last line says. Pure."""
    text = f"{compared} {'connector' if compared == 1 else 'connectors'} compared, {differing} with differences"
    return f"{text}, {left_out} of other clusters left out" if left_out else text


def as_json(differing: Sequence[Difference], unmanaged: Sequence[str], compared: int, left_out: int) -> dict[str, Any]:
    """What `--json` writes. Pure."""
    shown = [
        {"name": one.name, "urn": one.urn, "exists": one.exists, "keys": dict(one.keys), "failures": list(one.failures)}
        for one in differing
    ]
    counts = {"compared": compared, "leftOut": left_out}
    return {"drift": bool(differing or unmanaged), **counts, "connectors": shown, "unmanaged": list(unmanaged)}


def _show(differing: Sequence[Difference], unmanaged: Sequence[str], last: str) -> None:
    for one in differing:
        for text in one.texts:
            print(line(text))
    for name in unmanaged:
        print(line(f"connector {name} is declared by no resource of the stack"))
    print(last)
