"""The service over the documents in `DOCUMENTS`, for measuring pages."""

import os
from dataclasses import replace
from pathlib import Path

from app import create_app
from app.config import Settings

app = create_app(replace(Settings.from_environment(), root=Path(os.environ["DOCUMENTS"])))
