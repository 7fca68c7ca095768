"""Draws who imports whom in the provider, from its files alone: `python docs/pictures/house.py` makes house.svg."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from html import escape
from pathlib import Path

PACKAGE = "pulumi_kafka_connectors"
SOURCES = Path(__file__).resolve().parents[2] / "provider" / PACKAGE
PICTURE = Path(__file__).with_name("house.svg")
TOP = PACKAGE
LAYERED = "core"
Arrows = dict[str, set[str]]

_WIDTH, _MARGIN, _LANE, _BETWEEN, _STEP = 900, 20, 12, 24, 9
_LETTER, _LINE, _HEAD, _CELL, _NEAR = 7.4, 18, 28, 26, 9
_SVG = "http://www.w3.org/2000/svg"
_FILLS = {TOP: ("#fdf6e3", "#b58900"), LAYERED: ("#eef4fb", "#4a7ab5")}
_OTHERS = ("#f4f4f4", "#888888")
_COLOURS = ("#4a7ab5", "#b5524a", "#4a8f5b", "#8a5ab5", "#a8741a", "#2f8f96", "#777777")


def imports(sources: Path) -> Arrows:
    """Of every module, by its name inside the package, the modules of the package that it imports."""
    files = {_name(path, sources): path for path in sorted(sources.rglob("*.py"))}
    found: Arrows = {}
    for name, path in files.items():
        inside = name.split(".") if path.stem == "__init__" else name.split(".")[:-1]
        wanted: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                wanted |= {_inner(alias.name) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                wanted |= _from(node, [part for part in inside if part], files)
        found[name] = {target for target in wanted if target in files} - {name}
    return found


def _name(path: Path, sources: Path) -> str:
    parts = path.relative_to(sources).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _inner(name: str) -> str:
    """The name inside the package; the package itself has the empty one, and what is not ours one that no file has."""
    return "" if name == PACKAGE else name.removeprefix(f"{PACKAGE}.") if name.startswith(f"{PACKAGE}.") else "?"


def _from(node: ast.ImportFrom, inside: list[str], files: dict[str, Path]) -> set[str]:
    if node.level:
        base = ".".join([*inside[: len(inside) - node.level + 1], *filter(None, [node.module])])
    else:
        base = _inner(node.module or "")
    names = {f"{base}.{alias.name}".lstrip(".") for alias in node.names}
    return {name if name in files else base for name in names}


def box_of(module: str, modules: Arrows) -> str:
    """The folder that a module stands in; modules beside the folders share a box."""
    first, _, rest = module.partition(".")
    return first if rest or any(other.startswith(f"{first}.") for other in modules) else TOP


def between(modules: Arrows) -> Arrows:
    """Which box imports from which."""
    found: Arrows = {box_of(module, modules): set() for module in modules}
    for module, targets in modules.items():
        box = box_of(module, modules)
        found[box] |= {box_of(target, modules) for target in targets if target} - {box}
    return found


def depths(arrows: Arrows) -> dict[str, int]:
    """How high each stands: above all that it imports. A cycle, which a test forbids, is cut where it is met again."""
    found: dict[str, int] = {}

    def depth(name: str, above: tuple[str, ...]) -> int:
        if name not in found:
            below = [depth(target, (*above, name)) for target in sorted(arrows[name]) if target not in (*above, name)]
            found[name] = 1 + max(below, default=-1)
        return found[name]

    for name in sorted(arrows):
        depth(name, ())
    return found


def rows(arrows: Arrows) -> list[list[str]]:
    """The same, from the top."""
    heights = depths(arrows)
    return [
        sorted(name for name in heights if heights[name] == height)
        for height in range(max(heights.values(), default=0), -1, -1)
    ]


@dataclass
class Box:
    """A folder with the lines of its files."""

    name: str
    files: list[list[str]]
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0

    @property
    def middle(self) -> float:
        """Where its name would be centred."""
        return self.x + self.width / 2

    def port(self, at: int, of: int) -> float:
        """Where the arrow with this number of so many leaves or enters."""
        return round(self.x + self.width * (at + 1) / (of + 1), 1)


def box(name: str, modules: Arrows, wide: float) -> Box:
    """A box as high as its files need."""
    own = {module for module in modules if module and box_of(module, modules) == name and module != name}
    short = {module: module.rpartition(".")[2] for module in own}
    if name == LAYERED:
        inner = {short[module]: {short[target] for target in modules[module] if target in own} for module in own}
        files, height = rows(inner), 0.0
        height = _HEAD + len(files) * (_CELL + 8) + 6
    else:
        files = _wrapped(sorted(short.values()), wide - 24)
        height = _HEAD + len(files) * _LINE + 10
    return Box(name, files, width=wide, height=height)


def _wrapped(words: list[str], wide: float) -> list[list[str]]:
    lines: list[list[str]] = [[]]
    for word in words:
        if lines[-1] and len(", ".join([*lines[-1], word])) * _LETTER > wide:
            lines.append([])
        lines[-1].append(word)
    return lines if words else []


class House:
    """The places of the boxes and the ways of the arrows: down through the gaps, past a row in a lane at its side."""

    def __init__(self, modules: Arrows) -> None:
        self.arrows = between(modules)
        self.rows = rows(self.arrows)
        self.row = {name: at for at, names in enumerate(self.rows) for name in names}
        pairs = [(name, target) for names in self.rows for name in names for target in sorted(self.arrows[name])]
        self.pairs = [(name, target) for name, target in pairs if self.row[target] > self.row[name]]
        self.lanes = {pair: at for at, pair in enumerate(pair for pair in self.pairs if self._passes(pair))}
        self.right = _WIDTH - _MARGIN - (len(self.lanes) + 1) * _LANE
        self.boxes: dict[str, Box] = {}
        self.gaps: list[float] = []
        self.tracks: dict[int, int] = {}
        self.height = self._place(modules)
        self.outs = self._leaving()
        self.ins = self._entering()

    def _passes(self, pair: tuple[str, str]) -> bool:
        return self.row[pair[1]] > self.row[pair[0]] + 1

    def _place(self, modules: Arrows) -> float:
        y: float = 56
        for at, names in enumerate(self.rows):
            wide = (self.right - _MARGIN - _BETWEEN * (len(names) - 1)) / len(names)
            made = [box(name, modules, wide) for name in names]
            high = max(each.height for each in made)
            for number, each in enumerate(made):
                each.x, each.y, each.height = _MARGIN + number * (wide + _BETWEEN), y, high
                self.boxes[each.name] = each
            self.gaps.append(y + high)
            entered = sum(self.row[target] == at + 1 for _, target in self.pairs)
            left = sum(self.row[name] == at and self._passes((name, target)) for name, target in self.pairs)
            y += high + 22 + _STEP * (entered + left)
        return self.gaps[-1] + 44

    def _leaving(self) -> dict[tuple[str, str], float]:
        """Where each arrow leaves its box: those to the lanes on the right."""
        found: dict[tuple[str, str], float] = {}
        for each in self.boxes.values():
            own = [pair for pair in self.pairs if pair[0] == each.name]
            own.sort(key=lambda pair: (self._passes(pair), self.boxes[pair[1]].middle))
            found |= {pair: each.port(at, len(own)) for at, pair in enumerate(own)}
        return found

    def _entering(self) -> dict[tuple[str, str], float]:
        """Where each arrow enters: straight below its start where that is near, and never in line with another's start."""
        found = {}
        for each in self.boxes.values():
            own = [pair for pair in self.pairs if pair[1] == each.name]
            own.sort(key=lambda pair: (self._passes(pair), self.outs[pair]))
            starts = [self.outs[pair] for pair in self.pairs if self.row[pair[0]] == self.row[each.name] - 1]
            for at, pair in enumerate(own):
                to = each.port(at, len(own))
                if not self._passes(pair) and abs(to - self.outs[pair]) < _NEAR:
                    to = self.outs[pair]
                elif near := [start for start in starts if abs(to - start) < _NEAR]:
                    to = max(near) + _NEAR
                found[pair] = round(to, 1)
        return found

    def _track(self, row: int) -> float:
        """The next free height in the gap below a row."""
        self.tracks[row] = self.tracks.get(row, 0) + 1
        return self.gaps[row] + 4 + _STEP * self.tracks[row]

    def way(self, pair: tuple[str, str]) -> str:
        """The path of an arrow."""
        start, end = self.boxes[pair[0]], self.boxes[pair[1]]
        x, to = self.outs[pair], self.ins[pair]
        if x == to and not self._passes(pair):
            return f"M{x:g},{start.y + start.height:g} V{end.y - 1:g}"
        path = f"M{x:g},{start.y + start.height:g} V{self._track(self.row[pair[0]]):g}"
        if self._passes(pair):
            path += f" H{self.right + (self.lanes[pair] + 1) * _LANE:g} V{self._track(self.row[pair[1]] - 1):g}"
        return f"{path} H{to:g} V{end.y - 1:g}"

    def svg(self) -> str:
        """The picture."""
        colours = {
            name: _COLOURS[at % len(_COLOURS)] for at, name in enumerate(name for names in self.rows for name in names)
        }
        markers = "".join(
            f'<marker id="tip-{colour[1:]}" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
            f'<path d="M0,0 L8,4 L0,8 z" fill="{colour}"/></marker>'
            for colour in sorted(set(colours.values()))
        )
        high = math.ceil(self.height)
        parts = [
            f'<svg xmlns="{_SVG}" viewBox="0 0 {_WIDTH} {high}" font-family="sans-serif" font-size="13">',
            f"<defs>{markers}</defs>",
            f'<rect width="{_WIDTH}" height="{high}" rx="8" fill="white"/>',
            _text(
                _MARGIN,
                36,
                "An arrow is an import, from the folder that imports to the one it needs, in the colour of the first.",
            ),
        ]
        for pair in self.pairs:
            colour = colours[pair[0]]
            tip = f'marker-end="url(#tip-{colour[1:]})"'
            parts.append(f'<path d="{self.way(pair)}" fill="none" stroke="{colour}" stroke-width="1.5" {tip}/>')
        for name in self.boxes:
            parts += _drawn(self.boxes[name])
        parts.append(_text(_MARGIN, high - 16, f"Inside {LAYERED} a file imports files of lower rows alone."))
        return "\n".join([*parts, "</svg>", ""])


def _text(x: float, y: float, words: str, more: str = 'font-size="12" fill="#333"') -> str:
    return f'<text x="{x:g}" y="{y:g}" {more}>{escape(words)}</text>'


def _drawn(each: Box) -> list[str]:
    fill, stroke = _FILLS.get(each.name, _OTHERS)
    frame = f'x="{each.x:g}" y="{each.y:g}" width="{each.width:g}" height="{each.height:g}"'
    parts = [
        f'<rect {frame} rx="6" fill="{fill}" stroke="{stroke}"/>',
        _text(each.x + 12, each.y + 20, each.name, 'font-weight="bold" fill="#111"'),
    ]
    for at, words in enumerate(each.files):
        if each.name == LAYERED:
            parts += _cells(each, each.y + _HEAD + at * (_CELL + 8), words, stroke)
        else:
            parts.append(
                _text(
                    each.x + 12,
                    each.y + _HEAD + 12 + at * _LINE,
                    ", ".join(words) + ("," if words is not each.files[-1] else ""),
                )
            )
    return parts


def _cells(each: Box, y: float, words: list[str], stroke: str) -> list[str]:
    step = (each.width - 24 + 8) / len(words)
    parts = []
    for at, word in enumerate(words):
        x = round(each.x + 12 + at * step, 1)
        frame = f'x="{x:g}" y="{y:g}" width="{step - 8:.1f}" height="{_CELL}"'
        parts.append(f'<rect {frame} rx="4" fill="white" stroke="{stroke}"/>')
        parts.append(_text(round(x + step / 2 - 4, 1), y + 17, word, 'font-size="12" text-anchor="middle" fill="#333"'))
    return parts


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(House(imports(SOURCES)).svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
