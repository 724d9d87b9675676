"""Named, read-only checks of the running system: what is wrong, and what isn't.

Each measures one part against a threshold and says both. `churn diagnose` runs them from a shell,
`GET /diagnostics` over HTTP. A runbook's causes name one under **Check**.
"""
