"""Secrets as kubectl sends new ones: in Kubernetes' envelope of Protocol Buffers."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from tools.api_server_kinds import Object

MAGIC = b"k8s\x00"
"""What such a body begins with."""


def secret(body: bytes) -> Object:
    """Read a Secret.

    Raises:
        ValueError: the body holds something else.
    """
    envelope = dict(_fields(body.removeprefix(MAGIC)))
    about = dict(_fields(envelope[1]))
    if about[2] != b"Secret":
        raise ValueError(f"{about[2].decode()}: only secrets can be read from Protocol Buffers")
    data, kind, meta = {}, b"Opaque", b""
    for number, value in _fields(envelope[2]):
        if number == 1:
            meta = value
        elif number == 2:
            entry = dict(_fields(value))
            data[entry[1].decode()] = base64.b64encode(entry.get(2, b"")).decode()
        elif number == 3:
            kind = value
    name = dict(_fields(meta))[1].decode()
    made = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
    return {**made, "type": kind.decode(), "data": data}


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each field; numbers are passed over."""
    place = 0
    while place < len(message):
        key, place = _number(message, place)
        length, place = _number(message, place)
        if key & 7 == 2:  # a text or a message; else the number was the value itself
            yield key >> 3, message[place : place + length]
            place += length


def _number(message: bytes, place: int) -> tuple[int, int]:
    """A number of variable length, and the place after it."""
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
