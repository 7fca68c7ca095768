"""No text that leaves shows a secret, or a character that a terminal would obey. Pure, and linear in the text's length.

Which values are secret is decided in `core.secrets`, whose functions are offered here as well.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote

from pulumi_kafka_connectors.core.secrets import (
    HIDDEN,
    has_reference,
    is_mask,
    is_reference,
    is_secret,
    login_password,
    secret_keys,
    secret_parts,
)

__all__ = ["HIDDEN", "Redactor", "has_reference", "is_mask", "is_reference", "is_secret", "secret_keys", "visible"]

# Controls (newline and tab excepted), bidirectional marks, what has no width or breaks lines, tags, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"\s+")
_SHORT = 3  # characters: such a value is hidden as a word of its own only, it would make confetti of every message
_COMMON = {"true", "false", "null", "none"}  # and so are these, in any case
_LONG_LINE = 8  # characters: such a line of a secret of several lines is hidden by itself, traces break lines
_PASSES = 8
_URL_SAFE = ("", "/", "*", "!'()*", "!$&'()*+,;=:@/")  # what encoders leave as it is: ours, Java's, browsers', logins


def visible(text: str) -> str:
    r"""`text` with U+FFFD for every character that steers a terminal or is not seen; only `\n` and `\t` stay.

    That is: control characters, escapes, bidirectional marks, lone surrogates, what has no width, line separators.
    """
    return _UNSEEN.sub("\ufffd", text.replace("\r\n", "\n"))


class Redactor:
    """Hides secrets in texts, however these spell them: as they are, with other white space, escaped, encoded.

    It may be read by some threads while others add. Values that are blank or masks are not taken. Values of up to three
    characters, and `true`, `false`, `null`, `none`, are hidden as words of their own only.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        """Begin with these secrets."""
        self._adding = threading.Lock()
        self._spellings = frozenset([HIDDEN])
        self.add(*values)

    def __repr__(self) -> str:
        return f"Redactor({len(self._spellings) - 1} spellings)"

    def add(self, *values: str) -> None:
        """Hide these from now on."""
        added = {spelling for value in values if value.strip() and not is_mask(value) for spelling in _spellings(value)}
        with self._adding:
            self._spellings = self._spellings | added

    def add_config(self, config: Mapping[str, object], keys: Iterable[str]) -> None:
        """Hide the values of these keys, and the secrets within the values of all keys; references are none.

        Numbers are hidden as they are written; what is neither text nor number (a value not known yet) is passed over.
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
        """`text` with `[hidden]` for every secret, made visible; lines stay lines. Doing it again changes nothing.

        A text in which hiding one secret makes up another again and again is hidden as a whole.
        """
        for _ in range(_PASSES):
            shown = visible(self._hide(text))
            if shown == text:
                return text
            text = shown
        return HIDDEN

    def sentence(self, text: str, longest: int = 2000) -> str:
        """`text` redacted, then put on one line, then cut between words; `...` tells of a cut and counts as well."""
        line = self.redact(" ".join(self._hide(text).split()))
        if len(line) <= longest:
            return line
        room = max(longest - 3, 0)
        end = line.rfind(" ", 0, room + 1)
        # A cut word might be a short secret, or the dots its end: that is looked at again.
        return self.redact(line[: end if end > 0 else room] + "...")

    def _hide(self, text: str) -> str:
        """`text` with `[hidden]` for each stretch that secrets cover: those that overlap leave nothing between them."""
        flat, starts, lost = _flattened(text)
        spans = sorted(span for spelling in self._spellings for span in _spans(flat, spelling))
        pieces, shown = [], 0
        for start, end in _merged(spans):
            pieces.append(text[shown : start + lost[bisect_right(starts, start) - 1]])
            shown = end + lost[bisect_right(starts, end - 1) - 1]
        return HIDDEN.join([*pieces, text[shown:]])


def _written(value: object) -> str:
    """A text or number as a worker gets it, else nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return str(value)
        except ValueError:  # an integer of more digits than Python writes
            return ""
    return ""


def _flattened(text: str) -> tuple[str, list[int], list[int]]:
    """`text` with one blank for each white space, and where from in it (`starts`) how many characters are `lost`."""
    starts, lost = [0], [0]
    for blanks in _BLANKS.finditer(text):
        surplus = blanks.end() - blanks.start() - 1
        if surplus:
            lost.append(lost[-1] + surplus)
            starts.append(blanks.end() - lost[-1])
    return _BLANKS.sub(" ", text), starts, lost


def _spans(flat: str, spelling: str) -> Iterator[tuple[int, int]]:
    """Where `spelling` stands in `flat`; a run of it that overlaps itself (`aaaa` within `aaaaaa`) is one span."""
    if len(spelling) <= _SHORT or spelling.lower() in _COMMON:
        yield from _word_spans(flat, spelling)
        return
    start = flat.find(spelling)
    while start >= 0:
        end = start + len(spelling)
        following = flat.find(spelling, start + 1)
        if start < following < end:
            added = spelling[start - following :]  # what each further one of the run adds: one step, not one search
            while flat.startswith(added, end):
                end += len(added)
            following = flat.find(spelling, end - len(spelling) + 1)
        yield start, end
        start = following


def _word_spans(flat: str, word: str) -> Iterator[tuple[int, int]]:
    """Where `word` stands in `flat` as a word of its own."""
    start = flat.find(word)
    while start >= 0:
        end = start + len(word)
        if not _in_word(flat[start - 1 : start]) and not _in_word(flat[end : end + 1]):
            yield start, end
        start = flat.find(word, start + 1)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _spellings(value: str) -> set[str]:
    """Every way in which texts write this secret, with one blank for each white space (as in flattened texts)."""
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
    """As parts of URLs and forms hold it, with hexadecimal digits of either case."""
    encoded = {encode(text, safe, errors="surrogatepass") for encode in (quote, quote_plus) for safe in _URL_SAFE}
    return encoded | {re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), one) for one in encoded}


def _base64(text: str) -> set[str]:
    """As headers hold it, in both alphabets; without the padding too, unless that leaves a word like any other."""
    raw = text.encode("utf-8", "surrogatepass")
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return encoded | {one.rstrip("=") for one in encoded if len(raw) > _SHORT}
