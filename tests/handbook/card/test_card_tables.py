from typing import Any

from app.handbook.card.card_tables import Table, overall, policies, table


def texts(made: Table | None) -> list[list[str]]:
    assert made is not None
    return [[f"{cell.text} {cell.note}".strip() for cell in row] for row in made.rows]


METRICS: dict[str, Any] = {
    "model_performance": [
        {"metric": "roc_auc", "value": 0.5},
        {"metric": "recall_default", "value": 0.25, "interval": [0.125, 0.375]},
        {"metric": "recall_high_recall", "value": 0.75},
    ],
    "decision_thresholds": {"default": 0.5, "high_recall": 0.25},
    "decision_threshold_goals": {"high_recall": "most of them"},
}


def test_metrics_of_a_policy_stand_in_its_row() -> None:
    assert texts(policies(METRICS)) == [
        ["Default", "0.500", "0.250 0.125 to 0.375"],
        ["High recall most of them", "0.250", "0.750"],
    ]
    assert [entry["metric"] for entry in overall(METRICS)] == ["roc_auc"]


def test_amounts_name_their_currency() -> None:
    """A metric that only one policy has gets a column, too."""
    metrics = {
        "model_performance": [{"metric": "profit_value", "value": 10.25}],
        "decision_thresholds": {"default": 0.5, "value": 0.165},
    }
    made = policies(metrics, "EUR")
    assert made is not None
    assert made.columns[2:] == ["Profit per customer (EUR)"]
    assert texts(made) == [["Default", "0.500", ""], ["Value", "0.165", "10.250"]]


def test_a_card_without_policies_has_no_table_of_them() -> None:
    assert policies({}) is None
    assert overall({"model_performance": [{"metric": "a"}]}) == [{"metric": "a"}]


def test_metrics_inside_a_row_become_columns() -> None:
    rows = [
        {"group": "a", "size": 1200, "metrics": [{"metric": "recall", "value": 0.5}]},
        {"group": "b", "size": 3, "metrics": []},
    ]
    made = table(rows)
    assert made.columns == ["Group", "Size", "Recall"]
    assert texts(made) == [["a", "1,200", "0.500"], ["b", "3", ""]]


def test_a_mapping_inside_a_row_turns_the_table() -> None:
    rows = [
        {"name": "test", "size": 2, "performance": {"roc_auc": 0.5}},
        {"name": "holdout", "size": 3, "performance": {"roc_auc": 0.25}},
    ]
    made = table(rows)
    assert made.columns == ["Name", "test", "holdout"]
    assert texts(made) == [["Size", "2", "3"], ["ROC AUC", "0.500", "0.250"]]
