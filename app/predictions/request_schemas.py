"""What the prediction API takes; the features come from a contract."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import accumulate, islice
from typing import Any, cast

import marshmallow as ma
from marshmallow import fields, validate

from app.http.request_parsing import WholeNumber
from app.http.request_reading import NOT_EXPLAINED
from app.http.validation_faults import MAX_FAULTS
from app.predictions.feature_schema import features_field
from app.predictions.scorer import DEFAULT_REASONS
from app.predictions.validation import ID, MAX_CUSTOMERS, count_faults, read_batch, read_request
from app.releases.registry import NEEDS_RESTART, ReleaseRegistry
from app.services import services
from model.features import Contract
from model.scorecard import POLICIES


def policy_field() -> fields.Field[Any]:
    """The field `policy` of a body or query."""
    return fields.String(
        load_default="default",
        validate=validate.OneOf(POLICIES, error="Give one of {choices}"),
        error_messages={"invalid": "Give one of " + ", ".join(POLICIES)},
        metadata={
            "description": "The policy whose threshold decides between churn and no_churn; the "
            "model card shows precision and recall of each. Releases before 1.2.0 have no `value`, "
            "the policy that brings most",
            "examples": ["default"],
        },
    )


def prediction_request(contract: Contract) -> ma.Schema:
    """Make the schema of one customer to score."""

    class PredictionRequest(ma.Schema):
        error_messages = {  # noqa: RUF012
            "type": "Give an object with the member features",
            "unknown": "There is no such member; give features and, if wanted, policy",
        }

        features = features_field(contract)
        policy = policy_field()

        def load(self, data: Any, **kwargs: Any) -> Any:
            """Take a valid body in one pass; let marshmallow explain any other."""
            if (read := read_request(contract, data)) is not None:
                return read
            return super().load(data, **kwargs)

    return PredictionRequest()


def _is_id(text: str) -> None:
    if not ID.fullmatch(text):
        raise ma.ValidationError("Give 1 to 64 characters, none a control character")


_NUMBER = f"Give 1 to {MAX_CUSTOMERS} customers"


def batch_request(contract: Contract) -> ma.Schema:
    """Make the schema of customers to score in one request."""

    class BatchCustomer(ma.Schema):
        error_messages = {  # noqa: RUF012
            "type": "Give an object with the members id and features",
            "unknown": "There is no such member; give id and features",
        }

        id = fields.String(
            required=True,
            validate=_is_id,
            error_messages={"required": "Give the id by which the answer names the customer"},
            metadata={
                "description": "Comes back with the prediction; not looked up",
                "examples": ["a-1"],
                "pattern": f"^{ID.pattern}$",
            },
        )
        features = features_field(contract)

    class BatchRequest(ma.Schema):
        error_messages = {  # noqa: RUF012
            "type": "Give an object with the member customers",
            "unknown": "There is no such member; give customers and, if wanted, policy",
        }

        customers = fields.List(
            fields.Nested(BatchCustomer()),
            required=True,
            validate=validate.Length(1, MAX_CUSTOMERS, error=_NUMBER),
            metadata={"description": "The customers, each with an id of the caller's choice"},
            error_messages={
                "required": "Give the customers",
                "invalid": "Give a list of customers",
            },
        )
        policy = policy_field()

        def load(self, data: Any, **kwargs: Any) -> Any:
            """Take a valid body in one pass; let marshmallow explain any other."""
            if (read := read_batch(contract, data)) is not None:
                return read
            customers = data.get("customers") if isinstance(data, dict) else None
            if isinstance(customers, list) and len(customers) > MAX_CUSTOMERS:
                raise ma.ValidationError({"customers": [_NUMBER]}, data=data)
            if isinstance(customers, list) and customers:
                self._explain_some(data, customers, **kwargs)
            return super().load(data, **kwargs)

        def _explain_some(self, data: dict[str, Any], customers: list[Any], **kwargs: Any) -> None:
            """Explain as many faults as an answer lists, and count the others.

            A batch can have thousands; to explain one takes many times as long as to find it.
            """
            counts = [count_faults(contract, customer) for customer in customers]
            before = accumulate(counts, initial=0)
            explained = max(1, sum(faults < MAX_FAULTS for faults in islice(before, len(counts))))
            try:
                super().load({**data, "customers": customers[:explained]}, **kwargs)
            except ma.ValidationError as error:
                error.kwargs[NOT_EXPLAINED] = sum(counts[explained:])
                raise

    return BatchRequest()


class LoadedRelease(fields.String):
    """A release by its version, which must be loaded and able to answer."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        version = super()._deserialize(value, *args, **kwargs)
        known = cast(PredictionQuery, self.root).releases()
        release = known.get(version)
        if release and known.can_answer(release):
            return release
        if release or (known.waiting and known.waiting.version == version):
            raise ma.ValidationError(f"Release {version} {NEEDS_RESTART}")
        loaded = ", ".join(other.version for other in known.all() if known.can_answer(other))
        raise ma.ValidationError(
            f"Give a loaded release: {loaded}" if loaded else "No release is loaded"
        )


class PredictionQuery(ma.Schema):
    """Options of an answer.

    Args:
        releases: which can be asked for; by default those of the application.
    """

    def __init__(self, releases: ReleaseRegistry | None = None) -> None:
        super().__init__()
        self.releases: Callable[[], ReleaseRegistry] = lambda: releases or services().releases

    error_messages = {"unknown": "There is no such option; there are reasons and version"}  # noqa: RUF012

    reasons = WholeNumber(
        load_default=DEFAULT_REASONS,
        validate=validate.Range(min=0, max=100, error="Give a number from {min} to {max}"),
        metadata={
            "description": "How many reasons to give at most; 0 for none",
            "examples": [3],
        },
    )
    version = LoadedRelease(
        metadata={
            "description": "Score with this loaded release instead of the one in service; "
            "GET /models lists them, and which of them need a restart first",
            "examples": ["1.2.0"],
            "format": "loaded-release",
        },
    )

    def load(self, data: Any, **kwargs: Any) -> Any:
        """Answer an empty query, which most are, with the defaults."""
        return super().load(data, **kwargs) if data else self._defaults.copy()

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        result: dict[str, Any] = super().load({})
        return result
