from __future__ import annotations

import threading

from pulumi_kafka_connectors.core.registry import MOST, MOST_ALIKE, Registry

Key = tuple[str, int]


def registry(closed: list[str]) -> Registry[Key, str]:
    return Registry(lambda key: f"{key[0]}{key[1]}", closed.append, kind=lambda key: key[0])


def test_each_object_is_made_once() -> None:
    made: list[int] = []

    def make(key: int) -> object:
        made.append(key)
        return object()

    kept: Registry[int, object] = Registry(make)
    assert kept.of(1) is kept.of(1)
    assert kept.of(2) is not kept.of(1)
    assert made == [1, 2]


def test_sixteen_threads_that_ask_at_once_get_the_same_object() -> None:
    made: list[object] = []
    together = threading.Barrier(16)
    got: list[object] = []

    def make(_key: str) -> object:
        made.append(object())
        return made[-1]

    kept: Registry[str, object] = Registry(make)

    def ask() -> None:
        together.wait()
        got.append(kept.of("a"))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert got == made * 16


def test_only_the_latest_keys_of_one_kind_are_kept() -> None:
    closed: list[str] = []
    kept = registry(closed)
    for number in range(300):
        kept.of(("a", number))
    assert len(kept) == MOST_ALIKE == 2
    assert closed == [f"a{number}" for number in range(298)]


def test_a_key_that_is_used_again_is_not_dropped_next() -> None:
    closed: list[str] = []
    kept = registry(closed)
    for number in (1, 2, 1, 3):
        kept.of(("a", number))
    assert closed == ["a2"]


def test_the_least_recently_used_others_are_dropped_first() -> None:
    closed: list[str] = []
    kept = registry(closed)
    for number in range(MOST):
        kept.of((f"k{number}-", 0))
    kept.of(("k0-", 0))
    assert closed == []
    kept.of(("new-", 0))
    assert closed == ["k1-0"]
    assert len(kept) == MOST == 16


def test_clearing_closes_all_and_the_next_one_is_created_again() -> None:
    closed: list[str] = []
    kept = registry(closed)
    kept.of(("a", 1))
    kept.of(("b", 1))
    kept.clear()
    assert sorted(closed) == ["a1", "b1"]
    assert len(kept) == 0
    assert kept.of(("a", 1)) == "a1"
