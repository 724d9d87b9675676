"""`make soak`: the service under load, while what it needs comes and goes.

It prints figures. Its status is 1 where something broke: a request that failed though it must not,
a connection that was left open, a part that was not used again. How slow a machine is breaks
nothing, but a limit that a part names.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from unittest import SkipTest

from rich.console import Console

from soak import (
    batches_beside,
    degraded_parts,
    drain,
    held_connections,
    killed_writes,
    memory_growth,
    outages,
    rollout,
    saturation,
    sustained_load,
    worker_changes,
)
from soak.figures import Figure, show
from tools.servers import ServerError

PARTS = {
    "load": sustained_load,
    "chaos": outages,
    "parts": degraded_parts,
    "saturation": saturation,
    "idle": held_connections,
    "batches": batches_beside,
    "workers": worker_changes,
    "drain": drain,
    "rollout": rollout,
    "memory": memory_growth,
    "writes": killed_writes,
}


def main() -> int:
    """Run the parts, and print their figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; else all")
    chosen = options.parse_args()
    if unknown := set(chosen.parts) - PARTS.keys():
        options.error(f"no part {', '.join(sorted(unknown))}")
    console, broken = Console(width=100), []
    for name in chosen.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="churn-soak-") as folder:
            try:
                figures = PARTS[name].run(Path(folder))
            except (ServerError, SkipTest) as error:
                figures = [Figure(str(error), "", broken=True)]
        show(console, PARTS[name].TITLE, figures)
        broken += [f"{name}: {figure.what}" for figure in figures if figure.broken]
    console.print("\n".join(f"BROKEN: {line}" for line in broken) or "Nothing broke.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
