"""`python -m retrieval.restore_index FILE`: put a copy of the index back, while retrieval is down.

Only an index that is not there, or holds nothing, is replaced. Whatever the copy lacks, or holds
too much, the worker puts right afterwards.
"""

import shutil
import sys
import tarfile
import zlib
from pathlib import Path

from pydantic import ValidationError

from retrieval.adapters.edge_folder import count_points
from retrieval.ports import IndexUnavailable
from retrieval.settings import Settings

ARRIVING = "arriving"


class NotPutBack(Exception):
    """The copy was not put back; the message is one sentence about why."""


def put_back(file: Path, index: Path) -> None:
    """Unpack the copy into the index folder. Raises NotPutBack, having changed nothing."""
    index.mkdir(parents=True, exist_ok=True, mode=0o700)
    _check_empty(index)
    arriving = index / ARRIVING
    shutil.rmtree(arriving, ignore_errors=True)
    try:
        with tarfile.open(file) as copy:
            _unpack(copy, arriving)
        for shard in arriving.iterdir():
            target = index / shard.name
            shutil.rmtree(target, ignore_errors=True)  # empty, as was checked
            shard.rename(target)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise NotPutBack(f"the copy cannot be unpacked ({error})") from error
    finally:
        shutil.rmtree(arriving, ignore_errors=True)


def _unpack(copy: tarfile.TarFile, target: Path) -> None:
    # By hand: Debian 12's Python 3.11.2 has no `filter=` that keeps members inside the folder.
    for member in copy:
        place = (target / member.name).resolve()
        if not place.is_relative_to(target.resolve()):
            raise tarfile.TarError(f"{member.name} points outside")
        if member.isdir():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif (content := copy.extractfile(member)) is not None:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with place.open("wb") as file:
                shutil.copyfileobj(content, file)


def _check_empty(index: Path) -> None:
    for shard in index.iterdir():
        if not shard.is_dir() or shard.name == ARRIVING:
            continue
        try:
            held = count_points(shard)
        except IndexUnavailable as error:
            raise NotPutBack("the index is in use or damaged; stop Stoa first") from error
        if held:
            raise NotPutBack(f"the index holds {held} passages already")


def main() -> int:
    """Put back, or say in one sentence why not."""
    if len(sys.argv) != 2:
        sys.stderr.write("Usage: python -m retrieval.restore_index FILE\n")
        return 2
    try:
        settings = Settings()
        if settings.qdrant_url is not None:
            raise NotPutBack("the vectors are in a Qdrant server")
        put_back(Path(sys.argv[1]), settings.index_path)
    except ValidationError as error:
        sys.stderr.write(f"retrieval.restore_index: {error.errors()[0]['msg']}.\n")
        return 2
    except NotPutBack as reason:
        sys.stderr.write(f"The vectors were not copied: {reason}.\n")
        return 1
    sys.stdout.write("The vectors are in place.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
