"""Render the alert rules from their source: as Prometheus reads them, and its operator.

`alerts.py` writes deploy/prometheus/alerts.yml and deploy/kubernetes/base/alerts.yaml;
`alerts.py --check` compares with them instead. Their links begin with deploy/addresses.yaml.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.writing.atomic_files import atomic_write

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "prometheus"
OPERATOR = FOLDER.parent / "kubernetes" / "base" / "alerts.yaml"

_ADDRESSES = yaml.safe_load((FOLDER.parent / "addresses.yaml").read_text("utf-8"))
BASE = _ADDRESSES["service"]
DASHBOARD = f"{_ADDRESSES['grafana']}/d/api-overview"
MIRROR = _ADDRESSES["mirror"]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def render(
    base: str = BASE, dashboard: str = DASHBOARD, mirror: str = MIRROR, *, shorter: int = 1
) -> str:
    """The rules.

    Args:
        base: the service's address as people reach it.
        dashboard: the dashboard's, in Grafana.
        mirror: the handbook's mirror's.
        shorter: divides each length of time; 60 makes seconds of minutes. None is below 2 s.
    """

    def length(text: str) -> str:
        if shorter == 1:
            return text
        seconds = int(text[:-1]) * _SECONDS[text[-1]]
        return f"{max(2, seconds // shorter)}s"

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=False,  # noqa: S701 - YAML
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[ ",
        variable_end_string=" ]]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    template = environment.get_template("alerts.yml.j2")
    return template.render(base=base, dashboard=dashboard, mirror=mirror, t=length)


def for_operator(rules: str) -> str:
    """The rules as a PrometheusRule."""
    return _OPERATOR + textwrap.indent(
        rules.partition("groups:")[1] + rules.partition("groups:")[2], "  "
    )


_OPERATOR = """\
# Alert rules for the Prometheus operator, rendered by `make alerts` from
# deploy/prometheus/alerts.yml.j2.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: churn-api
  labels: {app.kubernetes.io/name: churn-api}
spec:
"""


def main() -> int:
    """Write the files, or compare: 1 where one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    rules = render()
    for file, text in {FOLDER / "alerts.yml": rules, OPERATOR: for_operator(rules)}.items():
        if not given.check:
            with atomic_write(file) as output:
                output.write(text)
        elif file.read_text("utf-8") != text:
            sys.stderr.write(f"{file.name} is not what its source makes: run make alerts\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
