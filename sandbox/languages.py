"""Programs in languages other than Python: their hosts, and SDKs generated from a schema.

Each part is built or downloaded when it is first needed, and kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Final, Literal

from sandbox import engine, golang, tools
from sandbox.errors import SandboxError
from sandbox.tools import print_progress

HostLanguage = Literal["go", "nodejs", "yaml"]
SdkLanguage = Literal["go", "nodejs", "python"]

# Later hosts of Node.js and Go are in modules of their own that the Go module proxy does not serve.
_HOSTS: Final[dict[HostLanguage, tuple[str, str]]] = {
    "go": ("github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go", "v3.60.0"),
    "nodejs": ("github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs", "v3.60.0"),
    "yaml": ("github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml", "v1.25.0"),
}
_CODEGEN: Final = "github.com/pulumi/pulumi/pkg/v3/codegen"
_CODEGEN_VERSION: Final = "v3.259.0"
_GENERATOR: Final = tools.HERE / "sdkgen" / "main.go"
_GO_SDK: Final = ("github.com/pulumi/pulumi/sdk/v3", "v3.259.0")
# Later versions of `@pulumi/pulumi` need Node.js 22.
_NODE_PACKAGES: Final = {"@pulumi/pulumi": "3.241.0", "@types/node": "20.19.43", "typescript": "5.9.3"}


def ensure(language: HostLanguage) -> Path:
    """The folder with the language host, for PATH: the engine's folder if it has one; the first call builds it otherwise.

    Raises:
        SandboxError: Go is missing, or the build fails.
    """
    package, version = _HOSTS[language]
    binary = package.rpartition("/")[2]
    engines = engine.ensure()
    if (engines / binary).exists():
        return engines
    folder = tools.cache() / f"language-{language}-{version}"
    with tools.filled_once(folder) as filling:
        if filling is not None:
            print_progress(f"building the language host for {language} {version} from its Go modules, only once")
            golang.build(f"language host for {language}", filling / binary, [f"{package}@{version}"])
    return folder


def environment(folder: Path, *languages: HostLanguage) -> dict[str, str]:
    """As `engine.environment`, for programs in these languages.

    The running Python is not on PATH, so that the engine uses a plugin that is installed, not the one of this checkout.
    """
    found = engine.environment(folder)
    others = [path for path in found["PATH"].split(os.pathsep) if path != python_folder()]
    return {**found, "PATH": os.pathsep.join([*(str(ensure(language)) for language in languages), *others])}


def python_folder() -> str:
    """The folder of the running Python and of the programs that its packages install."""
    return str(Path(sys.executable).parent)


def sdk(schema: Path, language: SdkLanguage, target: Path) -> None:
    """Generate an SDK from a schema into `target`, a new or empty folder.

    Raises:
        SandboxError: the schema is invalid, or the generator cannot be built.
    """
    generator = _generator()
    what = f"generating the SDK for {language}"
    tools.run_with_progress(what, [str(generator), str(schema.resolve()), language, str(target.resolve())])


def _generator() -> Path:
    source = _GENERATOR.read_bytes()
    folder = tools.cache() / f"sdkgen-{_CODEGEN_VERSION}-{hashlib.sha256(source).hexdigest()[:8]}"
    with tools.filled_once(folder) as filling:
        if filling is not None:
            print_progress(f"building the generator of SDKs {_CODEGEN_VERSION} from its Go modules, only once")
            requirements = [f"{_CODEGEN}/{part}@{_CODEGEN_VERSION}" for part in ("go", "nodejs", "python", "schema")]
            golang.build("generator of SDKs", filling / "sdkgen", requirements, source=_GENERATOR)
    return folder / "sdkgen"


# Programs


def node_project(folder: Path, schema: Path) -> str:
    """Make `node_modules` in the folder of a TypeScript program, with Pulumi's SDK, TypeScript and the SDK of a schema.

    Returns:
        The name of the package to import.

    Raises:
        SandboxError: npm is missing, or the SDK does not compile under `strict`.
    """
    generated, packages = folder / "sdk", folder / "node_modules"
    sdk(schema, "nodejs", generated)
    for package in ("@pulumi/pulumi", "@types", "typescript"):
        link = packages / package
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(_node_packages() / package)
    compile_typescript(generated)
    # The compiled folder is the package: its code reads `package.json` beside itself.
    shutil.copy(generated / "package.json", generated / "bin")
    name: str = json.loads((generated / "package.json").read_text())["name"]
    (packages / name).parent.mkdir(exist_ok=True)
    (packages / name).symlink_to(generated / "bin")
    return name


def compile_typescript(project: Path, *options: str) -> None:
    """Compile a TypeScript project under `strict`.

    Raises:
        SandboxError: with the last errors of the compiler.
    """
    compiler = _node_packages() / "typescript" / "bin" / "tsc"
    argv = ["node", str(compiler), "--strict", "--project", str(project), *options]
    tools.run_with_progress(f"compiling {project.name}", argv)


def _node_packages() -> Path:
    """The folder `node_modules` with the packages that every TypeScript program needs."""
    wanted = [f"{package}@{version}" for package, version in _NODE_PACKAGES.items()]
    folder = tools.cache() / f"node-{hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:8]}"
    with tools.filled_once(folder) as filling:
        if filling is not None:
            if shutil.which("npm") is None:
                raise SandboxError("npm is not on PATH: install Node.js 20 or newer and try again")
            install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", *wanted]
            (filling / "package.json").write_text('{"private": true}\n')
            tools.run_with_progress("downloading the packages for TypeScript", install, cwd=filling)
    return folder / "node_modules"


def go_project(folder: Path, schema: Path) -> str:
    """Make the SDK of a schema in the folder of a Go program, and a `go.mod` that refers to it.

    Call it when the program is there: `go.mod` lists what the program imports.

    Returns:
        The import path of the SDK.

    Raises:
        SandboxError: Go is missing, or the modules cannot be downloaded.
    """
    tools.require("go")
    generated = folder / "sdk"
    sdk(schema, "go", generated)
    package = next(generated.glob("*/init.go")).parent
    path = import_path((package / "init.go").read_text())
    write_go_module(package, path)
    local = f"\nrequire {path} v0.0.0\n\nreplace {path} => ./{package.relative_to(folder).as_posix()}\n"
    write_go_module(folder, "program", local)
    return path


def write_go_module(folder: Path, name: str, more: str = "") -> None:
    """Write `go.mod`, which requires Pulumi's SDK, and `go.sum` for what is in the folder.

    Args:
        folder: of the module.
        name: its path.
        more: further lines of `go.mod`.

    Raises:
        SandboxError: Go is missing, or the modules cannot be downloaded.
    """
    tools.require("go")
    requires = f"\nrequire {_GO_SDK[0]} {_GO_SDK[1]}\n"
    (folder / "go.mod").write_text(golang.MODULE.format(name=name) + requires + more)
    tools.run_with_progress("downloading the modules of a Go program", ["go", "mod", "tidy"], cwd=folder)


def import_path(source: str) -> str:
    """The import path of a generated Go package, by a file of it that imports its `internal` package.

    Raises:
        SandboxError: the file does not.
    """
    found = re.search(r'"(\S+)/internal"', source)
    if found is None:
        raise SandboxError("the generated Go package does not import its `internal` package")
    return found[1]
