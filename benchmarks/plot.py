"""SVG plots of duration by number of connectors."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.report import Results

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 560, 320, 60, 40, 45
_RIGHT = 120
_COLOURS = {
    "limit": "#7f7f7f",
    "floor": "#9467bd",
    "terraform": "#d62728",
    "ours no wait": "#17becf",
    "ours": "#1f77b4",
    "plugin": "#2ca02c",
    "plugin, YAML": "#98df8a",
}
_PLOTTED = {"create": "Create all", "refresh": "Refresh, unchanged", "update": "Change one key of all"}


def write(results: Results, folder: Path) -> list[str]:
    """Write a plot for each operation, with one worker and instant connectors; returns Markdown lines that include them."""
    from benchmarks.report import median  # noqa: PLC0415 - the modules import each other

    folder.mkdir(exist_ok=True)
    lines = []
    for operation, title in _PLOTTED.items():
        curves: dict[str, list[tuple[int, float]]] = {}
        for name in _COLOURS:
            measured = "running" if (name, operation) == ("limit", "create") else operation
            for cell in results.cells():
                if cell[:2] == (1, "instant") and (samples := results.of(cell, name, measured)):
                    curves.setdefault(name, []).append((cell[2], median(samples)))
        if curves:
            (folder / f"{operation}.svg").write_text(_svg(f"{title}: seconds by number of connectors", curves))
            lines.append(f"![{title}](plots/{operation}.svg)\n")
    return lines


def _svg(title: str, curves: dict[str, list[tuple[int, float]]]) -> str:
    points = [point for curve in curves.values() for point in curve]
    counts, times = sorted({point[0] for point in points}), [point[1] for point in points]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    widest = math.log10(max(*counts, 10))

    def at(count: float, seconds: float) -> tuple[float, float]:
        across = math.log10(count) / widest
        up = (math.log10(seconds) - low) / max(high - low, 1)
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="22" font-size="14">{title}</text>',
    ]
    for power in range(low, high + 1):
        _, y = at(1, 10**power)
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10**power:g} s</text>')
    for count in counts:
        x, y = at(count, 10**low)
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{count}</text>')
    taken: list[float] = []
    for name, curve in sorted(curves.items(), key=lambda item: -item[1][-1][1]):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in curve))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{_COLOURS[name]}" stroke-width="2"/>')
        x, y = at(*curve[-1])
        y = max(y, taken[-1] + 14 if taken else y)
        taken.append(y)
        parts.append(f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{_COLOURS[name]}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])
