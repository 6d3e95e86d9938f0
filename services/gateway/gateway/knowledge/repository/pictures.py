"""Pictures of pages, by the version they belong to."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select

from gateway.db import Transaction
from gateway.knowledge.tables import PagePicture


class PictureRepository:
    """Pictures inside one transaction. Whoever asks has the version already."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, pictures: Iterable[PagePicture]) -> None:
        """Make them part of this transaction."""
        self._tx.add_all(pictures)

    async def find(self, version_id: str, number: int) -> PagePicture | None:
        """The picture of a page."""
        return await self._tx.get(PagePicture, (version_id, number))

    async def of_pages(self, version_id: str, numbers: Sequence[int]) -> Sequence[PagePicture]:
        """The pictures of these pages, in their order."""
        query = select(PagePicture).where(
            PagePicture.document_version_id == version_id, PagePicture.number.in_(numbers)
        )
        return (await self._tx.scalars(query.order_by(PagePicture.number))).all()

    async def beside(self, version_id: str, first: int, last: int) -> tuple[int | None, int | None]:
        """The nearest pages with a picture before and after these."""
        numbers = select(PagePicture.number).where(PagePicture.document_version_id == version_id)
        before = numbers.where(PagePicture.number < first).order_by(PagePicture.number.desc())
        after = numbers.where(PagePicture.number > last).order_by(PagePicture.number)
        return await self._tx.scalar(before.limit(1)), await self._tx.scalar(after.limit(1))

    async def take_out(self, version_id: str, numbers: Sequence[int] | None = None) -> list[str]:
        """Forget pictures of a version (None: all). The keys of their blobs, which nobody needs."""
        query = delete(PagePicture).where(PagePicture.document_version_id == version_id)
        if numbers is not None:
            query = query.where(PagePicture.number.in_(numbers))
        return list(await self._tx.scalars(query.returning(PagePicture.blob_key)))
