"""A real Prometheus over the service, with an interval of a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tools.ports import free_port
from tools.servers import program, ready, running, wait_for


@contextmanager
def prometheus(
    folder: Path,
    service: str,
    rules: str = "groups: []\n",
    alertmanager: str = "",
    key: Path | None = None,
) -> Iterator[str]:
    """Prometheus; yields its address.

    Args:
        folder: for its files.
        service: the address of the service.
        rules: the text of its file of rules.
        alertmanager: host and port of the one that it tells; empty: none.
        key: the file with the key that it shows the service; None: it shows none.
    """
    (folder / "alerts.yml").write_text(rules)
    targets = [alertmanager] if alertmanager else []
    shown = {"authorization": {"credentials_file": str(key)}} if key else {}
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["alerts.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": targets}]}]},
        "scrape_configs": [
            {
                "job_name": "churn-api",
                **shown,
                "static_configs": [{"targets": [service.removeprefix("http://")]}],
            }
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    url = f"127.0.0.1:{free_port()}"
    command = [
        program("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={url}",
        "--rules.alert.resend-delay=1s",
        "--web.enable-lifecycle",
    ]
    log = folder / "prometheus.log"
    with running(command, log) as process:
        wait_for(process, log, lambda: ready(f"http://{url}/-/ready"), "Prometheus is ready")
        yield f"http://{url}"
