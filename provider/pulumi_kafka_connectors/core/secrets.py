"""Decides which values, or parts of them, are secret, and recognizes masks. Pure, and linear in the length of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

HIDDEN = "[hidden]"

_MASK = re.compile(r"\*{2,}|[\u2022\u25cf\u2217]+|\[hidden\]")
_REFERENCE = re.compile(r"\$\{[^{}:]*:[^{}]*\}")

# Must not match: max.tokens (a number), tokenizer, access.key.id (a name), bypass.
_SECRET_KEY = re.compile(
    r"""
    passw(?:or)?d | passphrase | secret | credential | authorization
    | (?<!max[._-])token(?!iz)
    | (?:private|api|account)[._-]?key
    | shared[._-]?access[._-]?(?:key|signature)
    | (?:access|master|keystore|sas)[._-]?key$
    | (?:jaas[._-]?config | user[._-]?info | license(?:[._-]?key)? | pwd)$
    | (?:^|[._-])(?:pass|sas)$
    | (?-i:[a-z]Pass)$
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Last word of a key that describes a secret but is not one: credentials.source, token.endpoint.url, password.file.
_HARMLESS_END = re.compile(
    r"(?:^|[._-])(?:type|mode|source|class|provider|name|keyname|fields?|property|format|algorithm|length|iterations|ms"
    r"|seconds|enabled?|ur[il]|endpoint|path|file|location)$",
    re.IGNORECASE,
)
_LOGIN_KEY = re.compile(r"(?:user[._-]?info|credentials?)$", re.IGNORECASE)

_PEM_LINE = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----")
_FIELD = re.compile(
    r"""
    (?:
        (?:passw(?:or)?d | pwd | passphrase)\s*=\s*
        | (?:secret | [_-]token | (?:api|account|secret|sharedaccess)[_-]?key | x-(?:amz|goog)-signature)=
        | (?:^|[?&;])(?:sig|token)=
        | (?:passw(?:or)?d | pwd | passphrase | secret | [_-]token)"\s*:\s*(?=")
        | api[_-]?key\s*:\s*
    )
    (?: "(?P<double>[^"\\]*(?:\\.[^"\\]*)*)" | '(?P<single>[^']*)' | \{(?P<braces>[^{}]*)\} | ["']?(?P<bare>[^;&\s"']+) )
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SHARED_SIGNATURE = re.compile(r"SharedAccessSignature[= ]([^;\s\"']+)", re.IGNORECASE)
_ORACLE = re.compile(r"jdbc:oracle:\w{1,8}:[^\s/@]{1,128}/(\S+)", re.IGNORECASE)
_AUTHORIZATION = re.compile(r"authorization[\"']?[ \t]*[:=][ \t]*[\"']?([^,;\"'\r\n]+)", re.IGNORECASE)
_SCHEME = re.compile(r"bearer|basic|token|digest|negotiate|apikey|splunk", re.IGNORECASE)
_BARE_HEADER = re.compile(r"(?:(?i:bearer)\s+|(?i:basic)\s+(?=\S+[^a-z\s]))(\S+)")  # "Basic Authentication" contains none
_HOSTS_AND_PORTS = re.compile(r"[^:,]*:\d{0,5}(?:,[^:,]*:\d{0,5})*")


def is_mask(value: object) -> bool:
    """Whether this is what some workers return instead of a secret (two or more asterisks, bullets, `[hidden]`)."""
    return isinstance(value, str) and _MASK.fullmatch(value) is not None


def is_reference(value: str) -> bool:
    """Whether the value is only a reference such as `${file:/run/secrets/db:password}`, which is not itself a secret."""
    return _REFERENCE.fullmatch(value.strip()) is not None


def has_reference(value: str) -> bool:
    """Whether the value contains a reference that the worker resolves."""
    return _REFERENCE.search(value) is not None


def references(value: str) -> list[str]:
    """The references in the value, in order."""
    return _REFERENCE.findall(value)


def replacements(value: str, resolved: str) -> set[str]:
    """The values that the worker substituted for the references in `value` to get `resolved`; empty if undeterminable."""
    first, *literals = _REFERENCE.split(value)
    if not literals or not resolved.startswith(first):
        return set()
    found, start = set(), len(first)
    for place, literal in enumerate(literals, 1):
        last = place == len(literals)
        end = len(resolved) - len(literal) if last and resolved.endswith(literal) else resolved.find(literal, start)
        if end < start:
            return set()
        found.add(resolved[start:end])
        start = end + len(literal)
    return found


def is_secret(key: str, value: object, listed: Iterable[str] = ()) -> bool:
    """Whether a value is secret: because of its key, a secret within it, or because the user lists the key.

    For a value that is not text (a number, an unknown) only the key counts. A pure reference is not secret.
    """
    if isinstance(value, str) and is_reference(value):
        return False
    if key in listed or (_SECRET_KEY.search(key) and not _HARMLESS_END.search(key)):
        return True
    return isinstance(value, str) and bool(secret_parts(value))


def secret_keys(config: Mapping[str, object], listed: Iterable[str] = ()) -> set[str]:
    """The keys of `config` whose values are secret, see `is_secret`."""
    names = set(listed)
    return {key for key, value in config.items() if is_secret(key, value, names)}


def secret_parts(value: str) -> set[str]:
    """The secrets within the value of any key: passwords, tokens, signatures, private keys; none of them blank."""
    found = {*_private_keys(value), *_url_passwords(value), *_fields(value), *_headers(value)}
    found.update(match[1] for match in _SHARED_SIGNATURE.finditer(value))
    found.update(match[1].rpartition("@")[0].strip('"') for match in _ORACLE.finditer(value))
    return {part for part in found if part.strip()}


def login_password(key: str, value: str) -> str:
    """The password in `user:password` values of keys such as `basic.auth.user.info`; empty if there is none."""
    return value.partition(":")[2].strip() if _LOGIN_KEY.search(key) else ""


def _private_keys(value: str) -> Iterator[str]:
    """The text between the BEGIN and END lines of a private key (after or before them in an incomplete block)."""
    texts_and_lines = _PEM_LINE.split(value)
    texts = texts_and_lines[::2]
    for place, line in enumerate(texts_and_lines[1::2]):
        body = texts[place + 1].partition("-----")[0] if line == "BEGIN" else texts[place].rpartition("-----")[2]
        yield body.replace("\\r", "").replace("\\n", "\n").strip()


def _url_passwords(value: str) -> Iterator[str]:
    """The password of each `scheme://user:password@host`, even if it contains an unencoded `/`, `@` or `:`.

    If the path contains an `@` too, the text up to it is also yielded: it may be part of the password.
    """
    for piece in value.split("://")[1:]:
        address = re.split(r'[\s"]', piece)[0]
        authority = re.split(r"[/?#]", address)[0]
        if ":" not in authority or authority.startswith("[") or _HOSTS_AND_PORTS.fullmatch(authority):
            continue
        for login in (authority.rpartition("@")[0], address.rpartition("@")[0]):
            yield login.partition(":")[2]


def _fields(value: str) -> Iterator[str]:
    """The values of `password=...`, `"secret": "..."`, `&sig=...` and similar fields, without quotes."""
    for match in _FIELD.finditer(value):
        yield next(part for part in match.groups() if part is not None)


def _headers(value: str) -> Iterator[str]:
    """The credentials of `Authorization: Bearer x` anywhere, and of a value that is only `Bearer x`."""
    for match in _AUTHORIZATION.finditer(value):
        yield from (word for word in match[1].split()[:2] if not _SCHEME.fullmatch(word))
    if bare := _BARE_HEADER.fullmatch(value.strip()):
        yield bare[1]


def holds_login_or_key(value: object) -> bool:
    """Whether a setting, or one of several texts of it, holds a login (`user:password@host`) or a private key."""
    texts = value if isinstance(value, list | tuple) else [value]
    return any(isinstance(text, str) and ("@" in text or "PRIVATE KEY-----" in text) for text in texts)
