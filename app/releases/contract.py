"""The feature contract that requests are checked against."""

from __future__ import annotations

from model.feature_file import load_contract

CONTRACT = load_contract()
