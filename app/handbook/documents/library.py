"""The documents of one folder, by name, alert and link."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from app.handbook.documents import document_parser, link_targets, source
from app.handbook.documents.document_types import ADR, FOLDERS, Cause, Document, Guide, Runbook
from app.handbook.documents.incident_types import Incident

T = TypeVar("T")

_KINDS = {folder: kind for kind, folder in FOLDERS.items()}


@dataclass
class Library:
    """The documents under `root`, a folder with `runbooks/`, `adrs/`, `guides/`, `incidents/`.

    Args:
        root: the folder.
        releases: the folder of the model's releases, whose cards are documents too.
    """

    root: Path
    releases: Path | None = None
    by_path: dict[str, Document] = field(default_factory=dict)
    unreadable: dict[str, OSError] = field(default_factory=dict)
    """Why documents could not be read, by path; the others are still there."""

    _derived: dict[object, tuple[object, Any]] = field(default_factory=dict)
    _deriving: threading.RLock = field(default_factory=threading.RLock, compare=False)

    def __post_init__(self) -> None:
        """Read every document.

        Symbolic links out of the folder don't count. Nor do files whose name is not UTF-8, because
        they can't have an address.
        """
        for folder in FOLDERS.values():
            home = (self.root / folder).resolve()
            for path in sorted(home.glob("*.md")):
                named = path.name.isprintable()  # other encodings are read as surrogates
                if named and path.is_file() and path.resolve().parent == home:
                    name = f"{folder}/{path.name}"
                    try:
                        self.add(name)
                    except OSError as error:
                        self.unreadable[name] = error

    def require_complete(self) -> Library:
        """Return this library, to check it or write to it.

        Raises:
            OSError: a document could not be read.
        """
        for error in self.unreadable.values():
            raise error
        return self

    def add(self, name: str) -> None:
        """Read one document; its folder or else its title tells its kind.

        Args:
            name: of the file, relative to the root.

        Raises:
            OSError: the file cannot be read.
        """
        folder, _, file = name.rpartition("/")
        text = source.decode((self.root / name).read_bytes())
        kind = _KINDS.get(folder) or document_parser.kind_by_title(text.text)
        self.by_path[name] = document_parser.parse(kind, file.removesuffix(".md"), name, text)

    def derive(self, key: object, make: Callable[[], T], version: object = None) -> T:
        """Return what another module makes of these documents, made once for all who ask.

        Args:
            key: names it.
            make: makes it.
            version: it is made again when this changes, such as the day.
        """
        found = self._derived.get(key)
        if found is None or found[0] != version:
            with self._deriving:
                found = self._derived.get(key)
                if found is None or found[0] != version:
                    found = self._derived[key] = version, make()
        return cast("T", found[1])

    @property
    def cards(self) -> dict[str, Path]:
        """The model card of each release, by its path, relative to the root if it is below it."""
        folder = self.releases or self.root / "model" / "releases"
        files = sorted(folder.glob("*/card.yaml"))
        return {
            str(file.relative_to(self.root) if file.is_relative_to(self.root) else file): file
            for file in files
        }

    def image(self, path: str) -> Path | None:
        """Return the file of an image that pages may show, or None.

        Args:
            path: relative to the root. The file that it leads to is in the same documents' folder.
        """
        home = (self.root / path.partition("/")[0]).resolve()
        try:
            file = (self.root / path).resolve()
            shown = link_targets.is_image(path) and file.is_file()
        except (OSError, ValueError):  # the name is too long, or has a zero byte
            return None
        return file if shown and file.is_relative_to(home) else None

    def has_image(self, path: str) -> bool:
        """Whether there is an image that pages may show."""
        return self.image(path) is not None

    def __iter__(self) -> Iterator[Document]:
        """Every document: runbooks, decisions, guides, incidents, each by file name."""
        return iter(self.by_path.values())

    @property
    def runbooks(self) -> list[Runbook]:
        """The runbooks, the most severe first."""
        found = [d for d in self if isinstance(d, Runbook)]
        return sorted(found, key=lambda d: (d.severity or "P9", d.title.lower()))

    @property
    def adrs(self) -> list[ADR]:
        """The decisions by file name, which begins with the number."""
        return [d for d in self if isinstance(d, ADR)]

    @property
    def guides(self) -> list[Guide]:
        """By title."""
        return sorted((d for d in self if isinstance(d, Guide)), key=lambda d: d.title.lower())

    @property
    def incidents(self) -> list[Incident]:
        """The newest first, by file name, which begins with the date."""
        return [d for d in self if isinstance(d, Incident)][::-1]

    def get(self, folder: str, slug: str) -> Document | None:
        """Return the document at `/<folder>/<slug>`, or None."""
        return self.by_path.get(f"{folder}/{slug}.md")

    def same_kind(self, document: Document) -> Sequence[Document]:
        """Return the documents of the same kind, in the order of their list."""
        found: dict[str, Sequence[Document]] = {
            "runbook": self.runbooks,
            "adr": self.adrs,
            "guide": self.guides,
            "incident": self.incidents,
        }
        return found[document.kind]

    def adr(self, number: int) -> ADR | None:
        """Return the decision with that number, or None."""
        return next((adr for adr in self.adrs if adr.number == number), None)

    def incidents_of(self, runbook: Runbook) -> list[Incident]:
        """Return the incidents with a cause of that runbook, the newest first."""
        return self._happened.get(runbook.path, [])

    def causes_of(self, incident: Incident) -> list[tuple[Runbook, Cause]]:
        """Return the causes that an incident had, each with its runbook."""
        runbooks = {document.path: document for document in self.runbooks}
        found = ((runbooks.get(path), heading) for path, heading in incident.causes)
        return [(r, c) for r, id_ in found if r for c in r.causes if c.section.id == id_]

    def backlinks(self, document: Document) -> list[Document]:
        """Return the other documents that link to this one."""
        return self._linked.get(document.path, [])

    @cached_property
    def _happened(self) -> dict[str, list[Incident]]:
        happened: dict[str, list[Incident]] = {}
        for incident in self.incidents:
            for path in dict.fromkeys(path for path, _ in incident.causes):
                happened.setdefault(path, []).append(incident)
        return happened

    @cached_property
    def _linked(self) -> dict[str, list[Document]]:
        linked: dict[str, list[Document]] = {}
        for document in self:
            written = (link.target for link in document.text.outline.links)
            found = (link_targets.resolve(document.path, target) for target in written)
            for path in dict.fromkeys(link.path for link in found if link.kind == "document"):
                if path != document.path and path in self.by_path:
                    linked.setdefault(path, []).append(document)
        return linked
