"""A thousand documents to measure with: runbooks, decisions and guides of made-up words."""

from __future__ import annotations

import random
from pathlib import Path

_SYLLABLES = "ba be bo ca ce co da de di fa fi ga go la le li ma me mo na ne no pa pe ra ri sa si"
_RUNBOOK = """\
# Runbook: {title}

## Severity: P{severity} ({word})

## Alerts

- `ChurnApi{alert}`

## Symptoms

- {line}

## Impact

**Users**: {line}
**Business**: {line}
**SLO**: {line}

## Investigation Steps

### 1. {line}

{paragraph}

```bash
churn diagnose {name}
```

## Common Causes & Solutions

### Cause 1: {line}

**Symptoms**: {paragraph}
**Check**: `churn diagnose {name}`
**Solution**: {paragraph}

## Escalation

{paragraph}

## Prevention

- [ ] {line}

## Related Documents

- [{line}]({other})

---

**Last Updated**: 2026-11-20
**Owner**: Platform team
**Reviewers**: Platform team
"""
_GUIDE = """\
# {title}

{paragraph}

## {line}

{paragraph}

## {line}

{paragraph}

---

**Last Updated**: 2026-11-20
**Owner**: Platform team
"""


def write(root: Path, count: int = 1000) -> list[str]:
    """Write documents, three runbooks to one guide; the same ones each time.

    Returns:
        Their titles.
    """
    chance = random.Random(20261123)
    syllables = _SYLLABLES.split()
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(6000)]

    def line(length: int = 6) -> str:
        # Common words are common: their frequency falls with their rank, as in any language.
        ranks = (int(len(words) * chance.random() ** 3) for _ in range(length))
        return " ".join(words[rank] for rank in ranks)

    titles = []
    for number in range(count):
        kind, form = ("guide", _GUIDE) if number % 4 == 3 else ("runbook", _RUNBOOK)
        title = line(4).capitalize()
        titles.append(title)
        text = form
        for place, length in (("{line}", 8), ("{paragraph}", 60)):
            while place in text:
                text = text.replace(place, line(length), 1)
        severity = chance.randint(1, 3)
        word = ("Critical", "Warning", "Info")[severity - 1]
        alert = "".join(part.capitalize() for part in title.split())
        text = text.format(
            title=title,
            severity=severity,
            word=word,
            alert=alert,
            name=words[number],
            other=f"document-{max(number - 4, 0)}.md",
        )
        folder = root / f"{kind}s"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"document-{number}.md").write_text(text, "utf-8")
    return titles
