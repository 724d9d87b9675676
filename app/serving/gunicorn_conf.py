"""gunicorn's configuration; `gunicorn.conf.py` in a checkout is a link to this file.

ADR-019 has the measurements behind the worker model.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import glob
import itertools
import mmap
import os
import shutil
import signal
import socket
import struct
import tempfile
from typing import Any

# Loading makes objects that stay. Collecting garbage meanwhile finds none and takes a tenth of the
# start; freezing the objects keeps the memory pages that workers share.
gc.disable()

wsgi_app = "wsgi:app"
bind = "127.0.0.1:8000"
preload_app = True  # load once, then fork: workers share code and model

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))

# The application refuses values that cannot be used; here they mean the defaults.
in_threads = os.environ.get("WORKER") == "threads"
worker_class = "gthread" if in_threads else "app.serving.loop_worker.LoopWorker"
threads = 8 if in_threads else 1
keepalive = int(os.environ.get("KEEPALIVE") or 75)

PATIENCE = 5  # seconds that a client may pause within a request or an answer, in threads

graceful_timeout = 20
timeout = 30
MEMORY = "/dev/shm"  # noqa: S108
ROOM = 1024 * 1024 * (workers + 1)  # bytes; the metrics of a worker take half of its share
worker_tmp_dir = MEMORY
if not os.path.isdir(MEMORY) or shutil.disk_usage(MEMORY).free < ROOM:  # noqa: PTH112
    worker_tmp_dir = tempfile.gettempdir()

METRICS = "churn-metrics-"
OWN_METRICS = f"{METRICS}{os.getpid()}-"


def locked(path: str) -> int | None:
    """Lock a folder of metrics for this process and its workers; return the open folder.

    None: it is gone, another user's, or used by a server or its last workers.
    """
    descriptor = None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(descriptor)
        if found.st_uid == os.getuid() and os.path.samestat(found, os.stat(path)):  # noqa: PTH116
            return descriptor
    except OSError:
        pass
    if descriptor is not None:
        os.close(descriptor)
    return None


def remove_left() -> None:
    """Remove the folders of servers that were killed."""
    for parent in {MEMORY, tempfile.gettempdir()}:
        for path in glob.glob(f"{parent}/{METRICS}*"):  # noqa: PTH207
            if (descriptor := locked(path)) is not None:
                shutil.rmtree(path, ignore_errors=True)
                os.close(descriptor)


def make_folder() -> str:
    """Make a folder that stays locked."""
    while True:
        path = tempfile.mkdtemp(prefix=OWN_METRICS, dir=worker_tmp_dir)
        if locked(path) is not None:  # otherwise a server that starts now has removed it
            return path


# The folder of the workers' metrics, new at each start; set before anything imports
# prometheus_client. A HUP reads this file again in the same process, and its workers continue the
# counts of the previous ones.
if OWN_METRICS not in os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""):
    remove_left()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = make_folder()

    @atexit.register
    def leave_nothing() -> None:
        """Remove the folder when the server ends, even after a failed start; workers don't."""
        path = os.environ["PROMETHEUS_MULTIPROC_DIR"]
        if f"{METRICS}{os.getpid()}-" in path:
            shutil.rmtree(path, ignore_errors=True)


# The control socket is in the home directory: read-only containers have none, and two servers of
# one user would share it.
control_socket_disable = True

# Only the application reads forwarded headers, by TRUSTED_PROXIES. gunicorn itself would trust any
# caller on the loopback interface about the scheme and even the path.
forwarded_allow_ips = ""
forwarder_headers = ""


def on_starting(server: Any) -> None:
    """Let no reader of the log that stalls stop the master, or a worker before it has threads."""
    if hasattr(server.app.wsgi(), "extensions"):  # not what benchmarks run
        from app.observability import log_writer  # noqa: PLC0415 - see above

        log_writer.take_over(server.log.error_log)


def nworkers_changed(server: Any, new: int, old: int | None) -> None:  # noqa: ARG001
    """Keep the number of workers that signals have set; a HUP reads this file again."""
    os.environ["WEB_CONCURRENCY"] = str(new)


def when_ready(server: Any) -> None:
    """Prepare the sockets, when everything is loaded and no worker runs yet."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - see above

    mark_process_dead("main")  # each worker sets these metrics itself
    if os.environ.get("RATE_LIMIT") and not os.environ.get("CACHE_URL") and workers > 1:
        server.log.warning(
            "RATE_LIMIT is counted by each of the %s workers for itself, and anew when it is "
            "replaced; with CACHE_URL they count together",
            workers,
        )
    gc.freeze()
    if not in_threads:
        return
    # gunicorn waits for the rest of a request without a limit, so as many stalled clients as there
    # are threads would stop the service. The kernel ends the wait; connections inherit this.
    patience = struct.pack("ll", PATIENCE, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)


ENDS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
os.register_at_fork(after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS))


def pre_fork(server: Any, worker: Any) -> None:
    """Give the worker the first free slot, which names its metrics."""
    taken = {getattr(other, "place", None) for other in server.WORKERS.values()}
    worker.place = next(place for place in itertools.count() if place not in taken)
    worker.ended = mmap.mmap(-1, 1)  # shared: the worker notes there that it ends by itself
    # A signal that comes before the worker has its own handlers would be lost, and the server would
    # wait as for a request that hangs.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)


def post_worker_init(worker: Any) -> None:
    """Start the worker's threads, which don't survive the fork."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    gc.enable()
    gc.set_threshold(10_000)  # a request makes some thousand objects, but rarely a cycle
    application = worker.wsgi
    if hasattr(application, "extensions"):  # benchmarks run other callables with this configuration
        from app.observability import metrics  # noqa: PLC0415 - see above
        from app.services import services_of  # noqa: PLC0415
        from app.serving import background_tasks, malformed_requests  # noqa: PLC0415

        metrics.worker_place = str(worker.place)
        if in_threads:
            malformed_requests.take_over(services_of(application).url_prefix)
        background_tasks.start(application)


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Note that the worker wasn't killed, and write what is left of its log."""
    worker.ended[0] = 1
    if hasattr(worker.app.wsgi(), "extensions"):
        from app.observability import log_writer  # noqa: PLC0415 - see above

        log_writer.STANDARD_ERROR.stop()


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Remove the gauges of a dead worker, and count it if it was killed."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - see above

    mark_process_dead(worker.place)
    if not worker.ended[0]:
        from app.observability import metrics  # noqa: PLC0415 - see above

        metrics.count_killed()
    worker.ended.close()
