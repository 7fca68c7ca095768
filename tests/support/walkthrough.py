"""The commands of a page, run as a reader types them."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.engine import SECRET_PATTERN

_SETTING = re.compile(
    r"""^(?P<command>pulumi\ config\ set\ (?:--\w+\ )*)
    (?P<key>'[^']*'|[^\s'-]\S*)
    (?:\ +(?P<value>'[^']*'|"[^"]*"|[^\s#]\S*))?
    (?:\ +\#.*)?$""",
    re.MULTILINE | re.VERBOSE,
)
_FAILING = re.compile(r"^(pulumi .*?) +# fails.*$", re.MULTILINE)
_WORKERS = re.compile(r"https?://connect-[\w-]+:8083(,https?://connect-[\w-]+:8083)*")
_UP = re.compile(r"^pulumi up$", re.MULTILINE)


def fill_in(script: str, worker: str, values: Mapping[str, str] | None = None) -> str:
    """The commands with the reader's own values.

    Args:
        script: the commands of a page.
        worker: the address in place of those like `http://connect-1:8083`.
        values: by key of the stack configuration: in place of what the page sets, or what the reader types where
            the page sets none. What the page does not mention is set before the first `pulumi up`.
    """
    left = dict(values or {})

    def setting(found: re.Match[str]) -> str:
        command, key, value = found["command"], found["key"], found["value"]
        own = left.pop(key.strip("'"), None)
        assert value or own is not None, f"the reader is asked for {key}"
        if not value:
            return f"printf %s {shlex.quote(str(own))} | {command}{key}"
        return f"{command}{key} {value if own is None else shlex.quote(own)}"

    script = _FAILING.sub(r"if \1; then exit 99; fi", _SETTING.sub(setting, script))
    more = "".join(f"pulumi config set {shlex.quote(key)} {shlex.quote(value)}\n" for key, value in left.items())
    return _UP.sub(lambda found: more + found[0], _WORKERS.sub(worker, script), count=1)


def follow(script: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Run commands in one shell, which stops at the first that fails; questions of `pulumi` are answered with yes.

    Returns:
        Their output.
    """
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**environment, "PULUMI_SKIP_CONFIRMATIONS": "true", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, f"{script}\n{output}"
    assert not re.search(SECRET_PATTERN, output), "the output contains a secret of the tests"
    return output
