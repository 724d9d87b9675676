"""Writes a request to this service as a shell command."""

from __future__ import annotations

import json
import shlex
from typing import Any

from markupsafe import Markup, escape


def curl_predict(body: dict[str, Any], host: str, *, keyed: bool = False) -> Markup:
    """Write the command for `POST /predict` with a body, quoted for any shell.

    The page's script fills in the browser's address, because behind a proxy `host` differs.

    Args:
        body: of the request.
        host: address of the service, without a slash at the end.
        keyed: whether the service asks for a key; the reader puts it in.
    """
    data = shlex.quote(json.dumps(body, ensure_ascii=False))
    key = "  -H 'Authorization: Bearer KEY' \\\n" if keyed else ""
    command = f" \\\n{key}  -H 'Content-Type: application/json' \\\n  -d {data}"
    place = Markup('<span class="value" data-name="API">{}</span>').format(host)
    before, after = shlex.quote(f"{host}/predict").split(host, 1)
    return Markup("curl -s ") + escape(before) + place + escape(after) + escape(command)
