"""Which release serves: one small file in the folder of releases, replaced atomically."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from app.writing.atomic_files import atomic_write

NAME = "serving.json"


@dataclass(frozen=True)
class Pointer:
    """The version that serves, and the one that served before it."""

    serving: str
    previous: str | None = None


class PointerError(ValueError):
    """The pointer exists but names no release."""


def read(model_dir: Path) -> Pointer | None:
    """Read the pointer, or return None if there is none.

    Raises:
        PointerError: it exists but names no release.
    """
    path = model_dir / NAME
    try:
        if not path.is_file() and not path.is_symlink():
            return None
        found = Pointer(**json.loads(path.read_bytes()))
        if not isinstance(found.serving, str) or not isinstance(found.previous, str | None):
            raise TypeError
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise PointerError(f"{NAME} names no release: churn model promote writes it") from error
    return found


def write(model_dir: Path, pointer: Pointer) -> None:
    """Replace the pointer at once; a reader sees the old one or the new one.

    Raises:
        OSError: the folder cannot be written.
    """
    with atomic_write(model_dir / NAME) as file:
        file.write(json.dumps(asdict(pointer)) + "\n")
