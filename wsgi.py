"""The entry point of WSGI servers."""

import sys

from app import create_app
from app.config import SettingError

try:
    app = create_app()
except SettingError as error:  # one line that names it, rather than the server's traceback
    print(error, file=sys.stderr)  # noqa: T201
    sys.exit(2)
