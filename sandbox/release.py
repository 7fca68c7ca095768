"""Check that a tag fits this tree, and print the notes of its release: `python -m sandbox.release v0.1.0`.

The version is written in `setup.py`. `schema.json` is generated with it, and the changelog has a section for it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxError
from sandbox.tools import HERE

ROOT: Final = HERE.parent
SCHEMA: Final = Path("provider", "pulumi_kafka_connectors", "plugin", "schema.json")
_SECTION: Final = re.compile(r"^## (\S+)(?: - (\d{4}-\d{2}-\d{2}))?\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def version(root: Path = ROOT) -> str:
    """The version in `setup.py`.

    Raises:
        SandboxError: there is none.
    """
    found = re.search(r'^    version="([^"]+)",$', (root / "setup.py").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SandboxError('setup.py has no line `version="..."`')
    return found[1]


def engine_version(package_version: str) -> str:
    """The version as the engine and the tag spell it: `0.2.0-rc.1` for `0.2.0rc1`."""
    return re.sub(r"^(\d+\.\d+\.\d+)\.?([a-z]+)(\d+)", r"\1-\2.\3", package_version)


def sections(root: Path = ROOT) -> dict[str, tuple[str, str]]:
    """The date and the text of each section of the changelog, newest first; the date of "Unreleased" is empty."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    return {name: (date, body.strip()) for name, date, body in _SECTION.findall(text)}


def check(tag: str, root: Path = ROOT) -> str:
    """Check that the tag, the schema and the changelog have the version of `setup.py`.

    Returns:
        The section of the changelog about it.

    Raises:
        SandboxError: naming what differs, and what to do.
    """
    current = version(root)
    spelled = engine_version(current)
    if tag != f"v{spelled}":
        raise SandboxError(f"the tag is {tag or 'missing'}, but setup.py has version {current}: its tag is v{spelled}")
    described = json.loads((root / SCHEMA).read_text(encoding="utf-8"))["version"]
    if described != spelled:
        raise SandboxError(f"schema.json has version {described}: run `python -m pulumi_kafka_connectors.plugin.schema`")
    name, (date, text) = next(iter(sections(root).items()), ("", ("", "")))
    if name != current or not date or not text:
        raise SandboxError(
            f"the first section of CHANGELOG.md is not `## {current} - YYYY-MM-DD` with text: see RELEASING.md"
        )
    return text


if __name__ == "__main__":
    try:
        print(check(sys.argv[1] if len(sys.argv) > 1 else ""))
    except SandboxError as error:
        sys.exit(f"release: {error}")
