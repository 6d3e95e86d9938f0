"""Parsing in a child process that may crash, hang or eat memory without harm to anyone else."""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from contracts.avatars import AvatarProblem, AvatarReport, is_avatar
from ingest.errors import FileRefused, InvalidFile, UnsupportedFile
from ingest.parsing.child import ORDER_FILE, DrawOrder, ParseAnswer, ParseOrder
from ingest.parsing.confinement import SIGNALLED, JailLimits
from ingest.parsing.drawn import DrawnPage, PictureLimits, read_pages
from ingest.parsing.parsed import Parsed

log = logging.getLogger(__name__)

_SPACY_FOLDER = "en_core_web_sm"  # under this name spaCy looks for it in the working directory
_POLL_SECONDS = 0.2
_DRAWING_CHILDREN = 4
_AVATAR_SECONDS = 30
_MOST_REPORT_BYTES = 1 << 20
_MEMORY_SIGNALS = (signal.SIGKILL,)
_TIME_SIGNALS = (signal.SIGXCPU,)


class Jail:
    """Reads one file at a time. `beat` is called while waiting, so that a lease stays alive."""

    def __init__(
        self,
        limits: JailLimits,
        *,
        spacy_folder: Path | None = None,
        scratch: Path | None = None,
        parser: str = "ingest.parsing.formats",
        artist: str = "ingest.parsing.drawing",
        portraitist: str = "ingest.parsing.avatar",
    ) -> None:
        self._limits = limits
        self._spacy_folder = spacy_folder
        self._scratch = scratch
        self._parser = parser
        self._artist = artist
        self._portraitist = portraitist

    def parse(self, source: Path, filename: str, beat: Callable[[], None] = lambda: None) -> Parsed:
        """The file as text. Raises InvalidFile or UnsupportedFile with the reason."""
        with (
            tempfile.TemporaryDirectory(prefix="stoa-parse-", dir=self._scratch) as folder,
            tempfile.TemporaryFile(dir=self._scratch) as result,
        ):
            self._prepare(Path(folder), self._order(source, filename, result))
            ending = self._run(Path(folder), result, beat)
            return self._outcome(ending, result)

    def draw(
        self, source: Path, limits: PictureLimits, beat: Callable[[], None] = lambda: None
    ) -> Iterator[DrawnPage]:
        """The pages of a PDF, drawn as far as the limits reach.

        A page that ends the child costs nothing but its own picture: the next child begins after
        it, up to a few times.
        """
        first = 1
        for _ in range(_DRAWING_CHILDREN):
            with tempfile.TemporaryFile(dir=self._scratch) as result:
                ending = self._draw_from(first, source, limits, result, beat)
                result.seek(0)
                for page in read_pages(result):
                    first = page.facts.number + 1
                    yield page
            if ending == 0:
                return
            log.warning("page %d could not be drawn: its child ended with %s", first, ending)
            first += 1

    def avatar(self, source: Path, beat: Callable[[], None] = lambda: None) -> AvatarReport:
        """A small picture made of an upload. What the child says is believed as far as it looks
        like one; whatever ends it is the upload's fault."""
        with (
            tempfile.TemporaryDirectory(prefix="stoa-avatar-", dir=self._scratch) as folder,
            tempfile.TemporaryFile(dir=self._scratch) as result,
        ):
            limits = self._limits.model_copy(update={"cpu_seconds": _AVATAR_SECONDS})
            changes = {"avatar": self._portraitist, "limits": limits}
            order = self._order(source, "", result).model_copy(update=changes)
            self._prepare(Path(folder), order)
            ending = self._run(Path(folder), result, beat, _AVATAR_SECONDS)
            result.seek(0)
            return _believed(ending, result.read(_MOST_REPORT_BYTES))

    def _draw_from(
        self,
        first: int,
        source: Path,
        limits: PictureLimits,
        result: IO[bytes],
        beat: Callable[[], None],
    ) -> int | None:
        with tempfile.TemporaryDirectory(prefix="stoa-draw-", dir=self._scratch) as folder:
            drawing = DrawOrder(artist=self._artist, first_page=first, limits=limits)
            order = self._order(source, "", result).model_copy(update={"drawing": drawing})
            self._prepare(Path(folder), order)
            return self._run(Path(folder), result, beat)

    def _order(self, source: Path, filename: str, result: IO[bytes]) -> ParseOrder:
        return ParseOrder(
            parser=self._parser,
            source=str(source.absolute()),
            filename=filename,
            parent=os.getpid(),
            result_descriptor=result.fileno(),
            limits=self._limits,
        )

    def _prepare(self, folder: Path, order: ParseOrder) -> None:
        (folder / ORDER_FILE).write_text(order.model_dump_json())
        if self._spacy_folder is not None:
            (folder / _SPACY_FOLDER).symlink_to(self._spacy_folder.absolute())

    def _run(
        self,
        folder: Path,
        result: IO[bytes],
        beat: Callable[[], None],
        seconds: float | None = None,
    ) -> int | None:
        """The child's exit code, None when it was killed for taking too long. seconds: how long it
        may take; None: as long as a document."""
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "ingest.parsing.child"],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # libraries quote the document there
            pass_fds=(result.fileno(),),
            start_new_session=True,
        )
        try:
            return _wait(child, seconds or self._limits.wall_seconds, beat)
        finally:
            # Also when `beat` found the lease lost. The leader is not reaped yet or never had
            # heirs with its number, so the group is still its own.
            if child.returncode is None:
                _kill_group(child)

    def _outcome(self, ending: int | None, result: IO[bytes]) -> Parsed:
        if ending is None:
            raise InvalidFile(self._too_slow())
        if ending != 0:
            raise InvalidFile(self._crash(ending))
        result.seek(0)
        try:
            answer = ParseAnswer.model_validate_json(result.read())
        except ValidationError as error:
            raise InvalidFile(self._crash(ending)) from error
        if not answer.network_closed:
            log.warning("the kernel refused namespaces: parsing runs with the network open")
        if answer.bug is not None:
            log.warning("a parser failed: %s", answer.bug)
        if answer.parsed is None:
            raise _refusal(answer)
        return answer.parsed

    def _crash(self, ending: int) -> str:
        number = -ending if ending < 0 else ending - SIGNALLED
        log.warning("a parser ended with %s", ending)
        if number in _TIME_SIGNALS:
            return self._too_slow()
        if number in _MEMORY_SIGNALS:
            return "Reading the file was stopped: it needed too much time or memory."
        return "The file made its reader crash; it may be damaged."

    def _too_slow(self) -> str:
        return f"Reading the file took longer than {self._limits.wall_seconds:g} seconds."


def _believed(ending: int | None, said: bytes) -> AvatarReport:
    if ending is None:
        return AvatarReport(problem=AvatarProblem.TOOK_TOO_LONG)
    try:
        report = AvatarReport.model_validate_json(said)
    except ValidationError:
        log.warning("an upload ended the child that read it: %s", ending)
        return AvatarReport(problem=AvatarProblem.DAMAGED)
    if report.content is not None and not is_avatar(report.content):
        return AvatarReport(problem=AvatarProblem.DAMAGED)
    return report


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: no address, no secret, and a home that is gone afterwards."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if Path(path).is_absolute()),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "DO_NOT_TRACK": "1",
        "UNSTRUCTURED_DISABLE_NOTICE": "1",
        "OMP_NUM_THREADS": "1",  # each thread reserves address space
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


def _wait(child: subprocess.Popen[bytes], seconds: float, beat: Callable[[], None]) -> int | None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            return child.wait(min(_POLL_SECONDS, left))
        except subprocess.TimeoutExpired:
            beat()
    return None


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _refusal(answer: ParseAnswer) -> FileRefused:
    kind = UnsupportedFile if answer.code == "unsupported_file" else InvalidFile
    return kind(answer.reason or "The file could not be read.")
