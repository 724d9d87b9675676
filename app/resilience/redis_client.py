"""A client of the Redis that CACHE_URL names; every part that uses one takes it from here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from redis import Redis


def redis_client(url: str, seconds: float) -> Redis:
    """A client whose calls have a time limit and are made once; nothing is connected to yet.

    Args:
        url: as CACHE_URL.
        seconds: that connecting may take, and each answer.

    Raises:
        ValueError: the address cannot be used.
    """
    from redis import Redis  # noqa: PLC0415 - a large package, needed with CACHE_URL only
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    try:
        client = Redis.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),  # the default retries, and waits between
        )
        client.connection_pool.make_connection()  # which is where options are understood
        parts = urlsplit(url)
        if parts.scheme != "unix":
            int(parts.path.strip("/") or 0)  # it would pass over what is no number
    except (ValueError, TypeError, AttributeError):
        wanted = "redis://HOST:PORT/NUMBER, rediss://HOST:PORT/NUMBER or unix:///PATH"
        raise ValueError(f"give {wanted}, with options that Redis has") from None
    return client
