"""Groups of members, and grants on assistants and collections."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from gateway.db import Identified, Record


class Group(Identified, Record):
    """Members of a workspace whom something can be shared with together."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    name: Mapped[str]


class GroupMember(Record):
    """A member in a group."""

    __tablename__ = "group_members"

    group_id: Mapped[str] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[str] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Grant(Identified, Record):
    """What one member or one group may do with one object.

    kind: policy.words.Kind, assistant or collection. powers: contracts.sharing.GrantPower.
    """

    __tablename__ = "grants"
    __table_args__ = (
        UniqueConstraint(
            "kind", "object_id", "member_id", "group_id", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("(member_id IS NULL) <> (group_id IS NULL)", name="one_grantee"),
    )

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    kind: Mapped[str]
    object_id: Mapped[str]
    member_id: Mapped[str | None] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), index=True
    )
    group_id: Mapped[str | None] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), index=True
    )
    powers: Mapped[list[str]] = mapped_column(ARRAY(Text))
