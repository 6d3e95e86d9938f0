"""Who used a listing, what they gave it, and what was counted of both."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Identified, Record


class ListingPerson(Record):
    """A member who got an answer of a published assistant in a conversation; not its builders.

    workspace_id, builder_id: where they were and whose it was when they first did.
    """

    __tablename__ = "listing_people"
    __table_args__ = (
        Index("ix_listing_people_assistant_id_last_used_at", "assistant_id", "last_used_at"),
        Index("ix_listing_people_member_id_builder_id", "member_id", "builder_id"),
    )

    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    builder_id: Mapped[str]
    first_used_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    conversations: Mapped[int]
    answers: Mapped[int]


class Rating(Identified, Record):
    """Stars and perhaps a review, one for each who used the listing."""

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("assistant_id", "member_id"),
        # Only who used it rates it, and what is erased of the one is erased of the other.
        ForeignKeyConstraint(
            ["assistant_id", "member_id"],
            ["listing_people.assistant_id", "listing_people.member_id"],
            name="fk_ratings_assistant_id",
            ondelete="CASCADE",
        ),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        Index("ix_ratings_reviewed", "assistant_id", "id", postgresql_where="review <> ''"),
    )

    assistant_id: Mapped[str]
    member_id: Mapped[str] = mapped_column(index=True)
    stars: Mapped[int]
    review: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ListingScore(Record):
    """What is counted of a listing, and the weights it is ranked by.

    listed_at: since when it stands in the store. stars: how many gave one, two … five.
    weighed_*, recent_people, former_people: docs/ranking.md. price_*: the median of what its
    answers cost, in pico-units; None while too few were given. counted_at: None: count it again.
    changed_at: when a count last came out otherwise.
    """

    __tablename__ = "listing_scores"

    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), primary_key=True)
    listed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    people: Mapped[int] = mapped_column(server_default=text("0"))
    conversations: Mapped[int] = mapped_column(server_default=text("0"))
    answers: Mapped[int] = mapped_column(server_default=text("0"))
    stars: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), server_default=text("'{0,0,0,0,0}'")
    )
    weighed_people: Mapped[float] = mapped_column(Float, server_default=text("0"))
    weighed_votes: Mapped[float] = mapped_column(Float, server_default=text("0"))
    weighed_stars: Mapped[float] = mapped_column(Float, server_default=text("0"))
    recent_people: Mapped[float] = mapped_column(Float, server_default=text("0"))
    former_people: Mapped[float] = mapped_column(Float, server_default=text("0"))
    price_currency: Mapped[str | None]
    price_pico: Mapped[int | None] = mapped_column(Numeric(38, 0))
    similar_to: Mapped[str | None] = mapped_column(ForeignKey("assistants.id"), index=True)
    counted_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ListingPrint(Record):
    """What of a published version tells copies apart: numbers made of its instructions, and the
    hashes of files it reads. since: when it became what it is; the elder of two is the original."""

    __tablename__ = "listing_prints"
    __table_args__ = (Index("ix_listing_prints_bands", "bands", postgresql_using="gin"),)

    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), primary_key=True)
    version: Mapped[int]
    sketch: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    bands: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    is_short: Mapped[bool]
    files: Mapped[list[str]] = mapped_column(ARRAY(Text))
    since: Mapped[datetime]


class ListingMeaning(Record):
    """A listing that stands, or may stand, in the index of meanings under the assistant's id. The
    row comes before the vector and goes after it, and outlives the assistant for that.

    version: the published one that was last looked at. digest: of the text that the index holds;
    empty: not known to be there. shelf: the script it is found by; None: it is not indexed.
    claimed_at: since when a gateway is at it. looked_at: when the index was last seen to hold it.
    """

    __tablename__ = "listing_meanings"

    assistant_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(default="")
    shelf: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None] = mapped_column(index=True)
