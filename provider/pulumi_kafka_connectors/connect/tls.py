"""Certificates as PEM text or files, and what a failed TLS connection means."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

import certifi

_REQUIRED = "the server requires a client certificate that it trusts (set `cert` and `key`)"
_UNTRUSTED = {
    "hostname mismatch": "the server's certificate is for a different host name",
    "IP address mismatch": "the server's certificate is for a different address",
    "certificate verify failed": "the server's certificate is not trusted (set `ca` to its authority's certificate)",
    "certificate required": _REQUIRED,
    "bad certificate": _REQUIRED,
    "certificate unknown": _REQUIRED,
    "unknown ca": "the server does not trust the client certificate (`cert`)",
    "wrong version number": "the server does not speak TLS (is the address http instead of https?)",
}


def why_untrusted(error: str) -> str | None:
    """The error message for an SSL error that would recur; None for others, such as a lost connection."""
    text = error.replace("_", " ").lower()
    known = [meaning for sign, meaning in _UNTRUSTED.items() if sign.lower() in text]
    return known[0] if known else None


def _is_pem(text: str) -> bool:
    return "-----BEGIN" in text


def fingerprint(*sources: str | None) -> tuple[object, ...]:
    """A value that changes when one of the files (among PEM texts and files) changes, without reading them."""
    return tuple(_stamp(source) for source in sources if source is not None and not _is_pem(source))


def _stamp(file: str) -> object:
    try:
        found = Path(file).stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def ssl_context(ca: str | None, cert: str | None, key: str | None, *, insecure: bool = False) -> ssl.SSLContext:
    """The SSL context that trusts `ca` (default: the system's and certifi's) and presents `cert`; each PEM text or a file.

    Raises:
        ValueError: naming the setting whose file or PEM text cannot be used.
    """
    context = ssl.create_default_context()
    if ca is None:
        context.load_verify_locations(cafile=certifi.where())
    else:
        context = _trusting(ca)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert is not None:
        _load_identity(context, cert, key)
    elif key is not None:
        raise ValueError("key is set without cert: give the client certificate too")
    return context


def _trusting(ca: str) -> ssl.SSLContext:
    try:
        if _is_pem(ca):
            return ssl.create_default_context(cadata=ca)
        return ssl.create_default_context(cafile=ca)
    except (OSError, ValueError):
        raise ValueError("ca is neither PEM text nor a readable PEM file of certificates") from None


def _load_identity(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    # The ssl module loads private keys from files only; PEM text goes into a temporary file that only this user can read.
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, value in (("cert", cert), ("key", key)):
            path = None if value is None else Path(value)
            if value is not None and _is_pem(value):
                path = Path(folder) / name
                path.touch(mode=0o600)
                path.write_text(value)
            files.append(path)
        try:
            context.load_cert_chain(str(files[0]), None if files[1] is None else str(files[1]), password="")
        except (OSError, ValueError):
            raise ValueError(
                "cert and key are not a PEM certificate and its unencrypted private key (as text or as readable files)"
            ) from None
