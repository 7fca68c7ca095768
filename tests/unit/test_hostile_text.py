"""Hostile texts take linear time; the timeout marker guards that: a quadratic pattern takes minutes for a mebibyte."""

from __future__ import annotations

from functools import cache

import pytest

from pulumi_kafka_connectors.core.redaction import HIDDEN, Redactor, has_reference, is_mask, is_reference, is_secret, visible
from pulumi_kafka_connectors.core.secrets import login_password, secret_parts

MIB = 1 << 20
SIZES = [1 << 16, pytest.param(MIB, marks=pytest.mark.slow)]

pytestmark = pytest.mark.timeout(20)


@cache
def hostile(size: int) -> list[str]:
    """Texts of about this many characters."""
    return [
        "${" + ":" * size, "${" * (size // 2), "${:" * (size // 3), " " * size, "\n " * (size // 2), "a" * size, ":" * size, "//" * (size // 2),
        "://" * (size // 3), "=" * size, "'" * size, '"' * size, "*" * size + "a", "-" * size, "@" * size, "password=" * (size // 9),
        "password" * (size // 8), "password" + " " * size, "password=" + " " * size, "password " * (size // 9), 'password="' * (size // 10), "password='" * (size // 10),
        "password={" * (size // 10), 'password="' + '\\"' * (size // 2), 'password"' + " " * size, "api_key" + " " * size, "token." * (size // 6),
        "authorization:" * (size // 14), "authorization" + " " * size, "bearer " + "a" * size, "bearer" + " " * size, "://a:b@" * (size // 7),
        "://a:" * (size // 5), "://" + "a:1," * (size // 4), "jdbc:oracle:thin:" * (size // 17), "jdbc:oracle:thin:a/" * (size // 19),
        "-----BEGIN " * (size // 11), "-----BEGIN PRIVATE KEY-----" * (size // 27), "-----BEGIN " + "A" * size, "SharedAccessSignature " * (size // 22),
    ]  # fmt: skip


COUNT = len(hostile(64))


@pytest.mark.parametrize("number", range(COUNT))
@pytest.mark.parametrize("size", SIZES)
def test_hostile_text_is_judged_in_linear_time(size: int, number: int) -> None:
    text = hostile(size)[number]
    assert not is_mask(text)
    assert not is_reference(text)
    assert not has_reference(text)
    assert is_secret(text, 5) in {True, False}
    assert is_secret("topics", text) is bool(secret_parts(text))
    assert login_password(text, "a:b") == ""
    assert visible(text) == text


@pytest.mark.parametrize("number", range(18))
@pytest.mark.parametrize("size", SIZES)
def test_hostile_text_is_redacted_in_linear_time(size: int, number: int) -> None:
    text = hostile(size)[number]
    redactor = Redactor(["hunter2", "aaaa", "a b", "7", "password"])
    once = redactor.redact(text)
    assert redactor.redact(once) == once
    assert len(redactor.one_line(text)) <= 2000


@pytest.mark.slow
def test_long_secrets_in_texts_that_nearly_repeat_them_are_found_in_linear_time() -> None:
    assert Redactor(["a" * 4096]).redact("a" * MIB) == HIDDEN
    assert Redactor(["b" + "a" * 4095]).redact("a" * MIB) == "a" * MIB
    assert Redactor(["ab" * 2048 + "a"]).redact("ab" * (MIB // 2)) == "[hidden]b"
    assert Redactor(["x" * MIB]).redact("x" * MIB) == HIDDEN


@pytest.mark.slow
def test_hundreds_of_secrets_are_hidden_in_a_mebibyte() -> None:
    secrets = [f"s3cr3t-{number:03}/+&-" for number in range(200)]
    line = "org.apache.kafka.connect.errors.ConnectException: boom\n\tat x.y.Z(Z.java:33)\n"
    text = line * (MIB // len(line))
    assert Redactor(secrets).redact(text + secrets[150]) == text + HIDDEN
