"""Bundles made by hand: right ones, and such as somebody would send who wants something else.

content = bundle()                                     # a right one, with one file
content = bundle(texts={"definition.json": b"{}"})     # with another text, rightly listed
content = zipped([("manifest.json", b"…", True), …])   # any archive; True: packed
"""

import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

Lying = tuple[str, bytes, bool]
"""An entry: its path, its content, whether it is packed."""

FILE = b"The colonnade is open all day."
DEFINITION: dict[str, Any] = {
    "name": "Atlas",
    "instructions": "Be kind.",
    "tool_resources": {"file_search": {"vector_store_ids": ["vs_rules"]}},
}
FILES: dict[str, Any] = {
    "files": [{"path": "files/00001.txt", "filename": "rules.txt", "media_type": "text/plain"}],
    "collections": [
        {
            "id": "vs_rules",
            "name": "Rules",
            "metadata": {},
            "documents": [{"path": "files/00001.txt"}],
        }
    ],
}


def bundle(
    texts: Mapping[str, bytes] | None = None,
    files: Mapping[str, bytes] | None = None,
    manifest: Mapping[str, Any] | None = None,
    lying: Sequence[Lying] | None = None,
) -> bytes:
    """A bundle. manifest: fields that are others there. lying: what the archive holds instead."""
    small = {"definition.json": _json(DEFINITION), "files.json": _json(FILES)} | dict(texts or {})
    large = {"files/00001.txt": FILE} if files is None else dict(files)
    said = {
        "format": "stoa-assistant",
        "format_version": 1,
        "created_at": 1_790_000_000,
        "source": "draft",
        "entries": [listed(path, content) for path, content in {**small, **large}.items()],
        **(manifest or {}),
    }
    entries = [(path, content, True) for path, content in small.items()]
    entries += [(path, content, False) for path, content in large.items()]
    return zipped([("manifest.json", _json(said), True), *(lying or entries)])


def listed(path: str, content: bytes) -> dict[str, Any]:
    """The line of the manifest about an entry."""
    digest = hashlib.sha256(content).hexdigest()
    return {"path": path, "size_bytes": len(content), "sha256": digest}


def right(path: str) -> Lying:
    """An entry of the right bundle."""
    content = {"definition.json": _json(DEFINITION), "files.json": _json(FILES)}.get(path, FILE)
    return path, content, path.endswith(".json")


def zipped(entries: Sequence[Lying]) -> bytes:
    """An archive of these entries, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice is what some of these are about
        for path, content, is_packed in entries:
            kind = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(path), content, kind)
    return out.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The entries of an archive, as any program reads them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {path: archive.read(path) for path in archive.namelist()}


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()
