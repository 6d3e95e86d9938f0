"""A real S3 server for tests: SeaweedFS from its wheel, on loopback, with one bucket.

with s3_server() as s3:          # about 2 s
    s3.access()                  # what the gateway is told: endpoint and credentials
    s3.bucket                    # exists
    s3.unfinished_uploads()      # parts that nobody took back
"""

import json
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

import httpx2
from pydantic import SecretStr

from gateway.server_settings import S3Access
from laptop.lifeline import kill_session, spawn
from tests.support.engines import free_port
from tests.support.waiting import wait_until

START_SECONDS = 40.0
WEED = Path(sys.executable).with_name("weed")
_PORTS = ("master", "volume", "filer", "s3", "admin")


@dataclass(frozen=True)
class S3Server:
    """A running server with the bucket `stoa`."""

    port: int
    filer_port: int
    access_key_id: str
    secret: str
    bucket: str = "stoa"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def access(self) -> S3Access:
        return S3Access(
            endpoint=self.endpoint,
            access_key_id=self.access_key_id,
            secret_access_key=SecretStr(self.secret),
            allow_http=True,
            connect_seconds=2,
            retries=1,
        )

    def unfinished_uploads(self) -> list[str]:
        """What the server keeps of multipart uploads that neither ended nor were taken back."""
        return self._listed(".uploads")

    def objects(self, prefix: str) -> list[str]:
        """The names under a prefix."""
        return self._listed(prefix)

    def _listed(self, folder: str) -> list[str]:
        answer = httpx2.get(
            f"http://127.0.0.1:{self.filer_port}/buckets/{self.bucket}/{folder}/",
            headers={"accept": "application/json"},
        )
        entries = answer.json()["Entries"] if answer.is_success else None
        return [entry["FullPath"] for entry in entries or []]


@contextmanager
def s3_server(secret: str | None = None) -> Iterator[S3Server]:
    with tempfile.TemporaryDirectory(prefix="stoa-s3-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        ports = {each: (free_port(), free_port()) for each in _PORTS}
        secret = secret or secrets.token_hex(16)
        server = S3Server(ports["s3"][0], ports["filer"][0], "stoa", secret)
        process = spawn(_command(folder, ports, server), folder / "log", death_signal=SIGTERM)
        try:
            wait_until(
                lambda: process.poll() is not None or _has_its_bucket(folder / "log"),
                seconds=START_SECONDS,
                what="the S3 server",
            )
            assert process.poll() is None, (folder / "log").read_text()
            yield server
        finally:
            kill_session(process)  # a polite stop takes 2.5 s, and nothing of it is kept


def _command(folder: Path, ports: dict[str, tuple[int, int]], server: S3Server) -> list[str]:
    data = folder / "data"
    data.mkdir()
    identities = folder / "s3.json"
    identity = {
        "name": "stoa",
        "credentials": [{"accessKey": server.access_key_id, "secretKey": server.secret}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    identities.write_text(json.dumps({"identities": [identity]}))
    listening = [
        word
        for name, (port, grpc_port) in ports.items()
        for word in (f"-{name}.port={port}", f"-{name}.port.grpc={grpc_port}")
    ]
    assert shutil.which(WEED), f"{WEED} is missing: pip install -r requirements/dev.txt"
    return [
        str(WEED),
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        *listening,
        f"-bucket={server.bucket}",
        f"-s3.config={identities}",
        f"-s3.localSocket={folder / 's3.sock'}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        "-s3.autoCreateBucket=false",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",
    ]


def _has_its_bucket(log: Path) -> bool:
    # Its last line of starting; the bucket has been made by then.
    return "Press Ctrl+C to stop" in log.read_text(errors="replace")
