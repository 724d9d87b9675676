"""Drafts `economics.yaml`, whose figures only people know."""

from __future__ import annotations

from model.economics import GAP

DRAFT = f"""\
# What it costs to call a customer, and what a call can bring. From it follow the threshold of the
# policy `value`, and the customers worth calling for a budget. Replace each text that begins with
# {GAP}. Until then the release has no policy `value`. Delete the file if you don't want one.
currency: "{GAP} its three letters, such as EUR"
# Of one call, whoever is called.
contact_cost: "{GAP} what does one call cost?"
# Of the offer, for whoever takes it: leavers whom it keeps, and all who'd have stayed anyway.
offer_cost: "{GAP} what does the offer cost you?"
customer_value: "{GAP} what is a customer worth who is kept?"
# A number, such as 0.3; or a Beta distribution where it isn't known well, such as
# {{alpha: 6, beta: 14}}.
chance_kept: "{GAP} which share of those who'd leave does the offer keep?"
"""
