"""Programs built from Go modules."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sandbox import tools

MODULE: Final = "module {name}\n\ngo 1.24\n"
"""The start of a `go.mod`."""


def build(what: str, binary: Path, requirements: Sequence[str], *, source: Path | None = None, flags: str = "-s -w") -> None:
    """Build a program in a small module of its own, since `go install` rejects modules with replace directives.

    Args:
        what: it is, for messages.
        binary: the file to write; the module stands beside it meanwhile.
        requirements: packages with their versions; the first is the program, unless there is a source.
        source: the program, if it is a file of ours that needs these packages.
        flags: for the linker.

    Raises:
        SandboxError: Go is missing, or the build fails.
    """
    tools.require("go")
    module = binary.parent / f"build-{binary.name}"
    module.mkdir()
    (module / "go.mod").write_text(MODULE.format(name="sandbox"))
    if source is not None:
        shutil.copy(source, module)
    package = requirements[0].partition("@")[0] if source is None else "."
    get = ["go", "get", *(["-tool"] if source is None else []), *requirements]
    tools.run_with_progress(f"downloading the modules of the {what}", get, cwd=module)
    argv = ["go", "build", "-trimpath", "-ldflags", flags, "-o", str(binary), package]
    tools.run_with_progress(f"building the {what}", argv, cwd=module)
    shutil.rmtree(module)
