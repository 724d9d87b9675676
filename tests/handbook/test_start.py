"""The start imports nothing that only pages need."""

from __future__ import annotations

import subprocess
import sys

from tools.servers import ROOT

PAGES_ONLY = ("markdown", "markdown_it", "nh3", "pygments")


def test_the_first_answer_waits_for_no_page() -> None:
    """Converters and lexers take longer to import than the service takes to start."""
    program = f"""
import sys
from app import create_app
from app.services import services_of
app = create_app()
assert app.test_client().get("/health/live").status_code == 200
print([name for name in {PAGES_ONLY!r} if name in sys.modules])
services_of(app).library()
print([name for name in {PAGES_ONLY!r} if name not in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]
