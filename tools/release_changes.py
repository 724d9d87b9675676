"""Changes of the served release: a promotion, a rollback, damaged releases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.config import Settings
from app.releases.serving_pointer import Pointer, write
from tools.release_copies import copy_release
from tools.servers import Server, ServerError, children, churn, wait_until


def two_releases(folder: Path) -> Path:
    """Make a folder with releases 1.0.0, which is served, and 1.1.0."""
    model_dir = folder / "releases"
    for version in ("1.0.0", "1.1.0"):
        copy_release(Settings().model_dir / "1.0.0", model_dir / version)
    write(model_dir, Pointer("1.0.0"))
    return model_dir


def succeeds(*command: str, **environ: str) -> None:
    """Run a command.

    Raises:
        ServerError: its status isn't 0.
    """
    done = churn(*command, **environ)
    if done.returncode:
        raise ServerError(f"churn {' '.join(command)}: {done.stderr}")


def change_releases(server: Server, model_dir: Path, environ: Mapping[str, str]) -> None:
    """Promote one, roll back, and try a damaged one.

    Raises:
        ServerError: a worker doesn't refuse the damaged one, or a command failed.
    """
    succeeds("model", "promote", "1.1.0", **environ)
    succeeds("model", "rollback", **environ)
    workers = len(children(server.process.pid))

    def refusals() -> int:
        return server.log.read_text().count("1.2.0 refused")

    copy_release(model_dir / "1.0.0", model_dir / "damaged")
    (model_dir / "damaged" / "scorecard.json").write_text("{}")
    (model_dir / "damaged").rename(model_dir / "1.2.0")  # at once: each change is refused once
    wait_until(lambda: refusals() >= workers, "each worker refuses the damaged release")
    if churn("model", "promote", "1.2.0", **environ).returncode != 1:
        raise ServerError("a damaged release was promoted")
    write(model_dir, Pointer("1.2.0", "1.0.0"))  # past the command
    wait_until(lambda: refusals() >= 2 * workers, "each worker refuses to serve it")
