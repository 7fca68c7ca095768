"""Check the workflows with actionlint, built from its Go module and kept in the user's cache: `make lint`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from sandbox import tools
from sandbox.errors import SandboxError

VERSION: Final = "v1.7.12"
_PACKAGE: Final = "github.com/rhysd/actionlint/cmd/actionlint"
_WORKFLOWS: Final = tools.HERE.parent / ".github" / "workflows"
# Without the linters that it runs where they happen to be installed: the result must be the same everywhere.
_OPTIONS: Final = ("-shellcheck=", "-pyflakes=")


def ensure() -> Path:
    """The program; the first call builds it, which takes about a minute.

    Raises:
        SandboxError: Go is missing, or the build fails.
    """
    folder = tools.cache() / f"actionlint-{VERSION}"
    with tools.filled_once(folder) as filling:
        if filling is not None:
            tools.require("go")
            tools.print_progress(f"building actionlint {VERSION} from its Go module, only once")
            install = ["go", "install", "-trimpath", "-ldflags", "-s -w", f"{_PACKAGE}@{VERSION}"]
            tools.run_with_progress("building actionlint", ["env", f"GOBIN={filling}", *install])
    return folder / "actionlint"


def check(workflows: Path = _WORKFLOWS) -> int:
    """Check every workflow in a folder, and print what is wrong.

    Returns:
        0 if nothing is.

    Raises:
        SandboxError: actionlint cannot be built, or there is no workflow.
    """
    files = sorted(str(path) for path in workflows.glob("*.yml"))
    if not files:
        raise SandboxError(f"there is no workflow in {workflows}")
    return subprocess.run([str(ensure()), *_OPTIONS, *files], check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(check())
    except SandboxError as error:
        sys.exit(f"sandbox: {error}")
