"""The file for `pulumi import` that puts connectors into the state as they are. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.core.spec import PASSWORDS, Adopt

PROVIDER: Final = "gASVPAAAAAAAAACMH3B1bHVtaV9rYWZrYV9jb25uZWN0b3JzLmR5bmFtaWOUjBFDb25uZWN0b3JQcm92aWRlcpSTlClSlC4="
"""The pickled provider, as in the state of every connector that the dynamic front end declares."""
DYNAMIC: Final = "pulumi-python:dynamic/kafka-connectors:Connector"
PLUGIN: Final = "kafka-connectors:index:Connector"
"""The type of a connector in the state, by front end."""
SECRET_SIGNATURE: Final = ("4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270")
"""Key and value that mark a map in a state as a secret; the secret is JSON, under `plaintext` where it is shown."""


def import_file(found: Sequence[Found], resources: Mapping[str, str], type_: str) -> str:
    """The text of `import.json`, with secrets in plain text.

    What the workers mask is left out: its values are not known.

    Args:
        found: the connectors.
        resources: the name of the resource for each connector.
        type_: `DYNAMIC` or `PLUGIN`.
    """
    entries = [_imported(one, resources[one.name], type_) for one in found if not one.masked]
    return json.dumps({"resources": entries}, indent=2) + "\n"


def _imported(one: Found, resource: str, type_: str) -> dict[str, Any]:
    """An entry with outputs: the engine cannot read them through a dynamic provider."""
    inputs: dict[str, Any] = {"__provider": PROVIDER} if type_ == DYNAMIC else {}
    inputs |= {"name": one.name, "config": dict(_values(one)), "adopt": Adopt.SAME.value}
    if one.state != "running":
        inputs["state"] = one.state
    if one.failed:
        inputs["wait"] = False
    if passwords := sorted((one.passwords or frozenset()) & one.declared.keys()):
        inputs[PASSWORDS] = passwords
    return {"type": type_, "name": resource, "id": one.name, "inputs": inputs, "outputs": {**inputs, **one.observed}}


def _values(one: Found) -> Iterator[tuple[str, Any]]:
    key_of_mark, mark = SECRET_SIGNATURE
    secret = one.secret
    for key, value in one.declared.items():
        yield key, {key_of_mark: mark, "plaintext": json.dumps(value)} if key in secret else value
