"""Take the README's screenshots: pages of the running service, in a real browser."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.browser import chromium
from tools.servers import ROOT, gunicorn

PAGES = {
    "front-page": "/",
    "customers": "/customers",
    "customer": "/customers/wa-3496",
}
"""The name of each picture, and the page that it shows."""

WINDOW = {"width": 1200, "height": 800}


def main() -> None:
    """Start the service with a sample database of its own, take the pictures, stop it."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        database = f"sqlite:///{name}/churn.sqlite3"
        with gunicorn(Path(name), DATABASE_URL=database) as server:
            page = browser.new_page(
                viewport=WINDOW,  # type: ignore[arg-type]
                color_scheme="light",
                reduced_motion="reduce",
            )
            for picture, path in PAGES.items():
                page.goto(server.url + path, wait_until="networkidle")
                file = ROOT / "docs" / f"{picture}.png"
                page.screenshot(path=file)
                print(file.relative_to(ROOT))


if __name__ == "__main__":
    main()
