"""The Pulumi engine: the one on PATH, or one built from its published Go modules and kept in the user's cache."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from sandbox import golang, tools
from sandbox.errors import SandboxError
from sandbox.tools import print_progress

VERSION = "v3.259.0"
_MINIMUM = (3, 200)
_MODULE = "github.com/pulumi/pulumi"
_VERSION_VARIABLE = f"{_MODULE}/sdk/v3/go/common/version.Version"
# Later language hosts are in a separate module that the Go module proxy does not serve; this one works with the engine
# above.
_HOST_VERSION = "v3.60.0"
_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


def on_path() -> Path | None:
    """The folder of a `pulumi` on PATH that can be used: 3.200 or newer, and with its Python language host."""
    pulumi, host = shutil.which("pulumi"), shutil.which("pulumi-language-python")
    if pulumi is None or host is None:
        return None
    result = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", result.stdout.strip())
    if version is None or tuple(map(int, version.groups())) < _MINIMUM:
        return None
    return Path(pulumi).parent


def cached() -> Path:
    """The folder of the engine that the sandbox builds, whether it is built or not."""
    return tools.cache() / f"engine-{VERSION}"


def ensure() -> Path:
    """The folder with `pulumi` 3.200 or newer and its Python language host; the first call builds them, which takes minutes.

    Raises:
        SandboxError: Go is missing, or the build fails.
    """
    found = on_path()
    if found is not None:
        return found
    folder = cached()
    with tools.filled_once(folder) as filling:
        if filling is not None:
            print_progress(f"building the Pulumi engine {VERSION} from its Go modules; this takes minutes, but only once")
            _build(filling)
    return folder


def _build(into: Path) -> None:
    engine_flags = f"-s -w -X {_VERSION_VARIABLE}={VERSION}"
    golang.build("engine", into / "pulumi", [f"{_MODULE}/pkg/v3/cmd/pulumi@{VERSION}"], flags=engine_flags)
    host = f"{_MODULE}/sdk/v3/python/cmd/pulumi-language-python@{_HOST_VERSION}"
    golang.build("language host", into / "pulumi-language-python", [host])
    sdk = _module_folder(into, f"{_MODULE}/sdk/v3@{VERSION}")
    for script in _SCRIPTS:
        copy = into / Path(script).name
        shutil.copy(sdk / script, copy)
        copy.chmod(copy.stat().st_mode | stat.S_IWUSR | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _module_folder(work: Path, module: str) -> Path:
    result = subprocess.run(
        ["go", "mod", "download", "-json", module], cwd=work, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise SandboxError(f"the Go module {module} could not be downloaded: {result.stderr.strip()[-300:]}")
    return Path(json.loads(result.stdout)["Dir"])


def environment(folder: Path) -> dict[str, str]:
    """The environment for `pulumi`, with a file backend, a passphrase and a home folder of its own in `folder`.

    The environment of the running Python comes first on PATH: the language host and the dynamic provider use it.
    """
    state = folder / "pulumi" / "state"
    state.mkdir(parents=True, exist_ok=True)
    path = [str(Path(sys.executable).parent), str(ensure()), os.environ.get("PATH", "")]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "KAFKA_"))}
    return {
        **kept,
        "PATH": os.pathsep.join(path),
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_HOME": str(folder / "pulumi" / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
