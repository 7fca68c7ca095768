"""Removes secrets and terminal control characters from all output. Pure, and linear in the length of the text.

`core.secrets` decides which values are secret; its functions are re-exported here.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote

from pulumi_kafka_connectors.core.secrets import (
    HIDDEN,
    has_reference,
    is_mask,
    is_reference,
    is_secret,
    login_password,
    references,
    replacements,
    secret_keys,
    secret_parts,
)

__all__ = [
    "HIDDEN",
    "Redactor",
    "has_reference",
    "is_mask",
    "is_reference",
    "is_secret",
    "references",
    "replacements",
    "secret_keys",
    "visible",
]

# Control characters (except newline and tab), bidirectional marks, zero-width and line-breaking characters, tags, lone
# surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"\s+")
_SHORT = 3  # characters: values this short are hidden only as whole words, or they would shred every message
_COMMON = {"true", "false", "null", "none"}  # also hidden only as whole words, in any case
_LONG_LINE = 8  # characters: lines of a multi-line secret this long are hidden on their own, as traces break lines
_PASSES = 8
_URL_SAFE = (
    "",
    "/",
    "*",
    "!'()*",
    "!$&'()*+,;=:@/",
)  # characters that encoders do not escape: ours, Java's, browsers', logins


def visible(text: str) -> str:
    r"""`text` with U+FFFD for every invisible character or one that controls a terminal, except `\n` and `\t`.

    These are control characters, escapes, bidirectional marks, lone surrogates, zero-width characters, line separators.
    """
    return _UNSEEN.sub("\ufffd", text.replace("\r\n", "\n"))


class Redactor:
    """Hides secrets in texts in all their spellings: verbatim, with different whitespace, escaped, encoded.

    Safe to use from some threads while others add secrets. Blank values and masks are ignored. Values of up to three
    characters, and `true`, `false`, `null`, `none`, are hidden only as whole words.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        """Start with these secrets."""
        self._adding = threading.Lock()
        self._spellings = frozenset([HIDDEN])
        self._sources: tuple[Callable[[], Iterable[str]], ...] = ()
        self._found: frozenset[str] = frozenset()
        self.add(*values)

    def __repr__(self) -> str:
        return f"Redactor({len(self._spellings) - 1} spellings)"

    def add(self, *values: str) -> None:
        """Hide these values from now on."""
        added = {spelling for value in values if value.strip() and not is_mask(value) for spelling in _spellings(value)}
        with self._adding:
            self._spellings = self._spellings | added

    def follow(self, source: Callable[[], Iterable[str]]) -> None:
        """Also hide whatever this returns at the time of a text, such as tokens that are renewed."""
        if source not in self._sources:
            self._sources = (*self._sources, source)

    def add_config(self, config: Mapping[str, object], keys: Iterable[str]) -> None:
        """Hide the values of these keys, and secrets within the values of all keys; references are not secrets.

        Numbers are hidden in their text form; anything but text and numbers (such as an unknown value) is skipped.
        """
        found: set[str] = set()
        for key in keys:
            written = _written(config.get(key))
            found |= {written, login_password(key, written)}
        for value in config.values():
            for part in secret_parts(value) if isinstance(value, str) else ():
                found |= {part, unquote(part)}
        self.add(*(value for value in found if not is_reference(value)))

    def redact(self, text: str) -> str:
        """`text` with `[hidden]` for every secret, made `visible`; line breaks stay. Idempotent.

        A text in which hiding one secret keeps producing another is hidden as a whole.
        """
        for _ in range(_PASSES):
            shown = visible(self._hide(text))
            if shown == text:
                return text
            text = shown
        return HIDDEN

    def one_line(self, text: str, longest: int = 2000) -> str:
        """`text` redacted, joined into one line, and truncated between words with `...`, which counts too."""
        line = self.redact(" ".join(self._hide(text).split()))
        if len(line) <= longest:
            return line
        room = max(longest - 3, 0)
        end = line.rfind(" ", 0, room + 1)
        # A truncated word might be a short secret, or end in the dots: redact it again.
        return self.redact(line[: end if end > 0 else room] + "...")

    def _hide(self, text: str) -> str:
        """`text` with `[hidden]` for each span that secrets cover; overlapping spans are merged."""
        found = {value for source in self._sources for value in source()} - self._found
        if found:
            self._found |= found
            self.add(*found)
        flat, starts, lost = _flattened(text)
        spans = sorted(span for spelling in self._spellings for span in _spans(flat, spelling))
        pieces, shown = [], 0
        for start, end in _merged(spans):
            pieces.append(text[shown : start + lost[bisect_right(starts, start) - 1]])
            shown = end + lost[bisect_right(starts, end - 1) - 1]
        return HIDDEN.join([*pieces, text[shown:]])


def _written(value: object) -> str:
    """A text or number as sent to a worker, else an empty string."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return str(value)
        except ValueError:  # an integer of more digits than Python writes
            return ""
    return ""


def _flattened(text: str) -> tuple[str, list[int], list[int]]:
    """`text` with whitespace collapsed, and how many characters are `lost` from each of the positions `starts` on."""
    starts, lost = [0], [0]
    for blanks in _BLANKS.finditer(text):
        surplus = blanks.end() - blanks.start() - 1
        if surplus:
            lost.append(lost[-1] + surplus)
            starts.append(blanks.end() - lost[-1])
    return _BLANKS.sub(" ", text), starts, lost


def _spans(flat: str, spelling: str) -> Iterator[tuple[int, int]]:
    """The occurrences of `spelling` in `flat`; a run that overlaps itself (`aaaa` within `aaaaaa`) is one span."""
    if len(spelling) <= _SHORT or spelling.lower() in _COMMON:
        yield from _word_spans(flat, spelling)
        return
    start = flat.find(spelling)
    while start >= 0:
        end = start + len(spelling)
        following = flat.find(spelling, start + 1)
        if start < following < end:
            added = spelling[start - following :]  # what each repetition adds: one step instead of one search
            while flat.startswith(added, end):
                end += len(added)
            following = flat.find(spelling, end - len(spelling) + 1)
        yield start, end
        start = following


def _word_spans(flat: str, word: str) -> Iterator[tuple[int, int]]:
    """The occurrences of `word` in `flat` as a whole word."""
    start = flat.find(word)
    while start >= 0:
        end = start + len(word)
        if not _in_word(flat[start - 1 : start]) and not _in_word(flat[end : end + 1]):
            yield start, end
        start = flat.find(word, start + 1)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, with overlapping ones merged."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _spellings(value: str) -> set[str]:
    """Every spelling of this secret in texts, with whitespace collapsed as in flattened texts."""
    spellings = {visible(value)}
    for text in {value, value.strip(), " ".join(value.split()), value.replace("\\r", "").replace("\\n", "\n")}:
        spellings |= {text, *_escaped(text), *_url_encoded(text), *_base64(text)}
    if len(lines := value.splitlines()) > 1:
        spellings |= {line for line in lines if len(line.strip()) >= _LONG_LINE} | {"".join(value.split())}
    return {flat for spelling in spellings if (flat := " ".join(spelling.split())) and not is_mask(flat)}


def _escaped(text: str) -> set[str]:
    """As JSON (ours and Jackson's), Java, Python and HTML escape it."""
    ascii_json = json.dumps(text)[1:-1]
    return {
        ascii_json,
        re.sub(r"\\u[0-9a-f]{4}", lambda found: "\\u" + found[0][2:].upper(), ascii_json),
        json.dumps(text, ensure_ascii=False)[1:-1],
        text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t"),
        repr(text)[1:-1],
        html.escape(text),
        html.escape(text, quote=False),
    }


def _url_encoded(text: str) -> set[str]:
    """As URLs and forms encode it, with hexadecimal digits of either case."""
    encoded = {encode(text, safe, errors="surrogatepass") for encode in (quote, quote_plus) for safe in _URL_SAFE}
    return encoded | {re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), one) for one in encoded}


def _base64(text: str) -> set[str]:
    """As headers encode it, in both alphabets; also without padding, unless the result looks like an ordinary word."""
    raw = text.encode("utf-8", "surrogatepass")
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return encoded | {one.rstrip("=") for one in encoded if len(raw) > _SHORT}
