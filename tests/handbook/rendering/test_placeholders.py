"""The reader's own values in a runbook's commands."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.handbook.documents import document_parser
from app.handbook.documents.source import decode
from app.handbook.rendering import document_html, placeholders

COMMANDS = """\
# Runbook: A

## Investigation Steps

### 1. Look

```bash
kubectl -n shop get pods | grep "<POD>" && curl "${API:-http://10.0.0.1:80}/models"
curl http://127.0.0.1:8000/health/live; echo "$HOME ${X:-$Y} ${low:-a}"
```

```python
print("${API:-not a shell}")
```
"""


def made(text: str = COMMANDS) -> tuple[list[placeholders.Value], str]:
    document = document_parser.parse("runbook", "a", "runbooks/a.md", decode(text.encode()))
    return placeholders.find(document.text.outline.fences), document_html.render(document).html


def words(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_what_commands_leave_to_the_reader_is_found() -> None:
    """A namespace, an address, a name in angle brackets; variables of the shell's own are none."""
    found, _ = made()
    assert [(value.name, value.default) for value in found] == [
        ("NAMESPACE", "shop"),
        ("POD", ""),
        ("API", "http://10.0.0.1:80"),
    ]


def test_a_command_without_values_is_the_one_written() -> None:
    """The places are marked without a character more or less, so that a copy runs."""
    _, html = made()
    for line in COMMANDS.split("\n")[7:9]:
        assert line in words(html)
    assert html.count('data-name="API"') == 2


@pytest.mark.parametrize("name", ["NAMESPACE", "API", "POD"])
@pytest.mark.parametrize("value", ["mine", "http://evil.example:1", "$(id)", "a b", "<b>"])
def test_a_link_has_no_say_in_the_commands(reader: FlaskClient, name: str, value: str) -> None:
    """Nor in the fields that fill them in."""
    plain = reader.get("/runbooks/high-api-latency").text
    assert 'class="values"' in plain
    assert reader.get("/runbooks/high-api-latency", query_string={name: value}).text == plain
