"""Reads a document's bytes into lines of text, whatever they hold."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 256 * 1024
"""Bytes of a document that are read; a page that long is no help in an incident."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Fault:
    """Something wrong at one line of a document, before it is known what the document is."""

    rule: str
    line: int
    message: str
    level: str = "error"


@dataclass(frozen=True)
class Source:
    """A document's text, its line ends LF, and what was wrong with its bytes."""

    text: str
    faults: tuple[Fault, ...]

    @property
    def lines(self) -> list[str]:
        """The lines; line 1 of the file is item 0."""
        return self.text.split("\n")


def decode(data: bytes) -> Source:
    """Make text of a file's bytes; never fails.

    A byte order mark is dropped, line ends become LF, bytes that are not UTF-8 become U+FFFD,
    and what exceeds `LIMIT` is cut at a line's end. Each is a fault.
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
        faults.append(Fault("line-ends", line, "save with line ends of LF alone", level="warning"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(text.replace("\0", "\ufffd"), tuple(faults))
