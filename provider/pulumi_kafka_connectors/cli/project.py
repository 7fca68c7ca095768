"""A Pulumi project for connectors that exist already. Pure: from what was found to the text of files."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_kafka_connectors.core.checks import name_problem
from pulumi_kafka_connectors.core.redaction import is_mask, secret_keys

PROVIDER: Final = "gASVPAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjBFDb25uZWN0b3JQcm92aWRlcpSTlClSlC4="
"""The pickled provider, as every state of a connector holds it."""
_TYPE: Final = "pulumi-python:dynamic/kafka-connectors:Connector"
_SECRET_MARK: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


@dataclass(frozen=True)
class Found:
    """One connector as it is on the cluster.

    Attributes:
        config: in the form of `spec.own_config`.
        state: running, paused or stopped.
        passwords: keys that its plugin types as PASSWORD.
        observed: its outputs: status, type, tasks, version.
    """

    name: str
    config: Mapping[str, str] = field(repr=False)
    state: str = "running"
    passwords: frozenset[str] = frozenset()
    observed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def declared(self) -> dict[str, str]:
        """The configuration without what workers add, the class first."""
        return dict(sorted(self.config.items(), key=lambda item: (item[0] != "connector.class", item[0])))

    @property
    def secret(self) -> set[str]:
        """Keys whose values are secret."""
        return secret_keys(self.declared, self.passwords)


@dataclass(frozen=True)
class Project:
    """The files of a project by name; those in `private` hold secrets.

    Attributes:
        skipped: a sentence for each connector that cannot be declared.
        masked: names in the stack's configuration of values that the workers mask: to be set by hand.
    """

    files: Mapping[str, str]
    private: Mapping[str, str]
    skipped: Sequence[str]
    masked: Sequence[str]


def project_for(found: Sequence[Found], project: str, urls: Sequence[str]) -> Project:
    """The project that declares these connectors as they are.

    Args:
        found: the connectors.
        project: name of the project.
        urls: where the workers are.
    """
    skipped = [f"connector {one.name} is left out: {why}" for one in found if (why := name_problem(one.name))]
    usable = sorted((one for one in found if not name_problem(one.name)), key=lambda one: one.name)
    keys = _secret_names(usable)
    values = {keys[one.name, key]: one.declared[key] for one in usable for key in sorted(one.secret)}
    known = {name: value for name, value in values.items() if not is_mask(value)}
    files = {
        "Pulumi.yaml": f"name: {project}\nruntime: python\ndescription: Connectors of Kafka Connect\n",
        "requirements.txt": "pulumi-kafka-connectors\n",
        "__main__.py": _program(usable, keys),
        "README.md": _readme(project, urls, sorted(values)),
    }
    sets = [f"--secret {shlex.quote(f'{name}={value}')}" for name, value in known.items()]
    private = {
        "secrets.sh": "#!/bin/sh\n" + " \\\n  ".join(["pulumi config set-all", *sets]) + "\n" if sets else "",
        "import.json": json.dumps({"resources": [_imported(one) for one in usable]}, indent=2, ensure_ascii=False) + "\n",
    }
    return Project(files, private, skipped, sorted(values.keys() - known.keys()))


def _secret_names(found: Sequence[Found]) -> dict[tuple[str, str], str]:
    """A name in the stack's configuration for each secret value."""
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
    head = ['"""Connectors as they were found on the cluster."""', "", *(["import pulumi"] if keys else [])]
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
    return "\n".join([*lines, ")"])


def _text(value: str) -> str:
    """A Python literal. JSON's escapes are Python's too."""
    return json.dumps(value, ensure_ascii=False)


def _readme(project: str, urls: Sequence[str], names: Sequence[str]) -> str:
    sets = [f"pulumi config set --secret {shlex.quote(name)}    # asks for the value" for name in names]
    lines = [
        f"# {project}",
        "",
        "The connectors of a Kafka Connect cluster, declared as they are. Nothing changes on the cluster while the program",
        "says what is there.",
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
        lines += [
            "With `--secrets` the command that wrote this also writes `secrets.sh`, which sets them all, and `import.json`"
        ]
        lines += ["for `pulumi import --file import.json`. Both hold the secrets in clear: delete them afterwards.", ""]
    return "\n".join(lines)


def _imported(one: Found) -> dict[str, Any]:
    """An entry of an import file, which holds outputs too: the engine cannot ask a dynamic provider for them."""
    secret = one.secret
    config: dict[str, Any] = {
        key: {**_SECRET_MARK, "plaintext": json.dumps(value)} if key in secret else value
        for key, value in one.declared.items()
    }
    inputs: dict[str, Any] = {"__provider": PROVIDER, "name": one.name, "config": config}
    if one.state != "running":
        inputs["state"] = one.state
    if passwords := sorted(one.passwords & one.declared.keys()):
        inputs["passwords"] = passwords
    outputs = {**inputs, **one.observed}
    return {"type": _TYPE, "name": one.name, "id": one.name, "inputs": inputs, "outputs": outputs}
