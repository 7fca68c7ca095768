"""Command line: `python -m bundle`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bundle.archive import ROOT, build
from bundle.errors import BundleError


def main() -> int:
    """Build the archive and print where it is."""
    parser = argparse.ArgumentParser(prog="python -m bundle", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="folder for the archive (default %(default)s)")
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        archive = build(arguments.into)
    except BundleError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB, built in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
