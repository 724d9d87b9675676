"""Answers 304 if the reader has the page already."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, request

from app.access.sign_in_pages import fill


def conditional(response: Response) -> Response:
    """Tag an answer with a digest, and leave it out if the reader's tag matches.

    Who is signed in is part of a page, so each caller has a tag of their own.
    """
    fill(response)
    whole = response.status_code == HTTPStatus.OK and response.is_sequence
    tagged = "ETag" in response.headers  # an asset, which may be kept
    if whole and not tagged and request.method in ("GET", "HEAD"):
        response.cache_control.no_cache = True
        response.add_etag(weak=True)  # compressed or not, it is the same page
        response.make_conditional(request)
    return response
