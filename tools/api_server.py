"""A stand-in of a cluster's API server, as much of it as kubectl needs for our documents.

It answers discovery, and the objects of a `Cluster`: read, listed, watched, created, patched,
scaled and deleted. Logs, commands and forwarded ports of pods lead to real processes.
"""

from __future__ import annotations

import json
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from tools import api_server_discovery
from tools.api_server_cluster import Cluster
from tools.api_server_derived import scale_of
from tools.api_server_kinds import Kind, Object, RefusedError
from tools.api_server_patches import patched
from tools.api_server_pods import Pods, container_of
from tools.api_server_protobuf import MAGIC, secret
from tools.api_server_streams import execute, forward
from tools.ports import free_port

WATCH_SECONDS = 60
"""After this long a client asks again."""


class ApiServer(ThreadingHTTPServer):
    """The server: its cluster, which tests may replace, and what runs in its pods."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, cluster: Cluster, pods: Pods) -> None:
        super().__init__(("127.0.0.1", free_port()), _Handler)
        self.cluster, self.pods = cluster, pods
        self.requests = 0
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def api_server(cluster: Cluster, pods: Pods) -> Iterator[ApiServer]:
    """Serve a cluster on a free port."""
    server = ApiServer(cluster, pods)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ApiServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for the client's delayed receipt

    def log_message(self, *args: object) -> None:
        """Keep quiet: kubectl says what was refused."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

    def _answer(self) -> None:
        split = urlsplit(self.path)
        query = parse_qs(split.query)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        words = [unquote(word) for word in split.path.strip("/").split("/")]
        try:
            if (known := api_server_discovery.document(split.path)) is not None:
                self._send(200, known)
                return
            kind, space, rest = api_server_discovery.place(words)
            if len(rest) == 2 and rest[1] in ("exec", "portforward", "log"):
                self._stream(self._find(kind, space, rest[0]), rest[1], query)
            elif query.get("watch") == ["true"]:
                self._watch(kind, space, query)
            else:
                with self.server.lock:
                    status, made = self._objects(kind, space, rest, query, body)
                    text = json.dumps(made)
                self._send(status, text)
        except RefusedError as error:
            self._refuse(error)
        except (ValueError, KeyError, TypeError) as error:
            self._refuse(RefusedError(400, "BadRequest", repr(error)))

    def _find(self, kind: Kind, space: str, name: str) -> Object:
        with self.server.lock:
            self.server.requests += 1
            return self.server.cluster.find(kind, space, name)

    def _objects(
        self, kind: Kind, space: str, rest: list[str], query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Object]:
        cluster, dry = self.server.cluster, "dryRun" in query
        self.server.requests += 1
        if not rest and self.command == "POST":
            made = secret(body) if body.startswith(MAGIC) else json.loads(body)
            return 201, cluster.create(kind, space, made, dry)
        if not rest:
            found = self._selected(kind, space, query)
            if self.command == "DELETE":
                for made in found:
                    cluster.delete(made, dry)
            meta = {"resourceVersion": str(cluster.version)}
            listed = {"kind": f"{kind.kind}List", "apiVersion": kind.version}
            return 200, {**listed, "metadata": meta, "items": found}
        applied = self.headers["Content-Type"] == "application/apply-patch+yaml"
        if applied and cluster.get(kind.kind, space, rest[0]) is None:
            return 201, cluster.create(kind, space, patched({}, "", body), dry)
        old = cluster.find(kind, space, rest[0])
        scales = rest[1:] == ["scale"]
        made = scale_of(old) if scales else deepcopy(old)
        if self.command == "DELETE":
            cluster.delete(old, dry)
        if self.command in ("PATCH", "PUT"):
            content_type = self.headers["Content-Type"]
            made = json.loads(body) if self.command == "PUT" else patched(made, content_type, body)
            if scales:
                number = made["spec"].get("replicas", 0)
                whole = patched(old, "", json.dumps({"spec": {"replicas": number}}).encode())
                cluster.replace(old, whole, dry)
            else:
                made = cluster.replace(old, made, dry)
        return 200, made

    def _selected(self, kind: Kind, space: str, query: dict[str, list[str]]) -> list[Object]:
        labels, fields = (query.get(f"{s}Selector", [""])[0] for s in ("label", "field"))
        return self.server.cluster.select(kind, space, labels, fields)

    def _watch(self, kind: Kind, space: str, query: dict[str, list[str]]) -> None:
        """Send what there is, if asked; nothing changes later, for changes are settled at once."""
        self._head(200, "application/json")
        if query.get("sendInitialEvents") == ["true"]:
            with self.server.lock:
                found = self._selected(kind, space, query)
                version = str(self.server.cluster.version)
                events = [{"type": "ADDED", "object": made} for made in found]
            end = {"k8s.io/initial-events-end": "true"}
            mark: Object = {"kind": kind.kind, "apiVersion": kind.version}
            mark["metadata"] = {"resourceVersion": version, "annotations": end}
            for event in (*events, {"type": "BOOKMARK", "object": mark}):
                self.wfile.write(json.dumps(event).encode() + b"\n")
        select.select([self.connection], [], [], WATCH_SECONDS)  # until the client leaves

    def _stream(self, pod: Object, what: str, query: dict[str, list[str]]) -> None:
        if pod["status"]["phase"] == "Pending":
            raise RefusedError(400, "BadRequest", "the pod waits to start")
        if what == "portforward":
            forward(self, self.server.pods.port(pod))
            return
        container = container_of(pod, query.get("container", [""])[0])
        if what == "exec":
            command = self.server.pods.command(container, query["command"])
            execute(self, command, interactive="true" in query.get("stdin", []))
            return
        lines = self.server.pods.log(container).splitlines(keepends=True)
        number = int(query.get("tailLines", [str(len(lines))])[0])
        self._head(200, "text/plain")
        self.wfile.write("".join(lines[len(lines) - number :]).encode())

    def _head(self, status: int, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.end_headers()

    def _send(self, status: int, text: str) -> None:
        content_type = (
            api_server_discovery.AGGREGATED if "apidiscovery" in text else "application/json"
        )
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # the client has what it needs
            self.wfile.write(text.encode())

    def _refuse(self, error: RefusedError) -> None:
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        status |= {"reason": error.reason, "message": error.message}
        self._send(error.status, json.dumps({**status, "code": error.status}))
