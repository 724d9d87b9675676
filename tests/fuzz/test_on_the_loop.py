"""Generated calls of what the event loop answers, over real connections."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import schemathesis
from flask import Flask
from schemathesis import Case

from tests.fuzz.conftest import EXAMPLES
from tests.serving.loop_servers import Running, loop_server
from tools.servers import ROOT

document = json.loads((ROOT / "openapi.json").read_text("utf-8"))
schema = schemathesis.openapi.from_dict(document)


@pytest.fixture(scope="module")
def on_the_loop(app: Flask) -> Iterator[Running]:
    with loop_server(app) as server:
        yield server


@schema.include(path_regex="^/(predict|health)").parametrize()
@EXAMPLES
def test_no_answer_is_one_that_the_document_does_not_allow(
    case: Case, on_the_loop: Running
) -> None:
    case.call_and_validate(base_url=on_the_loop.url)
