"""`python -m gateway.restore FOLDER`: a backup brought back into an empty installation."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError

from contracts.errors import StoreError
from gateway.backups.errors import BackupFailed, NotABackup, NotRestorable
from gateway.backups.restoring import BackupRestorer, Restored
from gateway.database_address import why_unreachable
from gateway.migrate import NotMigrated
from gateway.settings import Settings
from gateway.starting import settings_or_exit
from gateway.wiring import blobs_of

PROGRAM = "gateway.restore"


async def restore_backup(settings: Settings, folder: Path) -> Restored:
    """The backup, in this installation."""
    restorer = BackupRestorer(
        settings.database_url.get_secret_value(),
        blobs_of(settings),
        settings.postgres_tools,
        settings.migration,
    )
    return await restorer.restore(folder)


def main() -> int:
    """Restore, or say in one sentence why not."""
    if len(sys.argv) != 2:
        return _refused("say from which folder: python -m gateway.restore FOLDER", 2)
    settings = settings_or_exit(PROGRAM)
    began = time.monotonic()
    try:
        restored = asyncio.run(restore_backup(settings, Path(sys.argv[1])))
    except (NotABackup, NotRestorable, NotMigrated, BackupFailed) as reason:
        return _refused(str(reason))
    except StoreError as error:
        return _refused(error.message.rstrip("."))
    except (SQLAlchemyError, PostgresError) as error:
        return _refused(why_unreachable(settings.database_url.get_secret_value(), error))
    except OSError as error:
        return _refused(error.strerror or str(error))
    _tell(restored, time.monotonic() - began)
    return 0


def _tell(restored: Restored, seconds: float) -> None:
    manifest = restored.manifest
    made = datetime.fromtimestamp(manifest.made_at, UTC)
    members, files, calls = (
        manifest.tables.get(name, 0) for name in ("members", "files", "ledger")
    )
    sys.stdout.write(
        f"Restored the backup of {made:%Y-%m-%d %H:%M:%S} UTC in {seconds:.1f} s:"
        f" {members} members, {files} files, {calls} rows of the ledger; all verified.\n"
        f"Once Stoa runs, the worker checks {restored.to_be_indexed} documents against the index"
        " and embeds again what is missing there.\n"
    )


def _refused(reason: str, code: int = 1) -> int:
    sys.stderr.write(f"Nothing was restored: {reason}.\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
