"""Which values are secret, which parts of them, and what workers show instead. Pure, and linear in the text's length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

HIDDEN = "[hidden]"

_MASK = re.compile(r"\*{2,}|[\u2022\u25cf\u2217]+|\[hidden\]")
_REFERENCE = re.compile(r"\$\{[^{}:]*:[^{}]*\}")

# None of these: max.tokens (a number), tokenizer, access.key.id (a name), bypass.
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
# The last word of a key that tells about a secret and is none: credentials.source, token.endpoint.url, password.file.
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
_BARE_HEADER = re.compile(r"(?:(?i:bearer)\s+|(?i:basic)\s+(?=\S+[^a-z\s]))(\S+)")  # "Basic Authentication" tells of none
_HOSTS_AND_PORTS = re.compile(r"[^:,]*:\d{0,5}(?:,[^:,]*:\d{0,5})*")


def is_mask(value: object) -> bool:
    """Whether this is what some workers answer instead of a secret (two stars or more, bullets, `[hidden]`)."""
    return isinstance(value, str) and _MASK.fullmatch(value) is not None


def is_reference(value: str) -> bool:
    """Whether the value is nothing but a reference such as `${file:/run/secrets/db:password}`: not itself a secret."""
    return _REFERENCE.fullmatch(value.strip()) is not None


def has_reference(value: str) -> bool:
    """Whether the worker puts something else in place of a part of the value."""
    return _REFERENCE.search(value) is not None


def is_secret(key: str, value: object, listed: Iterable[str] = ()) -> bool:
    """Whether a value must never be seen: by its key, by a secret within it, or because the user lists the key.

    A value that is no text (a number, one not known yet) is judged by its key alone. A pure reference is no secret.
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
    """The secrets within a value of any key: passwords, tokens, signatures, bodies of private keys; none of them blank."""
    found = {*_private_keys(value), *_url_passwords(value), *_fields(value), *_headers(value)}
    found.update(match[1] for match in _SHARED_SIGNATURE.finditer(value))
    found.update(match[1].rpartition("@")[0].strip('"') for match in _ORACLE.finditer(value))
    return {part for part in found if part.strip()}


def login_password(key: str, value: str) -> str:
    """The password of a `user:password` under keys such as `basic.auth.user.info`; empty if it is none."""
    return value.partition(":")[2].strip() if _LOGIN_KEY.search(key) else ""


def _private_keys(value: str) -> Iterator[str]:
    """What stands between (or, of a torn block, after or before) the lines that begin and end a private key."""
    texts_and_lines = _PEM_LINE.split(value)
    texts = texts_and_lines[::2]
    for place, line in enumerate(texts_and_lines[1::2]):
        body = texts[place + 1].partition("-----")[0] if line == "BEGIN" else texts[place].rpartition("-----")[2]
        yield body.replace("\\r", "").replace("\\n", "\n").strip()


def _url_passwords(value: str) -> Iterator[str]:
    """The password of each `scheme://user:password@host`, though it holds the `/`, `@`, `:` that should be encoded.

    Where an at sign follows in the path, what it would end is yielded as well: nobody knows which of them was meant.
    """
    for piece in value.split("://")[1:]:
        address = re.split(r'[\s"]', piece)[0]
        authority = re.split(r"[/?#]", address)[0]
        if ":" not in authority or authority.startswith("[") or _HOSTS_AND_PORTS.fullmatch(authority):
            continue
        for login in (authority.rpartition("@")[0], address.rpartition("@")[0]):
            yield login.partition(":")[2]


def _fields(value: str) -> Iterator[str]:
    """The values of `password=...`, `"secret": "..."`, `&sig=...` and their like, without quotes."""
    for match in _FIELD.finditer(value):
        yield next(part for part in match.groups() if part is not None)


def _headers(value: str) -> Iterator[str]:
    """The credentials of `Authorization: Bearer x` anywhere, and of a value that is nothing but `Bearer x`."""
    for match in _AUTHORIZATION.finditer(value):
        yield from (word for word in match[1].split()[:2] if not _SCHEME.fullmatch(word))
    if bare := _BARE_HEADER.fullmatch(value.strip()):
        yield bare[1]
