"""A launcher over small stand-in programs, run as a process of its own: `small_stoa HOME OFFSET`.

`web` serves /health/ready, `family` has a child in a new session and one with an empty environment,
`once` ends well at once, and `deaf` (only when asked for) ignores every polite signal.
"""

import sys
from dataclasses import replace
from pathlib import Path

from laptop.errors import CannotStart
from laptop.home import check_ports
from laptop.launch import launch
from laptop.places import Place
from laptop.program import Program
from laptop.readiness import Answers, says
from laptop.settings import inherited_environment

WEB = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
FAMILY = """
import subprocess, sys, time
nap = [sys.executable, "-c", "import time; time.sleep(600)"]
subprocess.Popen(nap, start_new_session=True)
subprocess.Popen(nap, env={})
print("family ready", flush=True)
time.sleep(600)
"""
DEAF = """
import signal, time
for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(one, signal.SIG_IGN)
print("deaf ready", flush=True)
time.sleep(600)
"""
BROKEN = "import sys; print('I have no roof'); sys.exit(3)"


def programs(place: Place, extra: str) -> list[Program]:
    environment, port = inherited_environment(), place.port("web")
    once = Program("once", _python("print('done')"), environment, runs_once=True)
    web = Program("web", _python(WEB, str(port)), environment, after=("once",), layer=2)
    family = Program("family", _python(FAMILY), environment)
    deaf = Program("deaf", _python(DEAF), environment, stop_seconds=1.0)
    broken = Program("broken", _python(BROKEN), environment, is_ready=lambda: False)
    found = [
        once,
        replace(web, is_ready=Answers(port)),
        replace(family, is_ready=says(place.log("family"), "family ready")),
    ]
    if extra == "deaf":
        found.append(replace(deaf, is_ready=says(place.log("deaf"), "deaf ready")))
    if extra == "broken":
        found.append(broken)
    return found


def _python(text: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text, *words)


def main() -> int:
    home, offset, *extra = sys.argv[1:]
    place = Place(Path(home), int(offset))

    def prepare() -> list[Program]:
        check_ports(place, ["web"])
        return programs(place, extra[0] if extra else "")

    def ready() -> bool:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        return True

    try:
        launch(place, prepare, lambda _names: None, ready)
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
