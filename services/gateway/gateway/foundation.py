"""What every feature of the gateway stands on."""

from dataclasses import dataclass

from gateway.blobs import Blobs
from gateway.clock import Clock
from gateway.db import Database
from gateway.outbox.service import Bell
from gateway.settings import Settings


@dataclass(frozen=True)
class Foundation:
    """What every feature stands on."""

    settings: Settings
    database: Database
    blobs: Blobs
    bell: Bell
    clock: Clock
