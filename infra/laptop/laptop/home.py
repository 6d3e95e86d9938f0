"""Makes the folder of an installation and refuses what would break later, in one sentence."""

import errno
import shutil
import socket
from collections.abc import Iterable

from laptop.errors import HomeUnusable, PortTaken
from laptop.places import Place
from laptop.private_files import private_folder

FREE_BYTES_NEEDED = 300_000_000  # a fresh PostgreSQL, its log of changes, and our logs


def make_home(place: Place) -> None:
    """The folders, private, writable, and with room left."""
    try:
        for folder in place.folders():
            private_folder(folder)
        probe = place.home / "run" / "can-write"
        probe.write_text("yes")
        probe.unlink()
    except OSError as problem:
        raise unusable(place, problem) from None
    free_bytes = shutil.disk_usage(place.home).free
    if free_bytes < FREE_BYTES_NEEDED:
        raise HomeUnusable(
            f"The disk is nearly full: Stoa needs {FREE_BYTES_NEEDED // 10**6} MB in {place.home},"
            f" but only {free_bytes // 10**6} MB are free."
        )


def unusable(place: Place, problem: OSError) -> HomeUnusable:
    """What went wrong with the files, and the setting that moves them."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return HomeUnusable(f"The disk is full: Stoa cannot write to {place.home}.")
    reason = problem.strerror or str(problem)
    return HomeUnusable(
        f"Stoa cannot keep its files in {place.home} ({reason}): set STOA_HOME to another folder."
    )


def check_ports(place: Place, names: Iterable[str]) -> None:
    """Refuse before anything starts when a port is taken."""
    for name in names:
        port = place.port(name)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise PortTaken(
                    f"Port {port}, which {name} needs, is taken: stop what listens there,"
                    " or set STOA_PORT_OFFSET to shift all of Stoa's ports."
                ) from None
