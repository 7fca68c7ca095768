"""Limits for the size of functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "provider" / "pulumi_kafka_connectors"
FOLDERS = ("core", "connect", "dynamic", "files", "cli", "kafka")
PARAMETERS, LINES = 6, 40
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, Function, bool]]:
    """Every function with its full name, and whether it is a method."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield f"{inside}{node.name}", node, isinstance(tree, ast.ClassDef)
        yield from functions(node, f"{inside}{node.name}." if isinstance(node, Function | ast.ClassDef) else inside)


def parameters(node: Function, *, method: bool) -> int:
    arguments = node.args
    static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in node.decorator_list)
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return len(named) + bool(arguments.vararg) + bool(arguments.kwarg) - (method and not static)


def lines(node: Function) -> int:
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    inside = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - inside


def too_large(source: str) -> list[str]:
    found = []
    for name, node, method in functions(ast.parse(source)):
        if (count := parameters(node, method=method)) > PARAMETERS:
            found.append(f"{name} takes {count} values, more than {PARAMETERS}")
        if (count := lines(node)) > LINES:
            found.append(f"{name} has {count} lines, more than {LINES}")
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_function_is_too_large(folder: str) -> None:
    found = {path.name: too_large(path.read_text()) for path in sorted((PACKAGE / folder).rglob("*.py"))}
    assert not {name: problems for name, problems in found.items() if problems}


def test_self_and_the_docstring_are_not_counted() -> None:
    body = "\n".join(["        pass"] * 38)
    method = f'class A:\n    def f(self, a, b, c, d, *, e, g):\n        """One.\n\n        Two.\n        """\n{body}\n'
    assert too_large(method) == []
    assert too_large(method + "        pass\n        pass\n") == ["A.f has 41 lines, more than 40"]


def test_all_parameters_are_counted() -> None:
    assert too_large("def f(a, b, /, c, d, *e, f, **g): ...") == ["f takes 7 values, more than 6"]
    static = "class A:\n    @staticmethod\n    def f(a, b, c, d, e, f, g): ..."
    assert too_large(static) == ["A.f takes 7 values, more than 6"]
    assert too_large("def f():\n    async def g(a, b, c, d, e, f, g): ...") == ["f.g takes 7 values, more than 6"]
