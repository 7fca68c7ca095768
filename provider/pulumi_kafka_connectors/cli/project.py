"""A Pulumi project for connectors that exist already. Pure: turns connectors into the text of files."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.checks import name_problem
from pulumi_kafka_connectors.core.redaction import is_mask, secret_keys, visible
from pulumi_kafka_connectors.core.spec import Adopt

PROVIDER: Final = "gASVPAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjBFDb25uZWN0b3JQcm92aWRlcpSTlClSlC4="
"""The pickled provider, as in the state of every connector."""
_TYPE: Final = "pulumi-python:dynamic/kafka-connectors:Connector"
_ADOPT: Final = Adopt.SAME.value
_IMPORT: Final = "pulumi import --file import.json --yes --generate-code=false --protect=false"
"""Without these flags the engine fails after the import, since it cannot generate code for dynamic resources."""
_SECRET_MARK: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


@dataclass(frozen=True)
class Found:
    """One connector as it is on the cluster.

    Attributes:
        config: in the form of `spec.own_config`.
        state: running, paused or stopped.
        passwords: keys that its plugin types as PASSWORD; None if no worker reports them.
        observed: its outputs: status, type, tasks, version.
    """

    name: str
    config: Mapping[str, str] = field(repr=False)
    state: str = "running"
    passwords: frozenset[str] | None = frozenset()
    observed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def declared(self) -> dict[str, str]:
        """The configuration without what workers add; the class comes first."""
        return dict(sorted(self.config.items(), key=lambda item: (item[0] != "connector.class", item[0])))

    @property
    def secret(self) -> set[str]:
        """Keys whose values are secret, or masked, so that they may be."""
        return secret_keys(self.declared, self.passwords or ()) | set(self.masked)

    @property
    def masked(self) -> list[str]:
        """Keys whose values the workers mask."""
        return sorted(key for key, value in self.config.items() if is_mask(value))

    @property
    def failed(self) -> bool:
        """Whether the connector or one of its tasks failed."""
        return self.observed.get("status") == State.FAILED.word


@dataclass(frozen=True)
class Project:
    """The files of a project by name; those in `private` contain secrets.

    Attributes:
        skipped: a message for each connector that cannot be declared.
        masked: keys of the stack configuration whose values the workers mask: to be set manually.
        notes: other messages about what needs attention.
    """

    files: Mapping[str, str] = field(repr=False)
    private: Mapping[str, str] = field(repr=False)
    skipped: Sequence[str]
    masked: Sequence[str]
    notes: Sequence[str] = ()


def project_for(found: Sequence[Found], project: str, urls: Sequence[str]) -> Project:
    """The project that declares these connectors as they are.

    Args:
        found: the connectors.
        project: name of the project.
        urls: where the workers are.
    """
    skipped = [f"connector {one.name} is skipped: {why}" for one in found if (why := name_problem(one.name))]
    usable = sorted((one for one in found if not name_problem(one.name)), key=lambda one: one.name)
    keys = _secret_names(usable)
    values = {keys[one.name, key]: one.declared[key] for one in usable for key in sorted(one.secret)}
    masked = sorted(name for name, value in values.items() if is_mask(value))
    unusual = sorted(name for name, value in values.items() if not _fits_command_line(value))
    notes = [*(note for one in usable for note in _notes(one)), *(f"{name} {_UNUSUAL}" for name in unusual)]
    files = {
        "Pulumi.yaml": f"name: {json.dumps(project)}\nruntime: python\ndescription: Connectors of Kafka Connect\n",
        "requirements.txt": "pulumi-kafka-connectors\n",
        "__main__.py": _program(usable, keys),
        "README.md": _readme(project, urls, sorted(values), notes),
    }
    set_manually = {*masked, *unusual}
    sets = [f"--secret {shlex.quote(f'{name}={value}')}" for name, value in values.items() if name not in set_manually]
    imported = [_imported(one) for one in usable if not one.masked]
    private = {
        "secrets.sh": "#!/bin/sh\n" + " \\\n  ".join(["pulumi config set-all", *sets]) + "\n" if sets else "",
        "import.json": json.dumps({"resources": imported}, indent=2) + "\n",
    }
    return Project(files, private, skipped, masked, notes)


_UNUSUAL: Final = "contains characters that no command line can hold: set it manually"


def _fits_command_line(value: str) -> bool:
    return re.search(r"[\x00\ud800-\udfff]", value) is None


def _notes(one: Found) -> Iterator[str]:
    """What needs attention before the connector is managed by the program."""
    if one.failed:
        yield (
            f"connector {one.name} has failed: it is declared with wait=False, so that `pulumi up` does not restart it; "
            "remove that once it is repaired"
        )
    if one.masked:
        keys = ", ".join(one.masked)
        yield (
            f"connector {one.name} is not in import.json, since the workers mask {keys}: set the values in the stack "
            "configuration and let `pulumi up` take the connector over"
        )
    if one.passwords is None:
        plugin = one.config.get("connector.class", "its plugin")
        yield (
            f"connector {one.name}: no worker reports which keys of {plugin} are passwords: check __main__.py for secrets"
        )


def _secret_names(found: Sequence[Found]) -> dict[tuple[str, str], str]:
    """A key of the stack configuration for each secret value."""
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for one in found:
        for key in sorted(one.secret):
            wanted = re.sub(r"[^A-Za-z0-9_.-]", "-", f"{one.name}.{key}")
            name, number = wanted, 2
            while name in taken:
                name, number = f"{wanted}-{number}", number + 1
            taken.add(name)
            names[one.name, key] = name
    return names


def _program(found: Sequence[Found], keys: Mapping[tuple[str, str], str]) -> str:
    config = ["", "config = pulumi.Config()"] if keys else []
    head = ['"""Connectors exported from a Kafka Connect cluster."""', "", *(["import pulumi"] if keys else [])]
    return (
        "\n".join([*head, "import pulumi_kafka_connectors as kc", *config, *(_declared(one, keys) for one in found)]) + "\n"
    )


def _declared(one: Found, keys: Mapping[tuple[str, str], str]) -> str:
    secret = one.secret
    lines = ["", "kc.Connector(", f"    {_text(one.name)},", "    config={"]
    for key, value in one.declared.items():
        shown = f"config.require_secret({_text(keys[one.name, key])})" if key in secret else _text(value)
        lines.append(f"        {_text(key)}: {shown},")
    lines.append("    },")
    if one.state != "running":
        lines.append(f"    state={_text(one.state)},")
    lines.append(f"    adopt={_text(_ADOPT)},")
    if one.failed:
        lines.append(
            "    # It had failed when it was exported: without this, `pulumi up` would restart it and wait for it to run."
        )
        lines.append("    wait=False,")
    return "\n".join([*lines, ")"])


def _text(value: str) -> str:
    """A Python literal, whose escapes are JSON's as far as these are Python's; what an editor would not show is escaped."""
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(sign if visible(sign) == sign else _escape(sign) for sign in quoted)


def _escape(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _readme(project: str, urls: Sequence[str], names: Sequence[str], notes: Sequence[str]) -> str:
    sets = [f"pulumi config set --secret {shlex.quote(name)}    # asks for the value" for name in names]
    lines = [
        f"# {visible(' '.join(project.split()))}",
        "",
        "The connectors of a Kafka Connect cluster, declared as they are. `pulumi up` changes nothing on the cluster as",
        "long as the program matches it.",
        "",
        "```sh",
        "pip install -r requirements.txt",
        "pulumi stack init prod",
        f"pulumi config set kafka-connectors:url {shlex.quote(','.join(urls))}",
        *sets,
        "pulumi up",
        "```",
        "",
    ]
    if names:
        lines += ["With `--secrets`, `pulumi-kafka-connectors export` also writes `secrets.sh`, which sets them all, and"]
        lines += [
            f"`import.json`, for `{_IMPORT}`",
            "in place of `pulumi up`. Both contain secrets in plain text: delete them afterwards.",
            "",
        ]
    lines += [f"- {visible(note)}" for note in notes]
    return "\n".join([*lines, ""] if notes else lines)


def _imported(one: Found) -> dict[str, Any]:
    """An entry of an import file, with outputs: the engine cannot read them through a dynamic provider."""
    secret = one.secret
    config: dict[str, Any] = {
        key: {**_SECRET_MARK, "plaintext": json.dumps(value)} if key in secret else value
        for key, value in one.declared.items()
    }
    inputs: dict[str, Any] = {"__provider": PROVIDER, "name": one.name, "config": config, "adopt": _ADOPT}
    if one.state != "running":
        inputs["state"] = one.state
    if one.failed:
        inputs["wait"] = False
    if passwords := sorted((one.passwords or frozenset()) & one.declared.keys()):
        inputs["passwords"] = passwords
    outputs = {**inputs, **one.observed}
    return {"type": _TYPE, "name": one.name, "id": one.name, "inputs": inputs, "outputs": outputs}
