"""How a bundle is laid out, and what one may hold. docs/bundle.md says it for people."""

import hashlib
import re
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from contracts.assistants import AssistantFields
from contracts.files import Attributes, Metadata
from contracts.versions import NOTE_CHARACTERS
from gateway.bundles.errors import BundleRefused, BundleTooLarge, BundleVersionUnknown

FORMAT: Literal["stoa-assistant"] = "stoa-assistant"
FORMAT_VERSION = 1
MANIFEST, DEFINITION, FILES = "manifest.json", "definition.json", "files.json"
MOST_FILES = 2_000
MOST_VERSIONS = 100
MOST_MANIFEST_BYTES = 1 << 20
MOST_TEXT_BYTES = 16 << 20
"""Of definition, versions and files.json together."""

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}$")
_FILE_PATH = re.compile(r"files/[0-9]{5}(\.[a-z0-9]{1,10})?", re.ASCII)
_VERSION_PATH = re.compile(r"versions/[1-9][0-9]{0,8}\.json", re.ASCII)
_TEXTS = frozenset({DEFINITION, FILES})

M = TypeVar("M", bound="_Part")


def _known_path(path: str) -> str:
    if not (path in _TEXTS or _FILE_PATH.fullmatch(path) or _VERSION_PATH.fullmatch(path)):
        raise ValueError("a bundle has no such entry")
    return path


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Entry(_Part):
    """An entry of the archive: where, how long, and its SHA-256 in hexadecimal letters."""

    path: Annotated[str, AfterValidator(_known_path)]
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(_Part):
    """The first entry. source: `draft`, or the number of the version that was exported.

    entries: all others, in the order in which they lie in the archive.
    """

    format: Literal["stoa-assistant"]
    format_version: Literal[1]
    created_at: int
    source: str = Field(max_length=20)
    entries: list[Entry] = Field(max_length=MOST_FILES + MOST_VERSIONS + len(_TEXTS))


class _Kind(BaseModel):
    """What is read of a manifest before anything else: whether this release knows its format."""

    format: Literal["stoa-assistant"]
    format_version: int


class BundledFile(_Part):
    """A file: where its bytes lie, and what it is called."""

    path: str = Field(pattern=f"^{_FILE_PATH.pattern}$")
    filename: str = Field(max_length=1_000)
    media_type: str = Field(max_length=200)


class BundledDocument(_Part):
    """A file in a collection."""

    path: str = Field(pattern=f"^{_FILE_PATH.pattern}$")
    attributes: Attributes | None = None


class BundledCollection(_Part):
    """A collection. id: as the definitions name it; it gets another one where it is imported."""

    id: str = Field(max_length=100)
    name: str = Field(max_length=256)
    metadata: Metadata
    passage_tokens: int | None = Field(default=None, ge=100, le=400)
    documents: list[BundledDocument] = Field(max_length=MOST_FILES)


class BundledFiles(_Part):
    """files.json: each file once, and the collections that hold them."""

    files: list[BundledFile] = Field(max_length=MOST_FILES)
    collections: list[BundledCollection] = Field(max_length=10)


class BundledVersion(_Part):
    """A version of before. Its files are not told: only those of the exported state are."""

    version: int = Field(ge=1, lt=10**9)
    created_at: int = Field(ge=0, lt=1 << 33)
    note: str = Field(max_length=NOTE_CHARACTERS)
    definition: AssistantFields


def written(part: BaseModel) -> bytes:
    """A part as it stands in the archive: readable, in whatever script."""
    return part.model_dump_json(indent=2).encode()


def without_picture(fields: AssistantFields) -> AssistantFields:
    """The same definition with the pattern: pictures stay where they are from."""
    return fields.model_copy(update={"avatar": None})


def entry_of(path: str, content: bytes) -> Entry:
    """The line of the manifest about a text."""
    digest = hashlib.sha256(content).hexdigest()
    return Entry(path=path, size_bytes=len(content), sha256=digest)


def file_path(number: int, filename: str) -> str:
    """A name that no archive program can be led astray by; the uploader's own is in files.json."""
    ending = _ENDING.search(filename)
    return f"files/{number:05d}{ending[0].lower() if ending else ''}"


def version_path(number: int) -> str:
    """Where a version lies."""
    return f"versions/{number}.json"


def read(kind: type[M], content: bytes, path: str) -> M:
    """A part out of an archive. Raises BundleRefused, naming what is wrong with it."""
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise BundleRefused(f"{path} is not as it should be: {_first(error)}.") from error


def read_definition(content: bytes) -> AssistantFields:
    """The definition out of an archive."""
    try:
        return AssistantFields.model_validate_json(content)
    except ValidationError as error:
        raise BundleRefused(f"{DEFINITION} is not as it should be: {_first(error)}.") from error


def read_manifest(content: bytes, most_bytes: int, file_bytes: int) -> Manifest:
    """The manifest, when all that it announces may come.

    Raises BundleRefused, BundleVersionUnknown, BundleTooLarge.
    """
    try:
        kind = _Kind.model_validate_json(content)
    except ValidationError as error:
        raise BundleRefused("This is no bundle of an assistant.") from error
    if kind.format_version != FORMAT_VERSION:
        raise BundleVersionUnknown(
            f"This bundle has format version {kind.format_version}; this release reads version "
            f"{FORMAT_VERSION}."
        )
    manifest = read(Manifest, content, MANIFEST)
    paths = [entry.path for entry in manifest.entries]
    if len(set(paths)) != len(paths):
        raise BundleRefused("The manifest names an entry twice.")
    if missing := _TEXTS - set(paths):
        raise BundleRefused(f"The manifest lacks {min(missing)}.")
    kinds = [is_file(path) for path in paths]
    if kinds != sorted(kinds):
        raise BundleRefused("The texts of a bundle come before its files.")
    files = [entry.size_bytes for entry in manifest.entries if is_file(entry.path)]
    if sum(files) > most_bytes or max(files, default=0) > file_bytes:
        raise BundleTooLarge("The files of this bundle are larger than this installation takes.")
    if sum(each.size_bytes for each in manifest.entries) - sum(files) > MOST_TEXT_BYTES:
        raise BundleTooLarge("The texts of this bundle are larger than this installation takes.")
    return manifest


def check_files(manifest: Manifest, files: BundledFiles) -> None:
    """Raises BundleRefused unless manifest and files.json speak of the same files, each once."""
    listed = [file.path for file in files.files]
    lying = [entry.path for entry in manifest.entries if is_file(entry.path)]
    if sorted(listed) != sorted(lying):
        raise BundleRefused(f"{FILES} and the manifest do not name the same files.")
    ids = [collection.id for collection in files.collections]
    if len(set(ids)) != len(ids):
        raise BundleRefused(f"{FILES} names a collection twice.")
    for collection in files.collections:
        held = [document.path for document in collection.documents]
        if len(set(held)) != len(held) or not set(held) <= set(listed):
            raise BundleRefused(f"{FILES} puts a file into a collection that it does not have.")


def is_file(path: str) -> bool:
    """Whether an entry is one of the documents."""
    return path.startswith("files/")


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, without any value: those are the sender's own words."""
    found = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part)[:40] for part in found["loc"]) or "the whole"
    return f"{place}: {found['type'].replace('_', ' ')}"
