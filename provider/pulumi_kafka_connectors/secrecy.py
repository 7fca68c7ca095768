"""Which values are secret, what workers show instead of them, and how no message shows them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_SECRET_KEY = re.compile(
    r"password|passwd|secret|token|credential|private\.?key|api\.?key|jaas\.config$|passphrase|user\.info$|account\.key"
    r"|access\.key$|authorization$",
    re.IGNORECASE,
)
_INLINE_PASSWORD = re.compile(
    r"://[^/\s:@]*:(?P<url>[^@/\s]+)@|\b(?:password|pwd)\s*=\s*(?P<field>\"[^\"]*\"|'[^']*'|[^;&\s\"']+)", re.IGNORECASE
)
_REFERENCE = re.compile(r"\$\{[^{}]*:[^{}]*\}")
_PURE_REFERENCE = re.compile(r"\s*\$\{[^{}]*:[^{}]*\}\s*")
_MASK = re.compile(r"\*{2,}|[\u2022\u25cf\u2217]+|\[hidden\]")


def is_reference(value: str) -> bool:
    """Whether the value is nothing but a reference such as `${file:/run/secrets/db:password}`: not itself a secret."""
    return _PURE_REFERENCE.fullmatch(value) is not None


def has_reference(value: str) -> bool:
    """Whether the worker puts something else in place of a part of the value."""
    return _REFERENCE.search(value) is not None


def is_mask(value: object) -> bool:
    """Whether this is what some workers answer instead of a secret (stars, bullets, `[hidden]`)."""
    return isinstance(value, str) and _MASK.fullmatch(value) is not None


def is_secret(key: str, value: object, sensitive: Iterable[str] = ()) -> bool:
    """Whether a value must never be seen: by its key, by a password within it, or because the user lists the key."""
    if isinstance(value, str) and is_reference(value):
        return False
    if key in sensitive or _SECRET_KEY.search(key):
        return True
    return isinstance(value, str) and _INLINE_PASSWORD.search(value) is not None


def secret_keys(config: Mapping[str, object], sensitive: Iterable[str] = ()) -> set[str]:
    """The keys of `config` whose values are secret."""
    listed = set(sensitive)
    return {key for key, value in config.items() if is_secret(key, value, listed)}


def secret_words(config: Mapping[str, object], keys: Iterable[str]) -> set[str]:
    """Every text that must not appear anywhere: the values of these keys and the passwords within any value."""
    words = {value for key in keys if isinstance(value := config.get(key), str)}
    for value in config.values():
        for found in _INLINE_PASSWORD.finditer(value if isinstance(value, str) else ""):
            words |= {part.strip("\"'") for part in found.groupdict().values() if part}
    return {word for word in words if word.strip() and not is_mask(word)}


def hide(text: str, words: Iterable[str]) -> str:
    """`text` with every one of these words replaced by `[hidden]`."""
    for word in sorted(words, key=len, reverse=True):
        pattern = re.escape(word)
        # A password of one letter would make confetti of every message; as a word of its own it is hidden too.
        text = re.sub(pattern if len(word) > 3 else rf"(?<!\w){pattern}(?!\w)", "[hidden]", text)
    return text
