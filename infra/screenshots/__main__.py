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
    # Words alone find the passages of the script, and reading takes seconds.
    "RETRIEVAL_EMBEDDING_PATH": "hashing",
    "INGEST_EMBEDDING_PATH": "hashing",
}
SHOTS = (
    Shot("chat", TOM, ("/chat", "How do I take a screenshot?")),
    Shot("studio", HELENA, ("/studio", "Desktop Helper")),
    Shot("phone", MEI, ("/chat", "什么是"), lang="zh-CN", scheme="dark", width=390, height=760),
    Shot("overview", OPERATOR, ("/admin?period=30d",)),
)


def main() -> None:
    """Take what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m infra.screenshots")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page in every look")
    everything = parser.parse_args().all
    if everything is not None:
        screenshots.main(everything)
        return
    if not _has_chinese_glyphs():
        parser.exit(1, "No font here has Chinese glyphs (Debian: fonts-wqy-microhei).\n")
    with running_stack(ENVIRONMENT) as stack:
        for verb in (["seed"], ["seed-usage", "--yes", "--rows", "4000"]):
            command = [sys.executable, "-m", "laptop", *verb]
            environment = {**inherited_environment(), **ENVIRONMENT, "STOA_HOME": str(stack.home)}
            subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own launcher
        kept = Place(stack.home, 0).secret_file("seed-people.json")
        take(stack.web, json.loads(kept.read_text("utf-8")), SHOTS, IMAGES)


def _has_chinese_glyphs() -> bool:
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=True)  # noqa: S607 - wherever fontconfig is
    return bool(found.stdout)


if __name__ == "__main__":
    main()
