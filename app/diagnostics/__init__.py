"""Named, read-only checks of the running system.

Each compares one part with a threshold and reports both. `churn diagnose` runs them in a shell,
`GET /diagnostics` over HTTP, each once at a time for all who ask. Each cause in a runbook names one
under **Check**.
"""
