"""Which release serves: one small file in the folder of releases, replaced atomically."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "serving.json"


@dataclass(frozen=True)
class Pointer:
    """The version that serves, and the one that served before it."""

    serving: str
    previous: str | None = None


def read(model_dir: Path) -> Pointer | None:
    """The pointer, or None where there is none or it is not one."""
    try:
        entry = json.loads((model_dir / NAME).read_bytes())
        return Pointer(str(entry["serving"]), entry.get("previous"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write(model_dir: Path, pointer: Pointer) -> None:
    """Replace the pointer; a reader sees the old one or the new one.

    Raises:
        OSError: the folder cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=model_dir, prefix=NAME)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(json.dumps(asdict(pointer)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(model_dir / NAME)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
