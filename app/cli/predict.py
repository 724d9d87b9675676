"""`churn predict`."""

from __future__ import annotations

import json
import sys
from typing import BinaryIO

import click
from flask.cli import with_appcontext
from marshmallow import ValidationError

from app.http.strict_json import loads
from app.http.strict_json_reader import JSONError
from app.http.validation_faults import body_faults
from app.predictions.request_schemas import prediction_request
from app.predictions.scorer import DEFAULT_REASONS, PolicyError
from app.predictions.service import scorer
from app.releases import require_serving_release
from app.services import services

REASONS = click.IntRange(0, 100)


@click.command(epilog="Example: churn predict customer.json --reasons 3")
@click.argument("file", type=click.File("rb"))
@click.option("--reasons", default=DEFAULT_REASONS, type=REASONS, help="Most reasons to give.")
@with_appcontext
def predict(file: BinaryIO, reasons: int) -> None:
    """Score one customer.

    FILE is the body of POST /predict as JSON; - reads standard input.
    """
    count = 0
    try:
        body = loads(file.read())
        read = prediction_request(services().releases.contract).load(body)
        scored = scorer(require_serving_release()).score(read["features"], read["policy"], reasons)
    except JSONError as error:
        faults = [{"pointer": error.pointer or "", "detail": error.detail}]
    except ValidationError as error:
        faults, count = body_faults(error.messages, body)
    except PolicyError as error:
        faults = [{"pointer": "/policy", "detail": str(error), "value": read["policy"]}]
    else:
        click.echo(json.dumps(scored, indent=2, ensure_ascii=False))
        return
    for fault in faults:
        place = f": {fault['pointer']}" if fault["pointer"] else ""
        sent = f" (got {json.dumps(fault['value'])})" if "value" in fault else ""
        message = f"{file.name}{place}: {fault['detail']}{sent}"
        click.echo(" ".join(message.split()), err=True)
    if count > len(faults):
        click.echo(f"{file.name}: and {count - len(faults)} more", err=True)
    sys.exit(2)
