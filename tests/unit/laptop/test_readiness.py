"""How the launcher finds out that a program is ready."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from laptop.readiness import Answers, says
from tests.support.engines import free_port
from tests.support.waiting import wait_until

ANSWER_SECONDS = 10.0


@contextmanager
def a_service(*statuses: int) -> Iterator[int]:
    """Answers with these statuses, one after the other, and with the last one from then on."""
    left = list(statuses)

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_a_service_that_says_no_at_first_becomes_ready() -> None:
    with a_service(503, 200) as port:
        wait_until(Answers(port), seconds=ANSWER_SECONDS, what="a yes")


def test_a_closed_port_is_not_ready() -> None:
    assert not Answers(free_port())()


def test_a_silent_service_keeps_nobody_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(ANSWER_SECONDS)
        answers = Answers(silent.getsockname()[1])

        assert not answers()
        line, _ = silent.accept()
        with line:
            assert not answers()
        answers()  # hangs up its own end


def test_a_log_shows_who_is_ready(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    ready = says(log, " ready.")
    assert not ready()

    log.write_text("celery@here ready.\n")

    assert ready()
