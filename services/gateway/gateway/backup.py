"""`python -m gateway.backup FOLDER`: a backup of this installation, taken while it runs.

Ends with 0 when all is well, and with 3 when the backup is there but rows were found whose bytes
the blob store has lost.
"""

import asyncio
import os
import sys
import time
from functools import partial
from pathlib import Path

from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError

from contracts.clients import retrieval
from contracts.clients.jobs import SERVICE
from contracts.clients.retrieval import RetrievalClient
from gateway.backups.errors import BackupFailed
from gateway.backups.manifest import Manifest
from gateway.backups.taking import BackupTaker
from gateway.database_address import why_unreachable
from gateway.outside import reach_retrieval
from gateway.settings import Settings
from gateway.starting import settings_or_exit
from gateway.wiring import blobs_of
from runtime.service_auth import ServiceTokens

PROGRAM = "gateway.backup"
SOMETHING_LOST = 3


async def take_backup(settings: Settings, target: Path) -> tuple[Path, Manifest]:
    """A new backup in `target`."""
    tokens = ServiceTokens(settings.shared.service_key(), SERVICE)
    async with reach_retrieval(settings) as http:
        client = RetrievalClient(http, partial(tokens.sign, retrieval.SERVICE))
        taker = BackupTaker(
            settings.database_url.get_secret_value(),
            blobs_of(settings),
            client.copy_index,
            settings.postgres_tools,
        )
        return await taker.take(target)


def main() -> int:
    """Take a backup, or say in one sentence why there is none."""
    if len(sys.argv) != 2:
        return _refused("say into which folder: python -m gateway.backup FOLDER", 2)
    settings = settings_or_exit(PROGRAM)
    os.umask(0o077)  # all of it is for its owner alone
    began = time.monotonic()
    try:
        folder, manifest = asyncio.run(take_backup(settings, Path(sys.argv[1]).resolve()))
    except BackupFailed as reason:
        return _refused(str(reason))
    except (SQLAlchemyError, PostgresError) as error:
        return _refused(why_unreachable(settings.database_url.get_secret_value(), error))
    except OSError as error:
        return _refused(error.strerror or str(error))
    _tell(folder, manifest, time.monotonic() - began)
    return SOMETHING_LOST if manifest.lost_blobs else 0


def _tell(folder: Path, manifest: Manifest, seconds: float) -> None:
    blobs = sum(1 for name in manifest.files if name.startswith("blobs/"))
    rows = sum(manifest.tables.values())
    sys.stdout.write(
        f"{folder}\n"
        f"  {manifest.size_bytes / 1e6:.1f} MB in {seconds:.1f} s: {rows} rows, {blobs} blobs,"
        f" vectors {manifest.vectors}\n"
    )
    if manifest.lost_blobs:
        named = ", ".join(manifest.lost_blobs[:5])
        sys.stderr.write(
            f"{len(manifest.lost_blobs)} files or texts are lost or damaged in the blob store"
            f" itself, and so in this backup: {named}.\n"
        )


def _refused(reason: str, code: int = 1) -> int:
    sys.stderr.write(f"There is no backup: {reason}.\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
