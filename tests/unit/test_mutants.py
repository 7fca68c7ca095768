"""Mutation testing: `python -m tests.mutants`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import FOLDERS, ROOT, arguments, chosen, enough, summary
from tests.mutants.sites import Mutant, mutants, of_folders
from tests.mutants.workshop import Workshop


def broken(source: str) -> list[str]:
    """The mutants of a source."""
    return [mutant.applied(source) for mutant in mutants("a.py", source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a == b", ["(a != b)"]),
        ("a is not b", ["(a is b)"]),
        ("a in b", ["(a not in b)"]),
        ("a < b >= c", ["(a <= b >= c)", "(a < b > c)"]),
        ("a + b", ["(a - b)"]),
        ("a * b", []),
        ("a += b", ["a -= b"]),
        ("a and b and c", ["(a or b or c)"]),
        ("a = 1", ["a = 2"]),
        ("a = 1.5", ["a = 2.5"]),
        ("a = True", ["a = False"]),
        ("a = None", []),
        ("a = 'text'", ["a = ''"]),
        ("a = ''", ["a = 'mutant'"]),
        ("a = b'text'", ["a = b''"]),
        ("a = f'text {1 + 2} {b == c}'", ["a = ''"]),
        ("a = ('one '\n     f'{two}')", ["a = ('')"]),
        ("f()", ["pass"]),
        ("async def f():\n    await g()", ["async def f():\n    pass"]),
        ("a = f()", []),
        ("def f():\n    return g()", ["def f():\n    return None"]),
        ("def f():\n    return None", []),
        ("def f():\n    return", []),
        ("while a():\n    break", ["while a():\n    continue", "while (not a()):\n    break"]),
        ("for a in b:\n    continue", ["for a in b:\n    break"]),
        ("if a: b = c", ["if (not a): b = c"]),
        ("if not a: b = c", ["if (a): b = c"]),
        ("a = not b", ["a = (b)"]),
        ("if a == b: c = d", ["if (a != b): c = d"]),
        ("if a < b: c = d", ["if (a <= b): c = d", "if (not a < b): c = d"]),
        ("a = b if c else d", ["a = b if (not c) else d"]),
        ("a = [b for b in c if b]", ["a = [b for b in c if (not b)]"]),
        ("é = 'ü' if ä else ö", ["é = '' if ä else ö", "é = 'ü' if (not ä) else ö"]),
    ],
)
def test_mutations_of_a_source(source: str, expected: list[str]) -> None:
    assert sorted(broken(source)) == sorted(expected)


@pytest.mark.parametrize(
    "source",
    [
        '"""A module."""',
        'class A:\n    """A class."""\n    a: "int"\n    def f(self, b: "int") -> "int":\n        """A function."""',
        "__all__ = ['a', 'b']",
        "__slots__ = ('a',)",
        "if TYPE_CHECKING:\n    a = 1",
        "if typing.TYPE_CHECKING:\n    a = 1",
        "log.info('a %s', 1 + 2)",
        "self._log.warning('a')",
        "logging.info('a')",
        "raise a from f(1)",
        "raise a from None",
        "a: Literal['b']",
        "A = Literal['b', 'c']",
        "a = cast('int', b)",
        "@dataclass(frozen=True)\nclass A: ...",
        "@overload\ndef f(a=1): ...",
    ],
)
def test_code_without_decisions_is_never_mutated(source: str) -> None:
    assert broken(source) == []


def test_what_is_raised_is_broken_though_its_cause_is_not() -> None:
    assert broken("raise a(1) from b(2)") == ["raise a(2) from b(2)"]


def test_a_mutation_is_reported_with_its_location() -> None:
    (mutant,) = mutants("core/a.py", "a = 1\nb = (c +\n     d)\n".replace("1", "None"))
    assert str(mutant) == "core/a.py:2: c + d -> (c - d)"
    long = mutants("a.py", f"a = '{'x' * 300}'")[0]
    assert len(str(long)) < 140


@pytest.mark.slow
def test_every_break_of_the_real_code_is_another_program() -> None:
    found = chosen(of_folders(ROOT, FOLDERS), 40, 1)
    for mutant in found:
        source = (ROOT / mutant.path).read_text()
        assert ast.dump(ast.parse(mutant.applied(source))) != ast.dump(ast.parse(source)), mutant


def test_a_seed_repeats_its_sample() -> None:
    found = mutants("a.py", "\n".join(f"a{n} = {n}" for n in range(50)))
    assert chosen(found, 10, 1) == chosen(found, 10, 1) != chosen(found, 10, 2)
    assert len(set(chosen(found, 10, 1))) == 10
    assert sorted(chosen(found, 1000, 1)) == found


def test_nine_of_ten_are_enough() -> None:
    assert enough(90, 100)
    assert not enough(89, 100)
    assert summary(93, 100, 4711) == "noticed 93 of 100 (seed 4711)"


def test_without_arguments_a_hundred_breaks_are_tried_by_two_jobs() -> None:
    given = arguments([])
    assert (given.seed, given.count, given.jobs) == (None, 100, 2)


class Small:
    """A tree with a package, a test that covers it and one that does not."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "tree"
        self.module = "provider/pulumi_kafka_connectors/core.py"
        for name, text in {
            "provider/pulumi_kafka_connectors/__init__.py": "",
            self.module: "A = 1\nB = 2\n\n\ndef ends():\n    return True\n",
            "tests/__init__.py": "",
            "tests/unit/__init__.py": "",
            "tests/unit/test_a.py": "def test_nothing():\n    pass\n",
            "tests/unit/test_core.py": """
from pulumi_kafka_connectors import core

def test_a():
    assert core.A == 1
    while not core.ends():
        pass
""",
        }.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def mutant(self, before: str) -> Mutant:
        (found,) = [each for each in mutants(self.module, (self.root / self.module).read_text()) if each.before == before]
        return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def shop(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    made = Workshop(small.root, tmp_path_factory.mktemp("shop") / "1")
    made.verify()
    return made


@pytest.mark.slow
def test_a_break_that_a_test_looks_at_is_noticed_and_another_is_not(small: Small, shop: Workshop) -> None:
    assert shop.notices(small.mutant("1"))
    assert not shop.notices(small.mutant("2")), "the copy is whole again, and its bytecode too"


@pytest.mark.slow
def test_a_break_that_hangs_is_noticed_and_the_tree_is_never_touched(small: Small, shop: Workshop) -> None:
    before = (small.root / small.module).read_text()
    shop.limit = 3
    assert shop.notices(small.mutant("True"))
    assert (shop.folder / small.module).read_text() == (small.root / small.module).read_text() == before
