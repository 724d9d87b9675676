"""Write sbom.json and requirements/licences.md, or check that the committed ones are the same.

The SBOM lists, as CycloneDX, what the image's virtual environment gets from the locks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

from scripts.licences import findings, licences, table

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("build", "run")


def listed() -> dict[str, Any]:
    """List the locked packages as CycloneDX; the same for the same locks."""
    locks = [(ROOT / "requirements" / f"{name}.txt").read_text("utf-8") for name in LOCKS]
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "-", "--output-reproducible"]
    done = subprocess.run(command, input="".join(locks), check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def completed(document: dict[str, Any], found: dict[str, str]) -> dict[str, Any]:
    """Add the service and the licences; name packages by their URLs rather than by lines.

    Args:
        document: as `listed` gives it.
        found: licences by package.
    """
    about = ConfigParser()
    about.read(ROOT / "setup.cfg", "utf-8")
    service = about["metadata"]
    for component in document["components"]:
        del component["description"]
        component["bom-ref"] = component["purl"]
        component["licenses"] = [{"expression": found[component["name"]]}]
    names = [component["purl"] for component in document["components"]]
    document["metadata"]["component"] = {
        "bom-ref": service["name"],
        "type": "application",
        "name": service["name"],
        "version": service["version"],
        "licenses": [{"expression": service["license"]}],
    }
    document["dependencies"] = [{"ref": service["name"], "dependsOn": names}]
    document["dependencies"] += [{"ref": name} for name in names]
    return document


def main() -> int:
    """Return 0, or 1 for a licence that isn't accepted or where `--check` finds a difference."""
    document = listed()
    found = licences([component["name"] for component in document["components"]])
    rendered = json.dumps(completed(document, found), indent=2) + "\n"
    files = {ROOT / "sbom.json": rendered, ROOT / "requirements" / "licences.md": table(found)}
    refused = list(findings(found))
    if "--check" in sys.argv[1:]:
        for path, text in files.items():
            if not path.is_file() or path.read_text("utf-8") != text:
                refused.append(
                    f"{path.relative_to(ROOT)} is not what the locks make: run make sbom"
                )
    else:
        for path, text in files.items():
            path.write_text(text, "utf-8")
    sys.stderr.writelines(f"{text}\n" for text in refused)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
