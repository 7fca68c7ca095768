"""Who imports whom: the arrows of the design, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "provider" / "pulumi_kafka_connectors"
ROOT = "pulumi_kafka_connectors"

# What each module may import of the package; `connect` stands for the names it exports.
ARROWS = {
    "__init__": {"connector", "lookups", "provider", "topic"},
    "topic": {"bridge", "broker", "failure", "frames", "secrecy", "settings", "spec"},
    "broker": {"failure"},
    "lookups": {"bridge", "connect", "connect.models", "provider", "secrecy", "settings", "spec", "validation"},
    "bridge": {"secrecy", "spec"},
    "connector": {
        "bridge",
        "converge",
        "diff",
        "failure",
        "frames",
        "secrecy",
        "settings",
        "slots",
        "spec",
        "validation",
        "connect",
    },
    "provider": {"settings"},
    "cli": {"connect", "connect.models", "converge", "export", "health", "secrecy", "settings", "spec", "validation"},
    "export": {"secrecy", "spec"},
    "settings": {"connect", "connect.tls", "spec"},
    "converge": {
        "spec",
        "waiting",
        "failure",
        "health",
        "listing",
        "connect",
        "connect.client",
        "connect.errors",
        "connect.models",
        "connect.versions",
    },
    "waiting": {"connect", "connect.models", "failure", "health", "listing"},
    "validation": {"secrecy", "connect", "connect.models"},
    "listing": {"connect", "connect.models"},
    "diff": {"spec"},
    "health": {"connect.models"},
    "spec": {"secrecy"},
    "secrecy": set(),
    "slots": set(),
    "frames": set(),
    "failure": set(),
    "connect.__init__": {"connect.client", "connect.errors", "connect.settings"},
    "connect.client": {"connect.errors", "connect.models", "connect.settings", "connect.transport", "connect.versions"},
    "connect.transport": {"connect.errors", "connect.settings", "connect.tls"},
    "connect.settings": set(),
    "connect.tls": set(),
    "connect.versions": set(),
    "connect.models": set(),
    "connect.errors": set(),
}
PULUMI = {"bridge", "connector", "lookups", "provider", "topic"}
REQUESTS = {"connect.transport"}
SLEEPERS = {"broker", "connect.transport", "converge", "listing", "waiting"}


def modules() -> dict[str, ast.Module]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found[name] = ast.parse(path.read_text())
    return found


def imports(tree: ast.Module) -> set[str]:
    """Full names of imported modules; for `from package import x` also `package.x` where that is a module."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            submodules = {name for name in inner if (PACKAGE.parent / Path(*name.split("."))).with_suffix(".py").exists()}
            names |= submodules or {node.module}
    return names


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_module_imports_only_what_the_design_allows(module: str) -> None:
    found = imports(modules()[module])
    own = {name.removeprefix(f"{ROOT}.") for name in found if name.startswith(f"{ROOT}.")}
    assert own <= ARROWS[module]
    assert module in PULUMI or not {name for name in found if name.split(".")[0] == "pulumi"}
    assert module in REQUESTS or not {name for name in found if name.split(".")[0] in ("requests", "urllib3")}


def test_only_these_sleep() -> None:
    sleepers = {name for name, tree in modules().items() if "time.sleep(" in ast.unparse(tree)}
    assert sleepers == SLEEPERS


def test_the_arrows_have_no_cycle() -> None:
    left = {name: set(targets) for name, targets in ARROWS.items()}
    left = {name: {f"{t}.__init__" if t == "connect" else t for t in targets} for name, targets in left.items()}
    while left:
        leaves = [name for name, targets in left.items() if not targets & left.keys()]
        assert leaves, f"a cycle among {sorted(left)}"
        for leaf in leaves:
            del left[leaf]
