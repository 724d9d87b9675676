"""Puts a list to call into words: what it costs, what it brings, and what ends it."""

from __future__ import annotations

from app.customers.budget_list import BudgetList
from app.http.effect_words import exact_percent
from model.campaign import Amount
from model.economics import Economics


def outcome(calls: BudgetList) -> str:
    """Say what calling everybody on a list is expected to cost and to bring."""
    totals, found = calls.cut.totals, calls.outcome
    if not totals.customers:
        return ""
    currency = calls.limits.economics.currency
    who = "1 customer" if totals.customers == 1 else f"{totals.customers:,} customers"
    leave = _number(totals.leavers)
    return (
        f"Call {who} for about {_number(found.cost.expected)} {currency}: "
        f"{leave} {'is' if leave == '1' else 'are'} expected to leave, calls are expected to keep "
        f"{_number(found.kept)} of them, worth {_number(found.gain.expected)} {currency}, "
        f"so {_profit(found.profit)}."
    )


def end(calls: BudgetList) -> str:
    """Say why the list has no more customers."""
    customers, at = calls.cut.totals.customers, exact_percent(calls.limits.threshold)
    if calls.cut.limited_by == "budget":
        if customers:
            return "The budget ends the list: more customers are worth a call."
        return "Nobody: the first call is expected to cost more than the budget."
    if calls.cut.limited_by == "threshold":
        if customers:
            return f"Nobody else is at {at} or more. The budget has room for more."
        return f"Nobody is at {at} or more, so nobody is worth a call by this policy."
    return "That is every customer who has a score." if customers else ""


def one_call(economics: Economics, churn: float) -> str:
    """Say what calling one customer, of this probability, is expected to bring."""
    profit = churn * economics.leaver + (1 - churn) * economics.stayer
    size = abs(profit)
    amount = f"{size:,.2f}" if size < 9.995 else f"{size:,.0f}"
    if profit >= 0:
        return f"bring {amount} {economics.currency} more than it costs"
    return f"cost {amount} {economics.currency} more than it brings"


def plain(budget: float) -> str:
    """Return a budget as it is written in a form or a query."""
    return f"{budget:.0f}" if budget == int(budget) else str(budget)


def _profit(profit: Amount) -> str:
    """Say `4,760 (3,900 to 5,600) more than they cost`, or less if they bring less."""
    low, high = profit.low, profit.high
    if profit.expected < 0:
        return (
            f"{_number(-profit.expected)} ({_number(-high)} to {_number(-low)}) less than they cost"
        )
    return f"{_number(profit.expected)} ({_number(low)} to {_number(high)}) more than they cost"


def _number(amount: float) -> str:
    """Return an amount with as many digits as matter: `4,760`, `29`, `2.9`."""
    size = abs(amount)
    digits = max(len(f"{size:.0f}") - 3, 0)
    text = f"{round(size, -digits):,.0f}" if size >= 9.95 else f"{size:.1f}".removesuffix(".0")
    return f"\N{MINUS SIGN}{text}" if amount < 0 and text != "0" else text
