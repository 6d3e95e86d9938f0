"""`python -m infra.screenshots`: the pictures of README and docs. With `--all FOLDER`: every page
at three widths, light and dark, in both languages, empty and full, for the eye to judge."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from infra.screenshots.camera import Shot, take
from infra.screenshots.script import ENGINE

from laptop.places import Place
from laptop.settings import inherited_environment
from tests.support import screenshots
from tests.support.stack import running_stack

IMAGES = Path(__file__).parents[2] / "docs" / "images"
TOM, HELENA = "tom@agora.example.org", "helena@agora.example.org"
MEI, OPERATOR = "mei@agora.example.org", "operator@agora.example.org"
ENVIRONMENT = {
    "INFERENCE_ENGINES": json.dumps([ENGINE]),
    "GATEWAY_DEFAULT_MODEL": str(ENGINE["model"]),
}
SHOTS = (
    Shot("chat", TOM, ("/chat", "How do I take a screenshot?")),
    Shot("studio", HELENA, ("/studio", "Desktop Helper")),
    Shot("phone", MEI, ("/chat", "什么是"), lang="zh-CN", scheme="dark", width=390, height=760),
    Shot("overview", OPERATOR, ("/admin",)),
)


def main() -> None:
    """Take what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m infra.screenshots")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page in every look")
    everything = parser.parse_args().all
    if everything is not None:
        screenshots.main(everything)
        return
    with running_stack(ENVIRONMENT) as stack:
        for verb in (["seed"], ["seed-usage", "--yes"]):
            command = [sys.executable, "-m", "laptop", *verb]
            environment = {**inherited_environment(), **ENVIRONMENT, "STOA_HOME": str(stack.home)}
            subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own launcher
        kept = Place(stack.home, 0).secret_file("seed-people.json")
        take(stack.web, json.loads(kept.read_text("utf-8")), SHOTS, IMAGES)


if __name__ == "__main__":
    main()
