"""Rules for decisions, one by one and together."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.documents.document_types import ADR, STATUSES, file_number
from app.handbook.documents.library import Library
from app.handbook.rules import section_rules
from app.handbook.rules.finding import WARNING, Finding

SECTIONS = {
    "Status": (),
    "Context": (),
    "Decision": (),
    "Rationale": ("Pros", "Cons", "Comparison"),
    "Consequences": ("Positive", "Negative"),
    "Alternatives Considered": (),
    "References": (),
}


def check(adr: ADR) -> Iterator[Finding]:
    """Yield findings in the sections of one decision."""
    yield from section_rules.check(adr, SECTIONS)
    for title, below in SECTIONS.items():
        section = adr.section(title)
        if not section or not section.text:
            continue
        titles = [child.title.lower() for child in section.children]
        for name in below:
            if name.lower() not in titles:
                message = f"no `### {name}` under {title}: add it"
                yield Finding(adr.path, section.line, "section", message)
    yield from _status(adr)
    yield from _comparison(adr)
    yield from _alternatives(adr)
    confirmation = adr.section("Confirmation")
    if confirmation is None or not confirmation.text:
        line = confirmation.line if confirmation else 1
        message = "no `## Confirmation`: name the tests or benchmark that show it is still true"
        yield Finding(adr.path, line, "confirmation", message, WARNING)


def _status(adr: ADR) -> Iterator[Finding]:
    section = adr.section("Status")
    if not section or not section.text:
        return
    if not adr.status:
        message = f"not a status: write {', '.join(STATUSES[:-1])} or Superseded by ADR-NNN"
        yield Finding(adr.path, section.line, "status", message)
    elif adr.status == "Superseded" and not adr.superseded_by:
        message = "name the successor: `Superseded by ADR-NNN`"
        yield Finding(adr.path, section.line, "supersession", message)
    elif adr.superseded_by and adr.status != "Superseded":
        message = f"superseded, yet {adr.status}: write `Superseded by ADR-NNN` first"
        yield Finding(adr.path, section.line, "status", message)


def _comparison(adr: ADR) -> Iterator[Finding]:
    rationale = adr.section("Rationale")
    for child in rationale.children if rationale else []:
        if child.title.lower() == "comparison" and not child.has_table:
            message = "compare in a table: options in one direction, criteria in the other"
            yield Finding(adr.path, child.line, "comparison", message)


def _alternatives(adr: ADR) -> Iterator[Finding]:
    section = adr.section("Alternatives Considered")
    if not section or not section.text:
        return
    if not section.children:
        message = "no alternative: write each as `### <option>` with pros, cons, **Rejected**"
        yield Finding(adr.path, section.line, "alternatives", message)
    for option in section.children:
        if "rejected" not in option.fields():
            message = "say why it was not taken: `**Rejected**: ...`"
            yield Finding(adr.path, option.line, "alternatives", message)


def numbering(library: Library) -> Iterator[Finding]:
    """Yield findings of all decisions together: numbers and supersession."""
    seen: dict[int, ADR] = {}
    for adr in sorted(library.adrs, key=lambda adr: (file_number(adr) or 0, adr.path)):
        number = file_number(adr)
        if number is None:
            continue  # another finding names the file already
        if number in seen:
            message = f"{seen[number].path} has number {number:03} too: take the next free one"
            yield Finding(adr.path, 1, "number", message)
        elif number > 1 and number - 1 not in seen:
            message = f"there is no ADR-{number - 1:03}: number decisions without gaps"
            yield Finding(adr.path, 1, "number", message)
        seen.setdefault(number, adr)
        if adr.number is not None and adr.number != number:
            message = (
                f"the title says ADR-{adr.number:03}, the file's name {number:03}: use one number"
            )
            yield Finding(adr.path, adr.text.headings[0].line, "number", message)
    for adr in library.adrs:
        yield from _supersession(adr, seen)


def _supersession(adr: ADR, seen: dict[int, ADR]) -> Iterator[Finding]:
    number = file_number(adr)
    section = adr.section("Status")
    if number is None or section is None:
        return
    pairs = [(old, "superseded_by", "Superseded by") for old in adr.supersedes]
    pairs += [(new, "supersedes", "Supersedes") for new in adr.superseded_by]
    for other, attribute, words in pairs:
        if other not in seen or other == number:
            message = f"there is no other ADR-{other:03}: correct the number"
            yield Finding(adr.path, section.line, "supersession", message)
        elif number not in getattr(seen[other], attribute):
            message = f"{seen[other].path} doesn't say so: write `{words} ADR-{number:03}` there"
            yield Finding(adr.path, section.line, "supersession", message)
