"""The page that scores a file of customers, and keeps nothing of it."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, render_template

from app.access import scope
from app.customers.files.header_matching import HeaderRules
from app.customers.files.scored_file import csv_writer
from app.customers.web.customer_list import REASONS, ListedCustomer, shown_features
from app.customers.web.upload_faults import rejected_cells
from app.customers.web.upload_form import UploadForm, read_form
from app.customers.web.upload_limits import (
    MAX_BYTES,
    MAX_CUSTOMERS,
    MAX_UPLOADS,
    UPLOAD,
    UploadError,
)
from app.customers.web.upload_packing import pack_again
from app.customers.web.upload_scoring import ScoredCustomer, ScoredFile, score_file
from app.http.request_parsing import read_past
from app.predictions.scorer import DEFAULT_REASONS, PolicyError
from app.predictions.service import scorer
from app.releases import require_serving_release
from app.releases.release_loader import Release
from app.resilience.bulkhead import Bulkhead
from app.resilience.circuit_breaker import RETRY_SECONDS
from app.resilience.unavailable import DependencyBusy
from app.services import services
from model.features import Feature

MOST_SHOWN = 100
"""Customers on the page; the CSV file has all."""

pages = Blueprint("upload", __name__, template_folder="templates")

_uploads = Bulkhead("upload", MAX_UPLOADS)


@pages.get(UPLOAD)
@scope("predict")
def form() -> str:
    """Show the form."""
    return _page("upload.html", require_serving_release())


@pages.get(f"{UPLOAD}/example.csv")
@scope("predict")
def example() -> Response:
    """Give a file that can be uploaded, made of the contract's examples."""
    contract = services().releases.contract
    given = contract.example()
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["customer_id", *contract.names])
    rows.writerow(["example-1", *map(_cell, given.values())])
    least = [_cell(value) if name in contract.required else "" for name, value in given.items()]
    rows.writerow(["example-2", *least])
    return _csv(text.getvalue(), "example.csv")


@pages.post(UPLOAD)
@scope("predict")
def answer() -> Response:
    """Score the file of the form; answer a page or a CSV file."""
    try:
        with _uploads.place():
            sent = read_form()
            release = require_serving_release()
            one = scorer(release)
            one.policy(sent.policy)  # before a large file is read
            rules = HeaderRules(release.contract, sent.id_column)
            scored = score_file(sent.content, sent.name, rules, one, sent.policy)
            if sent.as_csv and not scored.rejected:
                return _csv(_scored_csv(scored), "scored.csv")
            return _answer(sent, scored, release)
    except PolicyError as error:
        page = _page("upload.html", require_serving_release(), policy_fault=str(error))
        return Response(page, 422)
    except UploadError as error:
        return Response(_page("upload.html", require_serving_release(), fault=error), error.status)
    except DependencyBusy:
        read_past()
        busy = UploadError(
            f"{MAX_UPLOADS} files are being scored at this moment. Send yours again in a moment."
        )
        page = _page("upload.html", require_serving_release(), fault=busy)
        return Response(page, 503, {"Retry-After": str(RETRY_SECONDS)})


def _answer(sent: UploadForm, scored: ScoredFile, release: Release) -> Response:
    """Show the customers by risk. A file asked for as CSV isn't given without its rejected rows."""
    contract = release.contract
    columns = shown_features(contract)
    page = _page(
        "upload-answer.html",
        release,
        scored=scored,
        shown=[_listed(customer, columns) for customer in scored.customers[:MOST_SHOWN]],
        columns=columns,
        cells=rejected_cells(scored.rejected),
        policy=scorer(release).policy(sent.policy),
        as_csv=sent.as_csv,
        again=pack_again(contract, [(c.id, c.features) for c in scored.customers]),
    )
    return Response(page, 422 if sent.as_csv else 200)


def _page(template: str, release: Release, **values: Any) -> str:
    limits = {"customers": MAX_CUSTOMERS, "megabytes": MAX_BYTES >> 20}
    policies = release.scorecard.policies
    return render_template(template, release=release, limits=limits, policies=policies, **values)


def _listed(customer: ScoredCustomer, columns: list[Feature]) -> ListedCustomer:
    found = {**customer.found, "reasons": customer.found["reasons"][:REASONS]}
    return ListedCustomer(customer.id, found, [customer.features.get(f.name) for f in columns])


def _scored_csv(scored: ScoredFile) -> str:
    text = io.StringIO(newline="")
    write = csv_writer(text, DEFAULT_REASONS)
    for customer in scored.customers:
        write(customer.id, customer.found)
    return text.getvalue()


def _csv(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> object:
    return ("no", "yes")[value] if isinstance(value, bool) else value
