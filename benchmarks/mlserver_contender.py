"""MLServer without a model, from its own environment (requirements/mlserver.txt)."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.contenders import ROOT, Contender
from tools.ports import free_port

NAME = "MLServer 1.7 with no model"
PATH = "/v2/models/empty/infer"
BODY = {"inputs": [{"name": "tenure", "shape": [1], "datatype": "INT64", "data": [12]}]}

FOLDER = ROOT / "benchmarks" / "mlserver_empty"
PROGRAM = Path(sys.prefix) / "mlserver" / "bin" / "mlserver"
"""Where make bench installs it."""


def contender() -> Contender:
    """One process; inference in it rather than in a pool beside it, which is its quickest way."""
    environ = {
        "MLSERVER_GRPC_PORT": str(free_port()),
        "MLSERVER_METRICS_PORT": str(free_port()),
        "MLSERVER_PARALLEL_WORKERS": "0",
        "MLSERVER_DEBUG": "false",
    }
    command = ("env", "MLSERVER_HTTP_PORT={port}", str(PROGRAM), "start", str(FOLDER))
    return Contender(NAME, command, environ, PATH, BODY)
