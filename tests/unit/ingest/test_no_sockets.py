"""No parser goes where a document points: to the network, or to another file of this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.parsing.confinement import JailLimits
from ingest.parsing.jail import Jail
from tests.support.hostile_web import hostile_web
from tests.support.models import spacy_model_path
from tests.support.naming_documents import (
    WORDS,
    markdown_that_names,
    page_that_names,
    pdf_that_names,
    word_file_that_names,
    word_file_with_entities,
)

MAKERS: dict[str, Callable[[str], bytes]] = {
    "page.html": lambda target: page_that_names(target).encode(),
    "page.xhtml": lambda target: b'<?xml version="1.0"?>' + page_that_names(target).encode(),
    "page.md": lambda target: markdown_that_names(target).encode(),
    "page.txt": lambda target: markdown_that_names(target).encode(),
    "page.pdf": pdf_that_names,
    "page.docx": word_file_that_names,
    "entities.docx": word_file_with_entities,
}

PARSE_WITH_THE_NETWORK_OPEN = """
import json, socket, sys
from pathlib import Path

seen = []
watched = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
sys.addaudithook(lambda event, given: seen.append(event) if event in watched else None)
texts = {}
from ingest.parsing import formats
for name in sys.argv[2:]:
    try:
        texts[name] = formats.parse(Path(name), name).text
    except Exception as error:
        texts[name] = "refused: " + type(error).__name__
parsed = list(seen)
socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
print(json.dumps({"texts": texts, "parsed": parsed, "afterwards": seen[len(parsed):]}))
"""


def parsed_in_the_open(folder: Path, port: int) -> Any:
    """What a child without a jail read, and what it did with the network meanwhile."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", PARSE_WITH_THE_NETWORK_OPEN, str(port), *MAKERS],
        cwd=folder,
        env={
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "HOME": str(folder),
            "DO_NOT_TRACK": "1",
            "UNSTRUCTURED_DISABLE_NOTICE": "1",
        },
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_a_document_that_points_somewhere_opens_no_socket(tmp_path: Path) -> None:
    (tmp_path / "en_core_web_sm").symlink_to(spacy_model_path().absolute())
    with hostile_web() as web:
        for name, make in MAKERS.items():
            (tmp_path / name).write_bytes(make(web.url("/target")))
        outcome = parsed_in_the_open(tmp_path, web.port)
        asked = list(web.asked)

    assert outcome["parsed"] == []
    assert outcome["afterwards"] == ["socket.getaddrinfo", "socket.connect"]  # the watch works
    assert asked == []
    texts = outcome["texts"]
    assert [name for name in texts if WORDS not in texts[name]] in ([], ["entities.docx"])
    assert not any("localhost" in text for text in texts.values())  # as in /etc/hosts


def test_in_the_jail_there_is_no_network_either(tmp_path: Path) -> None:
    source = tmp_path / "source"
    with hostile_web() as web:
        source.write_text(page_that_names(web.url("/target")))
        parsed = Jail(JailLimits(), scratch=tmp_path).parse(source, "page.html")

    assert WORDS in parsed.text
    assert web.asked == []
