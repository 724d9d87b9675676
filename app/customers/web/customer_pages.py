"""The routes of the customers' pages."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.access import scope
from app.customers.budget_list import BudgetList, budget_list, on_list
from app.customers.files.customer_id import is_customer_id
from app.customers.ranking_cursor import cursor, rank_after
from app.customers.routes import database_unavailable, lookup
from app.customers.store.stored_customer import MOST_RANKED, StoredCustomer
from app.customers.web import budget_words, place_words
from app.customers.web.customer_filters import BEFORE, choices, offered
from app.customers.web.customer_list import as_csv, listed, shown_features
from app.customers.web.list_query import ListQuery, read_list_query
from app.customers.web.one_customer import view
from app.http.problems import Problem, problem_body, problem_headers
from app.predictions.service import SCOPE, require_policy, scorer
from app.predictions.web.risk_words import short_reason
from app.releases import require_serving_release
from app.releases.release_loader import Release
from app.resilience.unavailable import DependencyUnavailable
from app.services import services

PAGE = 50
"""Customers on a page."""

blp = Blueprint("customer-pages", __name__, template_folder="templates")
blp.add_app_template_filter(short_reason)


@blp.get("/customers")
@scope(SCOPE)
def customers() -> AnyResponse | tuple[str, int]:
    """List the customers most at risk, or lead to the one that was asked for by id."""
    release = require_serving_release()
    asked = _asked(release)
    if asked.customer and _is_stored(asked.customer):
        return redirect(url_for(".customer", customer_id=asked.customer), 303)
    calls, ranked, complete = _read(release, asked, PAGE + 1)
    page = ranked[:PAGE]
    rows = listed(page, scorer(release), release.contract, asked.policy)
    digest = release.digests["scorecard.json"]
    following = cursor(digest, *page[-1].rank) if len(ranked) > PAGE else None
    try:
        distribution = services().customers.store.distribution(digest)
    except DependencyUnavailable as error:
        raise database_unavailable(error) from error
    text = render_template(
        "customers.html",
        release=release,
        contract=release.contract,
        asked=asked,
        rows=rows,
        left_out=len(page) - len(rows),
        complete=complete,
        columns=shown_features(release.contract),
        filters=[(BEFORE + feature.name, feature) for feature in offered(release.contract)],
        choices=choices,
        following=following,
        distribution=distribution,
        number_at_least=place_words.number_at_least,
        most=MOST_RANKED,
        calls=calls,
        words=budget_words,
    )
    return text, 404 if asked.customer else 200


@blp.get("/customers.csv")
@scope(SCOPE)
def csv_file() -> Response:
    """Return the list as a file: all of it, among the customers most at risk."""
    release = require_serving_release()
    asked = _asked(release)
    _, ranked, _ = _read(release, asked, MOST_RANKED)
    lines = as_csv(ranked, scorer(release), release.contract, asked.policy)
    headers = {"Content-Disposition": "attachment; filename=customers-at-risk.csv"}
    return Response(lines, mimetype="text/csv", headers=headers)


@blp.get("/customers/<customer_id>")
@scope(SCOPE)
def customer(customer_id: str) -> str:
    """Say how likely a customer is to leave, and why."""
    release = require_serving_release()
    features = lookup(customer_id)
    try:
        distribution = services().customers.store.distribution(release.digests["scorecard.json"])
    except DependencyUnavailable as error:
        raise database_unavailable(error) from error
    seen = view(features, release, services().releases)
    return render_template(
        "customer.html",
        id=customer_id,
        release=release,
        contract=release.contract,
        features={**release.contract.nothing, **features},
        seen=seen,
        place=place_words.place(distribution, seen.scored["churn_probability"]),
        words=budget_words,
    )


@blp.errorhandler(Problem)
def problem_page(error: Problem) -> Response:
    """Say what is wrong and what to do, as a page whoever asks."""
    page = render_template(
        "customer-problem.html",
        problem=problem_body(error, request.environ),
        kind=error.kind,
        customer=(request.view_args or {}).get("customer_id", ""),
    )
    response = Response(page, error.code)
    for name, value in problem_headers(error):
        response.headers.add(name, value)
    return response


def _asked(release: Release) -> ListQuery:
    """Read the query of the list.

    Raises:
        Problem: 422, an option cannot be used, or the release lacks the policy.
    """
    asked = read_list_query(request.query_string, release.contract)
    if asked.budget is None:  # a release without the policy value can answer no budget, and says so
        require_policy(scorer(release), asked.policy, parameter="policy")
    return asked


def _read(
    release: Release, asked: ListQuery, limit: int
) -> tuple[BudgetList | None, list[StoredCustomer], bool]:
    """Return whom to call if there's a budget, a part of the ranking, and whether it's complete.

    Raises:
        Problem: 409, the position is another release's, or the release has no economics; 503, the
            database is down, or a budget's list can't be counted now.
    """
    digest, store = release.digests["scorecard.json"], services().customers.store
    after = rank_after(asked.after, digest) if asked.after else None
    try:
        if asked.budget is None:
            return None, *store.at_risk(digest, limit, after, asked.chosen)
        calls = budget_list(store, release, asked.policy, asked.budget)
        return calls, *on_list(store, digest, limit, after, calls)
    except DependencyUnavailable as error:
        raise database_unavailable(error) from error


def _is_stored(customer_id: str) -> bool:
    if not is_customer_id(customer_id):
        return False
    try:
        return services().customers.store.features(customer_id) is not None
    except DependencyUnavailable as error:
        raise database_unavailable(error) from error
