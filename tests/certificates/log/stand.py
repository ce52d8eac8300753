"""A log and a witness to test with. The witness is a server of its own and checks with a library that is not ours."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint, ConsistencyProof, ConsistencyProofInvalid
from tlog_scales.utils import b64dec

from portal.certificates.log.identity import LogIdentity
from portal.certificates.log.note import Checkpoint as OwnCheckpoint
from portal.certificates.log.note import Ed25519Signer, MlDsaSigner
from portal.certificates.log.witness import Witness, Witnesses
from tests.certificates.samples import NOW

ORIGIN = "portal.example/log"


def identity(*asked: Witness, required: int = 0) -> LogIdentity:
    """A log with new keys."""
    first = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    return LogIdentity(ORIGIN, first, MlDsaSigner(ORIGIN, MLDSA44PrivateKey.generate()), Witnesses(asked, required))


@dataclass
class StandIn:
    """A witness of tlog-witness: it remembers one checkpoint a log, and cosigns what only grows from there."""

    signer: Ed25519Signer | MlDsaSigner
    log: Vkey | None = None
    at: datetime = NOW
    size: int = 0
    root: bytes = b""
    asked: int = 0
    address: str = ""
    forced: tuple[int, bytes] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def witness(self) -> Witness:
        return Witness(self.signer.key, self.address)

    def knows(self, log: LogIdentity) -> None:
        self.log = Vkey.from_string(log.first.key.text)

    def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        """The answer of the specification, section "add-checkpoint"."""
        with self.lock:
            self.asked += 1
            if self.forced is not None:
                return self.forced
            head, _, note = body.decode("utf-8").partition("\n\n")
            old, *proof = head.split("\n")
            checkpoint = Checkpoint.from_text(note)
            if self.log is None or checkpoint.origin != self.log.name:
                return 404, b""
            try:
                checkpoint.verify(self.log)
            except Exception:
                return 403, b""
            older = int(old.removeprefix("old "))
            if older > checkpoint.size:
                return 400, b""
            if older != self.size:
                return 409, f"{self.size}\n".encode("ascii")
            if older == checkpoint.size and checkpoint.root_hash != self.root:
                return 409, b""
            if older:
                try:
                    path = [b64dec(line) for line in proof]
                    ConsistencyProof(older, checkpoint.size, path).check(self.root, checkpoint.root_hash)
                except ConsistencyProofInvalid:
                    return 422, b""
            self.size, self.root = checkpoint.size, checkpoint.root_hash
            own = OwnCheckpoint(checkpoint.origin, checkpoint.size, checkpoint.root_hash)
            return 200, self.signer.sign(own, now=self.at).text.encode("utf-8")


@contextmanager
def served(stand: StandIn) -> Iterator[StandIn]:
    """The witness on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, data = stand.add_checkpoint(body) if self.path == "/w/add-checkpoint" else (404, b"")
            self.send_response(status)
            self.send_header("Content-Type", "text/x.tlog.size" if status == 409 else "text/plain")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    stand.address = f"http://127.0.0.1:{server.server_port}/w"
    try:
        yield stand
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def stand_in(name: str, *, post_quantum: bool = False) -> StandIn:
    signer = (
        MlDsaSigner(name, MLDSA44PrivateKey.generate())
        if post_quantum
        else Ed25519Signer(name, Ed25519PrivateKey.generate(), cosigns=True)
    )
    return StandIn(signer)
