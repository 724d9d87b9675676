"""Makes clients of the Redis that CACHE_URL names."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from redis import Redis


def redis_client(url: str, seconds: float) -> Redis:
    """Make a client with a time limit and without retries; it connects at its first call.

    Args:
        url: as CACHE_URL.
        seconds: time limit of a call. That of connecting and of each answer is a little shorter, so
            that a connection which is given up is closed.

    Raises:
        ValueError: the address cannot be used.
    """
    from redis import Redis  # noqa: PLC0415 - a large package, needed with CACHE_URL only
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    try:
        client = Redis.from_url(
            url,
            socket_timeout=seconds * 0.9,
            socket_connect_timeout=seconds * 0.9,
            retry=Retry(NoBackoff(), 0),  # the default waits and retries
        )
        client.connection_pool.make_connection()  # parses the options
        parts = urlsplit(url)
        if parts.scheme != "unix":
            int(parts.path.strip("/") or 0)  # it would ignore what isn't a number
    except (ValueError, TypeError, AttributeError):
        wanted = "redis://HOST:PORT/NUMBER, rediss://HOST:PORT/NUMBER or unix:///PATH"
        raise ValueError(f"give {wanted}, with options of redis-py") from None
    return client
