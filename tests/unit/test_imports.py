"""Module dependencies: the arrows of docs/architecture.md, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "provider" / "pulumi_kafka_connectors"
NAME = "pulumi_kafka_connectors"

# The folders that each folder imports: exactly these, so that no permission is unused.
ARROWS = {
    "__init__": {"resources"},
    "native": {"installation", "resources"},
    "installation": set(),
    "resources": {"dynamic", "files", "core", "connect"},
    "dynamic": {"core"},
    "plugin": {"core", "installation"},
    "cli": {"core", "connect", "files", "installation"},
    "files": {"core"},
    "core": {"connect", "kafka"},
    "connect": set(),
    "kafka": set(),
}
# The layers of `core`, lowest first: a module imports only from lower layers, and is in the lowest possible one.
LAYERS = [
    {"clock", "findings", "keys", "registry", "secrets", "values"},
    {"listing", "memo", "redaction", "spec", "tolerance"},
    {"checks", "cluster", "diff", "health", "settings"},
    {"observing", "operation", "ownership", "plan", "polling", "validation"},
    {"brokers", "creating", "settling", "traces"},
    {"lookups", "steps", "topics"},
    {"reconcile"},
    {"lifecycle"},
    {"connectors"},
]
PULUMI = {"native", "resources", "dynamic", "plugin"}
REQUESTS = {"connect.transport", "connect.connections"}
CONFLUENT = {"kafka.admin"}
SLEEPERS = {"connect.clock"}


def modules() -> dict[str, ast.Module]:
    """Every module by its name within the package."""
    paths = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    return {name: ast.parse(path.read_text()) for name, path in paths.items()}


MODULES = modules()


def imports(tree: ast.AST) -> set[str]:
    """Full names of imported modules; for `from package import x` also `package.x` if that is a module."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            submodules = {name for name in inner if name.removeprefix(f"{NAME}.") in MODULES}
            names |= submodules or {node.module}
    return names


def own(tree: ast.AST) -> set[str]:
    """Imported modules of this package."""
    return {name.removeprefix(f"{NAME}.") for name in imports(tree) if name.startswith(f"{NAME}.")}


def folder_of(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("folder", ARROWS)
def test_a_folder_imports_what_the_design_allows_and_uses_every_permission(folder: str) -> None:
    targets = {folder_of(target) for name, tree in MODULES.items() if folder_of(name) == folder for target in own(tree)}
    assert targets - {folder} == ARROWS[folder]


def test_every_folder_has_its_arrows() -> None:
    assert {folder_of(name) for name in MODULES} == set(ARROWS)


def test_front_ends_do_not_import_each_other() -> None:
    front_ends = {"dynamic", "plugin", "cli"}
    assert not any(ARROWS.get(front_end, set()) & front_ends for front_end in front_ends)


def core() -> dict[str, set[str]]:
    """The imports between modules of `core`."""
    found = {}
    for name, tree in MODULES.items():
        folder, _, module = name.partition(".")
        if folder == "core" and module != "__init__":
            found[module] = {target.partition(".")[2] for target in own(tree) if target.startswith("core.")}
    return found


def test_modules_of_core_stand_on_the_layers_below_them_and_as_low_as_they_can() -> None:
    left, layers = core(), []
    while left:
        layer = {module for module, below in left.items() if not below & left.keys()}
        assert layer, f"a cycle among {sorted(left)}"
        layers.append(layer)
        left = {module: below for module, below in left.items() if module not in layer}
    assert layers == LAYERS


@pytest.mark.parametrize("module", sorted(MODULES))
def test_only_these_import_third_party_packages(module: str) -> None:
    foreign = {name.partition(".")[0] for name in imports(MODULES[module])}
    assert "pulumi" not in foreign or folder_of(module) in PULUMI
    assert not foreign & {"requests", "urllib3"} or module in REQUESTS
    assert "confluent_kafka" not in foreign or module in CONFLUENT


def test_only_these_sleep() -> None:
    assert {name for name, tree in MODULES.items() if "time.sleep(" in ast.unparse(tree)} == SLEEPERS
