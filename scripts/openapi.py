"""Write openapi.json as the code has it, or check that the committed one is the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app import create_app
from app.writing.atomic_files import atomic_write

FILE = Path(__file__).parent.parent / "openapi.json"


def main() -> int:
    """Return 0, or 1 where `--check` finds a difference."""
    document = create_app().test_client().get("/openapi.json").get_json()
    rendered = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv[1:]:
        with atomic_write(FILE) as file:
            file.write(rendered)
    elif FILE.read_text("utf-8") != rendered:
        print("openapi.json is not what the code makes: run make openapi", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
