"""A terminal in which a command runs, and its screen as SVG."""

from __future__ import annotations

import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fcntl import ioctl
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final

import pyte

Line = list[tuple[str, str]]
"""The pieces of a line, each with the name of its colour and its text."""
WIDTH: Final = 118
_ROWS: Final = 60
_LINE, _CHARACTER = 18, 8.0
_COLOURS: Final = {
    "default": "#e6e6e6", "green": "#50fa7b", "white": "#ffffff",
    "ff00ff": "#ff79c6", "5c5cff": "#8ab4ff", "00cd00": "#50fa7b", "cd0000": "#ff6e6e", "cdcd00": "#f1fa8c",
    "00cdcd": "#8be9fd",
}  # fmt: skip
"""On a dark window, by the colours of the emulator."""


class Terminal:
    """Runs commands one at a time and keeps the screen of the last one, as a person sees it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**environment, "TERM": "xterm-256color", "COLUMNS": str(WIDTH), "LINES": str(_ROWS)}
        self.screen = pyte.Screen(WIDTH, _ROWS)

    def run(self, argv: Sequence[str], moment: Callable[[str], bool] = lambda _text: False) -> list[Line]:
        """Run a command to its end.

        Args:
            argv: the command.
            moment: told the whole text of the screen whenever that has changed; whether it is the moment to keep.

        Returns:
            The lines at that moment; without one, those at the end.
        """
        self.screen.reset()
        stream = pyte.ByteStream(self.screen)
        master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, WIDTH, 0, 0))
        process = subprocess.Popen(argv, cwd=self._folder, env=self._environment, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        kept: list[Line] | None = None
        for chunk in _chunks(master, process):
            stream.feed(chunk)
            if kept is None and moment("\n".join(self.screen.display)):
                kept = self.lines()
        os.close(master)
        return kept or self.lines()

    def lines(self) -> list[Line]:
        """What is on the screen now, without the empty lines at the end."""
        rows = (self.screen.buffer[number] for number in range(_ROWS))
        signs = [[row[column] for column in range(WIDTH)] for row in rows]
        lines = [[(colour, "".join(sign.data for sign in same)) for colour, same in groupby(row, _colour)] for row in signs]
        while lines and not "".join(text for _, text in lines[-1]).strip():
            lines.pop()
        return lines


def _colour(sign: pyte.screens.Char) -> str:
    return str(sign.fg)


def _chunks(master: int, process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # how a terminal ends on Linux
                break
            if not chunk:
                break
            yield chunk
        elif process.poll() is not None:
            break
    process.wait(30)


def svg(lines: Sequence[Line]) -> str:
    """A window with these lines."""
    width, height = int(WIDTH * _CHARACTER) + 40, len(lines) * _LINE + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="monospace" font-size="13">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#22252b"/>',
        *(
            f'<circle cx="{20 + 18 * at}" cy="18" r="6" fill="{fill}"/>'
            for at, fill in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))
        ),
    ]
    for number, line in enumerate(lines):
        column = 0
        for colour, text in line:
            if text.strip():
                parts.append(_piece(20 + column * _CHARACTER, 50 + number * _LINE, colour, text.rstrip()))
            column += len(text)
    return "\n".join([*parts, "</svg>", ""])


def _piece(x: float, y: int, colour: str, text: str) -> str:
    fill = _COLOURS.get(colour, _COLOURS["default"])
    # Fonts differ: the length holds every column in its place.
    length = f'textLength="{len(text) * _CHARACTER:.0f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x:.0f}" y="{y}" fill="{fill}" xml:space="preserve" {length}>{escape(text)}</text>'
