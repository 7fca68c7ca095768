"""The SDKs in `sdk`, generated from the plugin's schema: `make sdks`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final, get_args

from sandbox import languages, release
from sandbox.errors import SandboxError

SCHEMA: Final = release.ROOT / release.SCHEMA
FOLDER: Final = release.ROOT / "sdk"


def generate(folder: Path) -> None:
    """Generate the SDKs of all languages into a new or empty folder, which becomes the Go module.

    Raises:
        SandboxError: Go is missing, or the schema is invalid.
    """
    for language in get_args(languages.SdkLanguage):
        languages.sdk(SCHEMA, language, folder / language)
    # pyproject.toml refers to it here.
    (readme,) = (folder / "python").glob("*/README.md")
    shutil.copy(readme, folder / "python")
    languages.write_go_module(folder, json.loads(SCHEMA.read_text())["language"]["go"]["modulePath"])


def main() -> int:
    """Replace the folder `sdk`; returns 0 on success, otherwise 1 after an error message of one line on standard error."""
    try:
        with tempfile.TemporaryDirectory(dir=FOLDER.parent, prefix=".sdk-") as temporary:
            generated = Path(temporary) / "sdk"
            generated.mkdir()
            generate(generated)
            shutil.rmtree(FOLDER, ignore_errors=True)
            generated.rename(FOLDER)
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
