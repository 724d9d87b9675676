"""The drawing of superseded decisions."""

from __future__ import annotations

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.handbook.documents import document_parser
from app.handbook.documents.document_types import ADR
from app.handbook.documents.source import decode
from app.handbook.web import decision_lineage


def adr(number: int, status: str) -> ADR:
    text = f"# ADR-{number:03}: Decision {number}\n\n## Status\n\n{status}\n"
    made = document_parser.parse(
        "adr", f"{number:03}", f"adrs/{number:03}.md", decode(text.encode())
    )
    assert isinstance(made, ADR)
    return made


def test_a_successor_stands_to_the_right_of_what_it_superseded() -> None:
    """The drawing needs only one of the two documents to name the other; the check needs both."""
    made = decision_lineage.graph(
        [
            adr(1, "Superseded by ADR-002"),
            adr(2, "Superseded by ADR-004"),
            adr(3, "Accepted"),
            adr(4, "Accepted\n\nSupersedes ADR-002"),
            adr(5, "Accepted\n\nSupersedes ADR-001"),
        ]
    )
    assert made is not None
    places = {node.adr.number: (node.x, node.y) for node in made.nodes}
    assert set(places) == {1, 2, 4, 5}
    assert places[1][0] < places[2][0] < places[4][0]
    assert places[2][0] == places[5][0]
    assert len(set(places.values())) == 4
    assert len(made.arrows) == 3


def test_nothing_is_drawn_where_nothing_was_superseded() -> None:
    assert decision_lineage.graph([adr(1, "Accepted"), adr(2, "Superseded by ADR-009")]) is None


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=20))
def test_whatever_supersedes_whatever_is_drawn_inside_the_picture(
    pairs: list[tuple[int, int]],
) -> None:
    """Circles too, which the check names as a fault: no two decisions share a place."""
    named: dict[int, str] = dict.fromkeys(range(1, 10), "Accepted")
    for older, newer in pairs:
        named[newer] += f"\n\nSupersedes ADR-{older:03}"
    made = decision_lineage.graph([adr(number, status) for number, status in named.items()])
    if made is None:
        assert all(older == newer for older, newer in pairs)
        return
    places = {(node.x, node.y) for node in made.nodes}
    assert len(places) == len(made.nodes)
    assert all(0 <= x <= made.width - decision_lineage.WIDTH for x, _ in places)
    assert all(0 <= y <= made.height - decision_lineage.HEIGHT for _, y in places)


def test_the_list_shows_the_drawing_and_filters_without_script(reader: FlaskClient) -> None:
    every = reader.get("/adrs").text
    assert every.count('<a href="/adrs/001-pickle"><title>') == 1
    accepted = reader.get("/adrs?status=accepted").text
    assert "A scorecard is the model" in accepted or "Write the model down" in accepted
    assert '<h2><a href="/adrs/001-pickle"' not in accepted
    assert '<h2><a href="/adrs/001-pickle"' in reader.get("/adrs?status=superseded").text
    assert "No decision has this status" in reader.get("/adrs?status=<script>").text
