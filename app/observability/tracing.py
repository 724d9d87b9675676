"""OpenTelemetry spans of requests and their parts, if `OTEL_EXPORTER_OTLP_ENDPOINT` is set.

The extra `tracing` installs the libraries; without the variable none is imported. OpenTelemetry's
own variables set headers and sampling.
"""

from __future__ import annotations

import atexit
import os
import threading
from time import time_ns
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from app.config import SettingError, Settings
from app.observability import timing
from app.observability.metrics import UNMEASURED_ROUTES
from app.services import services_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

EXIT_SECONDS = 5
"""Seconds that a process which ends waits for the collector."""


def init_app(app: Flask, settings: Settings) -> None:
    """Let each worker trace if an endpoint is set.

    Raises:
        SettingError: the endpoint is set, but the extra is not installed.
    """
    if not settings.tracing_endpoint:
        return
    os.environ.setdefault("OTEL_SERVICE_NAME", "churn-api")
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")  # only the stable names
    try:
        from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415
        from opentelemetry.instrumentation import wsgi  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider, export  # noqa: PLC0415
    except ImportError as error:
        raise SettingError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the extra tracing isn't installed: "
            "pip install 'churn[tracing]', or unset it"
        ) from error

    def start() -> None:
        # After the fork: the thread that sends the spans wouldn't survive it.
        provider = TracerProvider(shutdown_on_exit=False)
        _send_the_rest_at_exit(provider)
        provider.add_span_processor(export.BatchSpanProcessor(trace_exporter.OTLPSpanExporter()))
        tracer = provider.get_tracer("churn")

        def record(name: str, seconds: float) -> None:
            now = time_ns()
            tracer.start_span(name, start_time=now - int(seconds * 1e9)).end(now)

        timing.record = record
        plain = app.wsgi_app
        traced = wsgi.OpenTelemetryMiddleware(
            plain, response_hook=_describe, tracer_provider=provider
        )

        def choose(environ: Any, start_response: Any) -> Any:
            path = environ.get("PATH_INFO", "").removeprefix(settings.url_prefix)
            chosen = plain if path in UNMEASURED_ROUTES else traced
            return chosen(environ, start_response)

        app.wsgi_app = choose  # type: ignore[method-assign]

    services_of(app).start_tracing = start


def _send_the_rest_at_exit(provider: TracerProvider) -> None:
    """Send the last spans when the process ends, as long as the collector takes them soon.

    The library waits 30 seconds, and longer for the collector's name to be resolved.
    """
    ends = threading.Event()

    def send() -> None:
        ends.wait()
        provider.shutdown()

    sender = threading.Thread(target=send, name="last spans", daemon=True)
    sender.start()  # now, because a process that ends starts no thread

    @atexit.register
    def wait() -> None:
        ends.set()
        sender.join(EXIT_SECONDS)


def _describe(span: Span, environ: dict[str, Any], *_: object) -> None:
    """Name the span after its route, and add the request id that the log has."""
    rule = request.url_rule
    span.update_name(f"{request.method} {rule.rule}" if rule else request.method)
    if rule:
        span.set_attribute("http.route", rule.rule)
    span.set_attribute("churn.request_id", environ["churn.request_id"])
