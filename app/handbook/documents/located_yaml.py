"""Reads YAML with the lines of all its nodes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from app.handbook.documents.source import LIMIT, Fault

Node = yaml.Node


def read(path: Path) -> tuple[Node | None, list[Fault]]:
    """Return the root of a YAML file, or None and why it is invalid."""
    try:
        return _read(path.read_bytes())
    except OSError:
        return None, [_UNREADABLE]


_UNREADABLE = Fault("yaml", 1, "cannot be read: save it as YAML in UTF-8")


@lru_cache(maxsize=16)
def _read(data: bytes) -> tuple[Node | None, list[Fault]]:
    """Parse YAML; cached, because a model card takes longer to parse than its page to make."""
    if len(data) > LIMIT:
        return None, [Fault("yaml", 1, f"longer than {LIMIT // 1024} KiB: split the file")]
    try:
        return yaml.compose(data.decode("utf-8"), yaml.SafeLoader), []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, [Fault("yaml", line, f"not YAML: {error.problem}")]
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return None, [_UNREADABLE]


def line(node: Node) -> int:
    """Return the line where a node begins, from 1."""
    return int(node.start_mark.line) + 1


def get(node: Node | None, *keys: str) -> Node | None:
    """Return the node under nested keys, or None."""
    for key in keys:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for name, value in node.value if name.value == key), None)
    return node


def items(node: Node | None) -> list[Node]:
    """Return the items of a list; empty if it isn't a list."""
    return node.value if isinstance(node, yaml.SequenceNode) else []


def text(node: Node | None) -> str:
    """Return a single value as written; empty if there is none."""
    if not isinstance(node, yaml.ScalarNode) or node.tag.endswith(":null"):
        return ""
    return str(node.value)


def texts(node: Node | None) -> dict[str, str]:
    """Return the single values of a mapping as written, by name."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(name.value): text(value) for name, value in node.value}


def is_empty(node: Node | None) -> bool:
    """Whether there is no value, or an empty text, list or mapping."""
    return node is None or (
        not text(node).strip() if isinstance(node, yaml.ScalarNode) else not node.value
    )
