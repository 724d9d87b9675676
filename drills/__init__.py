"""Drills: each cause of each runbook, really broken, found and mended as its runbook says."""
