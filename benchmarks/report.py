"""Samples kept as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import Sample


class Results:
    """All samples, in a file that is whole after every round."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.samples: list[Sample] = []
        if file.exists():
            self.samples = [Sample(**entry) for entry in json.loads(file.read_text())]

    def clear(self) -> None:
        """Forget what was measured before."""
        self.samples = []

    def add(self, samples: list[Sample]) -> None:
        """Keep these too."""
        self.samples += samples
        lines = ",\n".join(json.dumps(asdict(sample)) for sample in self.samples)
        self._file.write_text(f"[\n{lines}\n]\n")
