"""Where a file may be broken, and its text when it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.operators import breaks, conditions

_LOGS = re.compile(r"_?(log|logger|logging|LOG|LOGGER)")
_FOR_THE_CHECKER = ("Literal", "cast", "TypeVar", "NewType", "ParamSpec")
_WIDEST = 100


@dataclass(frozen=True, order=True)
class Mutant:
    """One break of one file; `start` and `end` are offsets in the bytes of the file."""

    path: str
    start: int
    end: int
    text: str
    line: int
    before: str

    def applied(self, source: str) -> str:
        raw = source.encode()
        return (raw[: self.start] + self.text.encode() + raw[self.end :]).decode()

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {_short(self.before)} -> {_short(self.text)}"


def mutants(path: str, source: str) -> list[Mutant]:
    """Every mutant of a file, each text once, in the order of the file."""
    starts = [0]
    for line in source.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    found = set()
    for node, broken in _broken(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        text = ast.unparse(ast.fix_missing_locations(broken))
        bare = isinstance(broken, ast.stmt | ast.Constant)
        found.add(Mutant(path, start, end, text if bare else f"({text})", node.lineno, ast.unparse(node)))
    return sorted(found)


def of_folders(root: Path, folders: list[str]) -> list[Mutant]:
    """Every mutant of the Python files under these folders of `root`."""
    files = sorted(path for folder in folders for path in (root / folder).rglob("*.py"))
    return [mutant for path in files for mutant in mutants(str(path.relative_to(root)), path.read_text(encoding="utf-8"))]


def _broken(node: ast.AST) -> Iterator[tuple[ast.stmt | ast.expr, ast.AST]]:
    """Nodes with their breaks. A text with `{}` in it is one node: before 3.12 positions inside it are not to be relied on."""
    for condition in conditions(node):
        if not _type_checking(condition):
            yield condition, ast.UnaryOp(ast.Not(), condition)
    if isinstance(node, ast.stmt | ast.expr) and not (isinstance(node, ast.Expr) and _logs(node.value)):
        for broken in breaks(node):
            yield node, broken
    if not isinstance(node, ast.JoinedStr):
        for child in _children(node):
            yield from _broken(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """What is inside a node and decides what the program does."""
    if _spared(node):
        return
    skipped = {"annotation", "returns", "decorator_list", "type_params", "format_spec"}
    if isinstance(node, ast.Raise):
        skipped.add("cause")
    for name, value in ast.iter_fields(node):
        if name in skipped or (name == "body" and isinstance(node, ast.If) and _type_checking(node.test)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _spared(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True  # a docstring, or `...`
        case (
            ast.Assign(targets=[ast.Name(id="__all__" | "__slots__")])
            | ast.AnnAssign(target=ast.Name(id="__all__" | "__slots__"))
        ):
            return True
        case ast.AugAssign(target=ast.Name(id="__all__")):
            return True
        case ast.Subscript(value=ast.Name(id=name)) | ast.Call(func=ast.Name(id=name)) if name in _FOR_THE_CHECKER:
            # What is cast may still be computed: rare enough to be left out with the type.
            return True
        case ast.FunctionDef(decorator_list=marks):
            return any("overload" in ast.unparse(mark) for mark in marks)
        case ast.Call():
            return _logs(node)
    return False


def _logs(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name))):
            return bool(_LOGS.fullmatch(name))
    return False


def _type_checking(test: ast.expr) -> bool:
    return ast.unparse(test).rpartition(".")[2] == "TYPE_CHECKING"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 3]}..."
