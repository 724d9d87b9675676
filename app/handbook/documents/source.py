"""Decodes the bytes of any document into lines of text."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 256 * 1024
"""Bytes of a document that are read; a longer page doesn't help in an incident."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Fault:
    """A fault at one line of a document, before it is parsed."""

    rule: str
    line: int
    message: str
    level: str = "error"


@dataclass(frozen=True)
class Source:
    """A document's text with LF line ends, and the faults of its bytes."""

    text: str
    faults: tuple[Fault, ...]

    @property
    def lines(self) -> list[str]:
        """The lines; line 1 of the file is item 0."""
        return self.text.split("\n")


def decode(data: bytes) -> Source:
    """Decode a file's bytes; never fails.

    A byte order mark is dropped, line ends become LF, invalid bytes become U+FFFD, and text beyond
    `LIMIT` is cut at the end of a line. Each of these is a fault.
    """
    faults = []
    size = len(data)
    if size > LIMIT:
        faults.append(
            Fault(
                "size",
                1,
                f"{size / 1024:,.0f} KiB: split the document; what exceeds {LIMIT // 1024} KiB "
                "is not read",
            )
        )
        data = data[: data.rfind(b"\n", 0, LIMIT) + 1 or LIMIT]
    if data.startswith(BOM):
        data = data.removeprefix(BOM)
        faults.append(
            Fault("encoding", 1, "save as UTF-8 without a byte order mark", level="warning")
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.append(Fault("encoding", line, "not UTF-8: save the file as UTF-8"))
        text = data.decode("utf-8", "replace")
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        faults.append(Fault("line-ends", line, "save with LF line ends only", level="warning"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(text.replace("\0", "\ufffd"), tuple(faults))
