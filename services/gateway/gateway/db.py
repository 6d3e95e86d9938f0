"""PostgreSQL: one engine, transactions in sight, and the record every table starts from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, DateTime, MetaData, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import QueuePool

Transaction = AsyncSession


class Record(DeclarativeBase):
    """A table. Names of constraints follow one pattern, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: DateTime(timezone=True),
        str: Text(),
        int: BigInteger(),
    }


class Identified:
    """A prefixed, time-sorted id and the moment of making."""

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Database:
    """Opens transactions. A service closes its own before it streams or calls another process."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=5,
            pool_timeout=10,
            pool_pre_ping=True,
            hide_parameters=True,  # they are what people wrote, and errors are logged
            connect_args={
                "server_settings": {
                    "application_name": "stoa-gateway",
                    "statement_timeout": "30000",
                    "lock_timeout": "5000",
                    "idle_in_transaction_session_timeout": "60000",
                }
            },
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Everything inside commits together, or nothing does."""
        async with self._sessions.begin() as tx:
            yield tx

    async def check(self) -> None:
        """Raise when the database does not answer."""
        async with self.transaction() as tx:
            await tx.execute(select(1))

    def connections(self) -> tuple[int, int]:
        """How many connections are used, and how many wait to be."""
        pool = self._engine.pool
        if not isinstance(pool, QueuePool):
            return (0, 0)
        return (pool.checkedout(), pool.checkedin())

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
