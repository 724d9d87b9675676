"""The ids of customers, and the names of their column."""

from __future__ import annotations

import re

from model.cell_reading import fold_name

CUSTOMER_ID = r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}"
"""The id of a stored customer: safe in a path, a log line and a CSV file."""

is_customer_id = re.compile(CUSTOMER_ID).fullmatch

ID_RULE = "give 1 to 64 letters, digits and . _ : @ -, the first a letter or digit"

ID_COLUMNS = {
    fold_name(name): name
    for name in (
        *("customer_id", "id", "customer", "customer_number", "customer_no", "cust_id"),
        *("client_id", "client", "user_id", "user", "account_id", "account", "account_number"),
        *("account_no", "subscriber_id", "subscriber", "subscriber_number", "msisdn"),
    )
}
"""Usual names of the column with the id, as `fold_name` makes them one."""
