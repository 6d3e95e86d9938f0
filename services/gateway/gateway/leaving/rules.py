"""How an export is laid out."""

import json
import re
from typing import Any

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}$")

README = """This is everything of yours that Stoa keeps.

account.json         you, your workspaces, sessions and keys (never a password or a key itself)
assistants.json      the assistants you own: their drafts as they are now
collections.json     the collections you own
store.json           the published assistants that answered you, and your ratings and reviews
reports.json         what you reported of the store
conversations/       one file each, the oldest message first
files.json           your uploads; `path` says where each lies in this archive, if it fitted in
files/               their bytes
"""


def as_json(content: Any) -> bytes:
    """Readable, in whatever script."""
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def file_path(file_id: str, filename: str) -> str:
    """A name that no archive program can be led astray by: the uploader's own is in files.json."""
    ending = _ENDING.search(filename)
    return f"files/{file_id}{ending[0].lower() if ending else ''}"
