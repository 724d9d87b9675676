"""The callout that says the model is a demonstration."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string

CALLOUT = '{% import "demonstration.html" as demonstration %}{{ demonstration.callout(release) }}'


@pytest.mark.parametrize("release", [None, SimpleNamespace(card={})], ids=["none", "unmarked"])
def test_only_a_demonstration_is_called_one(app: Flask, release: object) -> None:
    with app.test_request_context():
        assert render_template_string(CALLOUT, release=release) == ""


def test_a_demonstration_says_so_and_why(app: Flask) -> None:
    with app.test_request_context():
        said = render_template_string(
            CALLOUT, release=SimpleNamespace(card={"demonstration": True})
        )
    assert "not for real customers" in said
    (link,) = [part.partition('"')[0] for part in said.split('href="')[1:]]
    assert app.test_client().get(link).status_code == 200
