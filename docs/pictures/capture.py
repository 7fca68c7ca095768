"""Runs Pulumi in the sandbox and draws what the terminal shows: `python docs/pictures/capture.py` makes terminal.svg."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sandbox import engine  # noqa: E402
from sandbox.cluster import Sandbox  # noqa: E402
from sandbox.tools import KAFKA_VERSION  # noqa: E402

_MISTAKEN = """
import pulumi_kafka_connectors as kc

kc.Connector(
    "lines-sink",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "tasks.max": "four",
        "errors.tolerance": "some",
        "file": "/nowhere/lines.txt",
    },
)
"""
_FAILING = """
import pulumi_kafka_connectors as kc

kc.Connector(
    "lines-sink",
    config={
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "topics": "lines",
        "file": "/nowhere/lines.txt",
    },
)
"""
_WIDTH, _LINE, _CHARACTER = 110, 18, 8.0
_COLOURS = {"$": "#8be9fd", "error": "#ff6e6e", "": "#e6e6e6"}


def main() -> None:
    """Capture both runs and write the picture."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    box = Sandbox(ROOT / ".sandbox" / "picture")
    lines: list[str] = []
    try:
        (url,) = box.up(1, KAFKA_VERSION)
        project = box.folder / "lines"
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: lines\nruntime: python\n")
        environment = engine.environment(box.folder)

        def run(*arguments: str) -> str:
            argv = ["pulumi", "--non-interactive", "--color", "never", *arguments]
            ran = subprocess.run(argv, cwd=project, env=environment, capture_output=True, text=True, check=False)
            return ran.stdout + ran.stderr

        run("stack", "init", "dev")
        run("config", "set", "kafka-connectors:url", url)
        for program, command in ((_MISTAKEN, ["preview"]), (_FAILING, ["up", "--yes", "--skip-preview"])):
            (project / "__main__.py").write_text(program)
            lines += [f"$ pulumi {command[0]}", *_shown(run(*command)), ""]
    finally:
        box.purge()
    (Path(__file__).parent / "terminal.svg").write_text(_svg(lines))


def _shown(output: str) -> list[str]:
    """The diagnostics: they hold all that the progress before them said."""
    _, _, diagnostics = output.partition("Diagnostics:")
    kept = ["Diagnostics:"]
    for line in diagnostics.partition("Resources:")[0].splitlines():
        text = re.sub(r"127\.0\.0\.1:\d+", "connect-1:8083", line.rstrip())
        if text.strip() and "update failed" not in text and "pulumi:pulumi:Stack" not in text:
            kept += textwrap.wrap(text, _WIDTH - 8, subsequent_indent="      ")
    return kept


def _svg(lines: list[str]) -> str:
    width, height = int(_WIDTH * _CHARACTER) + 40, len(lines) * _LINE + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="monospace" font-size="13">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#22252b"/>',
        *(
            f'<circle cx="{20 + 18 * at}" cy="18" r="6" fill="{fill}"/>'
            for at, fill in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))
        ),
    ]
    for number, line in enumerate(lines):
        kind = "$" if line.startswith("$") else "error" if line.strip().startswith("error") else ""
        y = 50 + number * _LINE
        # Fonts differ: the length holds every line within the frame.
        length = f'textLength="{len(line) * _CHARACTER:.0f}" lengthAdjust="spacingAndGlyphs"' if line else ""
        parts.append(f'<text x="20" y="{y}" fill="{_COLOURS[kind]}" xml:space="preserve" {length}>{escape(line)}</text>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main()
