"""Rule: owners, reviewers and deciders are teams of `owners.yaml`, if there is one."""

from __future__ import annotations

from collections.abc import Iterator

from app.handbook.documents import card_facts, experiment_file, located_yaml, teams
from app.handbook.documents.incident_types import Incident
from app.handbook.documents.library import Library
from app.handbook.rules import team_names
from app.handbook.rules.finding import Finding
from model.economics import GAP

_FOOTER = ("owner", "reviewers", "deciders", "consulted")


def check(library: Library) -> Iterator[Finding]:
    """Yield findings of the list of teams, and of names that aren't in it."""
    known, faults = teams.read(library.root)
    for fault in faults:
        yield Finding(teams.FILE, fault.line, fault.rule, fault.message)
    names = [team.name for team in known]
    for team in known:
        others = [name for name in names if name != team.name]
        if names.count(team.name) > 1 or team_names.same(team.name, others):
            twice = f"{team.name} is there twice: one team has one name"
            yield Finding(teams.FILE, team.line, "teams", twice)
    if not names:
        return
    for path, line, party in _parties(library):
        if not team_names.fault(party) and (message := team_names.unknown(party, names)):
            yield Finding(path, line, "team", message)


def _parties(library: Library) -> Iterator[tuple[str, int, str]]:
    """Yield path, line and each name of a team."""
    for document in library:
        for name in _FOOTER:
            field = document.footer.get(name)
            for party in field.paragraph.split(",") if field and field.value else ():
                yield document.path, field.line if field else 1, party
        for action in document.actions if isinstance(document, Incident) else ():
            if action.owner:
                yield document.path, action.line, action.owner
    yield from _of_cards(library)
    yield from _of_experiments(library)


def _of_cards(library: Library) -> Iterator[tuple[str, int, str]]:
    for path, file in library.cards.items():
        card = card_facts.read(file)
        place = located_yaml.get(card.node, "owner")
        if place is not None and card.owner:
            yield path, located_yaml.line(place), card.owner
        for exception in located_yaml.items(located_yaml.get(card.node, "fairness_exceptions")):
            owner = located_yaml.get(exception, "owner")
            if owner is not None:
                yield path, located_yaml.line(owner), located_yaml.text(owner)


def _of_experiments(library: Library) -> Iterator[tuple[str, int, str]]:
    for file in experiment_file.files(library.root):
        place = located_yaml.get(located_yaml.read(file)[0], "experiment", "owner")
        name = located_yaml.text(place)
        if place is not None and name and not name.startswith(GAP):
            yield file.relative_to(library.root).as_posix(), located_yaml.line(place), name
