"""Foreign documents: the format as other teams write it, and damaged bytes."""

from __future__ import annotations

import random
from pathlib import Path

PAYLOADS = (Path(__file__).parent / "xss.txt").read_text("utf-8").splitlines()

_TEXT = """
the service queue backlog grows replicas pod memory über größe 遅延 задержка 🚨 restart `kubectl`
**now** _later_ <host> $VAR 95% p99 > 500ms [dashboard](https://example.org) &
http://example.org/x?a=1&b=2 \\* ~~old~~ ![x](y.png) [ref][1] :warning: {{ value }}
"""
WORDS = _TEXT.split()

SEVERITIES = ("P1 (Critical)", "P2 (Warning)", "p3", "P1 - Critical", "SEV-1", "", "high")
DATES = ("2026-11-01", "2026-13-01", "01.11.2026", "November", "2027-01-01", "", "2024-02-29")
OWNERS = ("Platform Team", "SRE", "@jane", "Jane Doe", "team-payments", "", "TBD", "データ基盤")
STATUSES = ("Accepted", "**Accepted**", "accepted (2026)", "Superseded by ADR-002", "draft", "")


class Author:
    """Writes documents of one hand; the same number writes the same ones.

    Args:
        number: of the hand.
    """

    def __init__(self, number: int) -> None:
        self.chance = random.Random(number)

    def words(self, most: int = 12) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, most)))

    def heading(self, level: int, text: str) -> str:
        if level <= 2 and self.chance.random() < 0.2:
            return f"{text}\n{'=-'[level - 1] * max(len(text), 3)}"
        closing = " " + "#" * level if self.chance.random() < 0.2 else ""
        return f"{'#' * level} {text}{closing}"

    def block(self) -> str:
        """A paragraph, list, table, quotation or block of code, tidy or not."""
        return self.chance.choice(
            [
                self.words(40),
                "\n".join(f"{self.chance.choice('-*+')} {self.words()}" for _ in range(4)),
                "\n".join(f"{n}) {self.words()}" for n in (1, 2, 3)),
                "".join(
                    f"{'  ' * n}- {self.words(4)}\n" for n in range(self.chance.randint(1, 40))
                ),
                ">" * self.chance.randint(1, 20) + f" {self.words()}",
                f"|{self.words(3)}|b|\n|---|:-:|\n|{self.words(3)}|`a|b`|\n|only one|",
                f"```{self.chance.choice(['bash', 'sh run', '', 'js {.x}'])}\n{self.words()}\n```",
                f"~~~~markdown\n```bash\n# no heading\n```\n{self.words()}\n~~~~",
                f"- [ ] {self.words()}\n- [X] {self.words()}\n\n      ```\n      x\n      ```",
                f"<details><summary>{self.words(2)}</summary>\n\n{self.words()}\n\n</details>",
                f"<!-- {self.words()} -->",
                f"Term\n:   {self.words()}\n\n[1]: ../guides/x.md '{self.words(2)}'",
                self.chance.choice(PAYLOADS),
                "```\nnever closed" if self.chance.random() < 0.1 else "---",
                "\t" + self.words() + "\n    " + self.words(),
            ]
        )

    def blocks(self) -> str:
        return "\n\n".join(self.block() for _ in range(self.chance.randint(0, 3)))

    def sections(self, titles: list[tuple[int, str]]) -> str:
        """Sections, some missing, some twice, some out of order."""
        kept = [title for title in titles if self.chance.random() > 0.1]
        if self.chance.random() < 0.2:
            self.chance.shuffle(kept)
        return "\n\n".join(f"{self.heading(*title)}\n\n{self.blocks()}" for title in kept)

    def fields(self, *names: str) -> str:
        colon = self.chance.choice(["**: ", ":** ", "** : "])
        values = {"Date": DATES, "Last Updated": DATES}
        lines = [f"**{n}{colon}{self.chance.choice(values.get(n, OWNERS))}" for n in names]
        return "\n".join(line for line in lines if self.chance.random() > 0.1)

    def front(self) -> str:
        title = self.chance.choice(PAYLOADS)
        return f"---\ntitle: {title}\ntags: [a, b]\n---\n\n" if self.chance.random() < 0.3 else ""

    def runbook(self) -> str:
        number = self.chance.randint(0, 3)
        titles = [
            (2, f"Severity: {self.chance.choice(SEVERITIES)}"),
            *((2, name) for name in ("Alerts", "Symptoms", "Impact", "Investigation Steps")),
            *((3, f"{n + number}. {self.words(3)}") for n in range(self.chance.randint(0, 4))),
            (2, self.chance.choice(["Common Causes & Solutions", "Common causes and solutions"])),
            *((3, f"Cause {n}: {self.words(3)}") for n in range(1, self.chance.randint(1, 4))),
            *((2, name) for name in ("Escalation", "Prevention", "Related Documents")),
        ]
        footer = self.fields("Last Updated", "Owner", "Reviewers")
        head = self.heading(1, f"Runbook: {self.words(4)}")
        return f"{self.front()}{head}\n\n{self.sections(titles)}\n\n---\n\n{footer}\n"

    def adr(self) -> str:
        titles = [
            *((2, name) for name in ("Status", "Context", "Decision", "Rationale")),
            *((3, name) for name in ("Pros", "Cons", "Comparison")),
            (2, "Consequences"),
            *((3, name) for name in ("Positive", "Negative")),
            (2, "Alternatives Considered"),
            (3, self.words(3)),
            *((2, name) for name in ("Confirmation", "References")),
        ]
        head = self.heading(1, f"ADR-{self.chance.randint(0, 2000)}: {self.words(4)}")
        status = f"{self.chance.choice(STATUSES)}\n\nSupersedes ADR-{self.chance.randint(1, 400)}"
        text = self.sections(titles).replace("Status\n\n", f"Status\n\n{status}\n\n", 1)
        footer = self.fields("Date", "Deciders", "Consulted")
        return f"{self.front()}{head}\n\n{text}\n\n{footer}"

    def bytes(self, text: str) -> bytes:
        """As some editor saves it."""
        if self.chance.random() < 0.2:
            text = text.replace("\n", self.chance.choice(["\r\n", "\r"]))
        return text.encode(self.chance.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))

    def damaged(self, data: bytes) -> bytes:
        """With bytes changed, cut out, repeated, or put where they don't belong."""
        for _ in range(self.chance.randint(1, 12)):
            at = self.chance.randrange(len(data) + 1)
            cut = data[at : at + self.chance.randint(0, 200)]
            put = [self.chance.randbytes(8), b"", cut * 30, b"`*_[](<>|#\n-" * 9, self.payload()]
            data = data[:at] + self.chance.choice(put) + data[at + len(cut) :]
        return data

    def payload(self) -> bytes:
        return self.chance.choice(PAYLOADS).encode()


def write(root: Path, count: int) -> None:
    """Write as many runbooks and decisions, every other one damaged."""
    for kind, folder in (("runbook", "runbooks"), ("adr", "adrs")):
        (root / folder).mkdir(parents=True)
        for number in range(count):
            author = Author(number + 10_000 * (kind == "adr"))
            data = author.bytes(getattr(author, kind)())
            name = f"{number + 1:03}-a" if kind == "adr" else f"document-{number}"
            data = author.damaged(data) if number % 2 else data
            (root / folder / f"{name}.md").write_bytes(data)
