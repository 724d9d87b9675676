"""Cache and rate limit accept the same addresses of Redis."""

from __future__ import annotations

import pytest

from app.config import SettingError, Settings
from app.resilience.redis_client import redis_client
from tests.apps import make_app


@pytest.mark.parametrize(
    "url", ["redis://h", "redis://h:6379/1", "rediss://u:p@h:6380/0", "unix:///run/redis.sock?db=1"]
)
@pytest.mark.parametrize("rate", ["", "100/second"])
def test_an_address_that_is_taken_starts_the_service(url: str, rate: str) -> None:
    """Nothing connects yet, so the server may be down."""
    settings = Settings.from_environment({"CACHE_URL": url})
    assert redis_client(settings.cache_url, 1.0)
    make_app(cache_url=settings.cache_url, rate_limit=rate)


@pytest.mark.parametrize(
    "url",
    ["redis://h:port/0", "redis://h/0?bogus=1", "redis://h:6379/x", "redis://h:6379/0?db=x"],
)
@pytest.mark.parametrize("rate", ["", "100/second"])
def test_a_wrong_address_stops_the_start_with_or_without_a_rate_limit(url: str, rate: str) -> None:
    with pytest.raises(SettingError, match=r"^CACHE_URL: give redis://"):
        make_app(cache_url=url, rate_limit=rate)
