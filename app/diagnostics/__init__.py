"""Named, read-only checks of the running system.

Each tells one cause from all others, by a measurement and its threshold. `churn diagnose` runs them
in a shell, `GET /diagnostics` over HTTP, each group once at a time for all who ask. Each cause in a
runbook names one under **Check**.
"""
