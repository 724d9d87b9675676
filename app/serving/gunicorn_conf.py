"""How gunicorn runs the service; a checkout's `gunicorn.conf.py` is a link to this file.

adrs/ has the measurements behind the worker model.
"""

from __future__ import annotations

import atexit
import gc
import itertools
import os
import shutil
import signal
import socket
import struct
import tempfile
from typing import Any

# Loading makes objects that stay: collecting garbage meanwhile finds none and costs a tenth of the
# start, and freezing them keeps the pages that workers share untouched.
gc.disable()

wsgi_app = "wsgi:app"
bind = "127.0.0.1:8000"
preload_app = True  # load once, fork after: code and model are shared memory

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))

# Threads hold slow and idle connections (a browser opens several and sends nothing on some), so
# that they do not hold a worker. Scoring takes microseconds and is bound by the one interpreter.
worker_class = "gthread"
threads = 8
keepalive = 5

PATIENCE = 5  # seconds that a client may be silent in the midst of a request, or of an answer

graceful_timeout = 20
timeout = 30
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
worker_tmp_dir = MEMORY

# The workers' metrics: set before anything imports prometheus_client, new at each start. A HUP
# reads this file again, in the same process: its workers count on where the ones before stopped.
folder = f"churn-metrics-{os.getpid()}-"
if folder not in os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=folder, dir=MEMORY)

    @atexit.register
    def leave_nothing() -> None:
        """Remove the folder when the server ends, also after a failed start; workers leave it."""
        path = os.environ["PROMETHEUS_MULTIPROC_DIR"]
        if f"churn-metrics-{os.getpid()}-" in path:
            shutil.rmtree(path, ignore_errors=True)


# It opens a socket under the home directory, which read-only containers don't have and two
# servers of one user would share.
control_socket_disable = True

# Forwarded headers count by TRUSTED_PROXIES alone, which the application reads. By itself gunicorn
# would believe anyone on the loopback interface about the scheme and even the path.
forwarded_allow_ips = ""
forwarder_headers = ""


def when_ready(server: Any) -> None:
    """Everything is loaded, and no worker runs yet."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - see above

    mark_process_dead("main")  # what loading set is each worker's to say
    gc.freeze()
    # gunicorn waits for the rest of a request as long as it takes: as many stalled clients as there
    # are threads would stop the service. The kernel ends the wait; connections inherit its limits.
    patience = struct.pack("ll", PATIENCE, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)


ENDS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
os.register_at_fork(after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS))


def pre_fork(server: Any, worker: Any) -> None:
    """Give the worker the first place that no living one has; its metrics are filed under it."""
    taken = {getattr(other, "place", None) for other in server.WORKERS.values()}
    worker.place = next(place for place in itertools.count() if place not in taken)
    # Until a worker has handlers of its own, a signal that ends it would be lost, and the server
    # would wait for it as long as for a request that hangs.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)


def post_worker_init(worker: Any) -> None:
    """Threads don't survive the fork: each worker makes its own."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    gc.enable()
    gc.set_threshold(10_000)  # a request makes some thousand objects, and hardly ever a cycle
    application = worker.wsgi
    if hasattr(application, "extensions"):  # benchmarks run other callables with this configuration
        from app.observability import metrics  # noqa: PLC0415 - see above
        from app.serving import background_tasks, malformed_requests  # noqa: PLC0415

        metrics.worker_place = str(worker.place)
        malformed_requests.take_over()
        background_tasks.start(application)


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """A dead worker's gauges must not count."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - see above

    mark_process_dead(worker.place)
