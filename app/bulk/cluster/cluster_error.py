"""What goes wrong between a command and a cluster."""

from __future__ import annotations

import click


class ClusterError(click.ClickException):
    """The cluster can't score; the text says why, and what to do."""

    exit_code = 2
