"""Generated worlds: workspaces, members, groups, objects and grants, as rows and as facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from contracts.accounts import Power
from gateway.accounts.tables import Key, Member, Membership, Workspace
from gateway.assistants.tables import Assistant, AssistantVersion, Link, LinkFollower
from gateway.conversations.tables import Conversation
from gateway.db import Record
from gateway.knowledge.tables import Collection, Document, File
from gateway.policy.rules import Asker, Thing, allowed
from gateway.policy.tables import Grant, Group, GroupMember
from gateway.policy.words import Action, Kind, Verdict, Way

WORKSPACES = ("wsp_0", "wsp_1")
MEMBERS = ("mem_0", "mem_1", "mem_2")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
WAYS = {"use": Way.GRANTED_USE, "edit": Way.GRANTED_EDIT, "download": Way.GRANTED_DOWNLOAD}

ids = st.integers(0, 2)
owners = st.sampled_from(MEMBERS)
homes = st.sampled_from(WORKSPACES)
deleted = st.sampled_from([None, None, None, LONG_AGO])


@dataclass(frozen=True)
class Placed:
    """An object: where, whose, how visible, and whether it still counts."""

    home: str
    owner: str
    visibility: str
    is_published: bool
    deleted_at: datetime | None


@dataclass(frozen=True)
class Lent:
    """A grant on the n-th assistant or collection, to a member or to the n-th group."""

    kind: Kind
    number: int
    to_group: bool
    grantee: int
    powers: frozenset[str]


@dataclass(frozen=True)
class Linked:
    """A link to the n-th assistant, over or not, and the members who followed it."""

    number: int
    is_over: bool
    followers: frozenset[str]


@dataclass(frozen=True)
class World:
    """Everything that decides."""

    powers: dict[tuple[str, str], Power]
    operators: frozenset[str]
    group_homes: tuple[str, ...]
    in_groups: frozenset[tuple[int, str]]
    assistants: tuple[Placed, ...]
    collections: tuple[Placed, ...]
    files: tuple[Placed, ...]
    documents: frozenset[tuple[int, int]]
    grants: tuple[Lent, ...]
    links: tuple[Linked, ...]

    def rows(self) -> Iterator[list[Record]]:
        """The world for a database, in an order that foreign keys allow."""
        yield [
            Member(id=m, email=m, name=m, password_hash="", is_operator=m in self.operators)
            for m in MEMBERS
        ]
        yield [Workspace(id=w, name=w) for w in WORKSPACES]
        yield [
            Membership(member_id=m, workspace_id=w, power=p) for (m, w), p in self.powers.items()
        ]
        yield [Group(id=f"grp_{n}", workspace_id=w, name=f"{n}") for n, w in _all(self.group_homes)]
        yield [GroupMember(group_id=f"grp_{n}", member_id=m) for n, m in self.in_groups]
        yield [_assistant(n, placed) for n, placed in _all(self.assistants)]
        yield [
            AssistantVersion(
                assistant_id=f"ast_{n}", version=1, definition={}, epochs={}, created_by=each.owner
            )
            for n, each in _all(self.assistants)
        ]
        yield [
            Collection(id=f"vs_{n}", name="", attributes={}, visibility=p.visibility, **_at(p))
            for n, p in _all(self.collections)
        ]
        yield [_file(n, placed) for n, placed in _all(self.files)]
        yield [_document(self, f, c) for f, c in self.documents]
        yield [_key(n, placed) for n, placed in _all(self.assistants)]
        yield [_conversation(n, placed) for n, placed in _all(self.assistants)]
        yield list(_grants(self))
        yield [_link(self, n, link) for n, link in _all(self.links)]
        yield [
            LinkFollower(link_id=f"lnk_{n}", member_id=member)
            for n, link in _all(self.links)
            for member in sorted(link.followers)
        ]

    def askers(self) -> Iterator[Asker]:
        """Every member in every workspace they are in, the same with a key of one assistant, and
        as if they were a guest who came by a door."""
        for (member, home), power in self.powers.items():
            groups = {n for n, w in _all(self.group_homes) if w == home}
            asker = Asker(
                member_id=member,
                workspace_id=home,
                power=power,
                is_operator=member in self.operators,
                group_ids=frozenset(
                    f"grp_{n}" for n, m in self.in_groups if m == member and n in groups
                ),
            )
            yield asker
            opened = frozenset({"vs_0", "file-0"})
            yield Asker(**{**vars(asker), "assistant_id": "ast_0", "opened": opened})
            yield Asker(**{**vars(asker), "power": Power.GUEST, "visits": "ast_1"})

    def things(self, kind: Kind, asker: Asker) -> Iterator[Thing]:
        """The objects of a kind with their facts for the asker; what is deleted is none."""
        placed = {
            Kind.COLLECTION: ("vs_", self.collections),
            Kind.FILE: ("file-", self.files),
            Kind.KEY: ("key_", self.assistants),
            Kind.CONVERSATION: ("conv_", self.assistants),
        }
        prefix, objects = placed.get(kind, ("ast_", self.assistants))
        for number, each in _all(objects):
            if kind is Kind.KEY:
                yield self._key(number, each)
            elif each.deleted_at is None:
                yield self._thing(kind, f"{prefix}{number}", number, asker)

    def _thing(self, kind: Kind, object_id: str, number: int, asker: Asker) -> Thing:
        objects = {Kind.COLLECTION: self.collections, Kind.FILE: self.files}
        each = objects.get(kind, self.assistants)[number]
        shows = kind in (Kind.ASSISTANT, Kind.COLLECTION)
        return Thing(
            kind=kind,
            id=object_id,
            workspace_id=each.home,
            owner_ids=frozenset({each.owner}),
            is_open=shows and each.visibility in ("workspace", "public"),
            is_public=kind is Kind.ASSISTANT and each.visibility == "public" and each.is_published,
            is_linked=kind is Kind.ASSISTANT and self._is_linked(number, asker),
            granted=self._granted(kind, number, asker),
        )

    def _is_linked(self, number: int, asker: Asker) -> bool:
        assistant = self.assistants[number]
        if assistant.visibility == "private" or not assistant.is_published:
            return False
        if asker.visits is not None:
            return asker.visits == f"ast_{number}"
        return any(
            link.number == number and not link.is_over and asker.member_id in link.followers
            for link in self.links
        )

    def _key(self, number: int, assistant: Placed) -> Thing:
        # Made by the next member, for the assistant of this number.
        maker = MEMBERS[(MEMBERS.index(assistant.owner) + 1) % len(MEMBERS)]
        owners = frozenset({maker, assistant.owner})
        return Thing(Kind.KEY, f"key_{number}", assistant.home, owners)

    def _granted(self, kind: Kind, number: int, asker: Asker) -> frozenset[Way]:
        if kind is Kind.FILE:
            holding = {c for f, c in self.documents if f == number}
            readable = [
                thing
                for thing in self.things(Kind.COLLECTION, asker)
                if int(thing.id.removeprefix("vs_")) in holding
                and allowed(asker, Action.DOWNLOAD, thing) is Verdict.ALLOWED
            ]
            return frozenset({Way.GRANTED_DOWNLOAD} if readable else ())
        return frozenset(
            WAYS[power]
            for lent in self.grants
            if (lent.kind, lent.number) == (kind, number) and _reaches(lent, asker)
            for power in lent.powers
        )


def _reaches(lent: Lent, asker: Asker) -> bool:
    if lent.to_group:
        return f"grp_{lent.grantee}" in asker.group_ids
    return MEMBERS[lent.grantee] == asker.member_id


def _all(placed: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
    return enumerate(placed)


def _at(placed: Placed) -> dict[str, Any]:
    return {
        "workspace_id": placed.home,
        "owner_id": placed.owner,
        "deleted_at": placed.deleted_at,
    }


def _assistant(number: int, placed: Placed) -> Assistant:
    return Assistant(
        id=f"ast_{number}",
        slug=f"slug-{number}",
        draft={},
        visibility=placed.visibility,
        published_version=1 if placed.is_published else None,
        **_at(placed),
    )


def _link(world: World, number: int, link: Linked) -> Link:
    assistant = world.assistants[link.number]
    return Link(
        id=f"lnk_{number}",
        assistant_id=f"ast_{link.number}",
        workspace_id=assistant.home,
        name="",
        token_hash=f"{number}",
        created_by=assistant.owner,
        expires_at=LONG_AGO if link.is_over else None,
    )


def _file(number: int, placed: Placed) -> File:
    return File(
        id=f"file-{number}",
        filename="",
        media_type="",
        purpose="",
        size_bytes=0,
        sha256="",
        blob_key="",
        **_at(placed),
    )


def _document(world: World, file: int, collection: int) -> Document:
    return Document(
        id=f"doc_{file}_{collection}",
        collection_id=f"vs_{collection}",
        workspace_id=world.collections[collection].home,
        file_id=f"file-{file}",
        attributes={},
    )


def _key(number: int, assistant: Placed) -> Key:
    maker = MEMBERS[(MEMBERS.index(assistant.owner) + 1) % len(MEMBERS)]
    return Key(
        id=f"key_{number}",
        secret_hash=f"{number}",
        prefix="",
        name="",
        scopes=[],
        member_id=maker,
        workspace_id=assistant.home,
        assistant_id=f"ast_{number}",
    )


def _conversation(number: int, assistant: Placed) -> Conversation:
    return Conversation(
        id=f"conv_{number}",
        workspace_id=assistant.home,
        member_id=assistant.owner,
        assistant_id=f"ast_{number}",
        title="",
        deleted_at=assistant.deleted_at,
    )


def _grants(world: World) -> Iterator[Grant]:
    seen = set()
    for number, lent in _all(world.grants):
        place = (lent.kind, lent.number, lent.to_group, lent.grantee)
        if place in seen:
            raise ValueError("two grants to one grantee")
        seen.add(place)
        prefix = "ast_" if lent.kind is Kind.ASSISTANT else "vs_"
        objects = world.assistants if lent.kind is Kind.ASSISTANT else world.collections
        yield Grant(
            id=f"gra_{number}",
            workspace_id=objects[lent.number].home,
            kind=lent.kind.value,
            object_id=f"{prefix}{lent.number}",
            member_id=None if lent.to_group else MEMBERS[lent.grantee],
            group_id=f"grp_{lent.grantee}" if lent.to_group else None,
            powers=sorted(lent.powers),
        )


def _three(visibilities: list[str]) -> st.SearchStrategy[tuple[Placed, ...]]:
    placed = st.builds(Placed, homes, owners, st.sampled_from(visibilities), st.booleans(), deleted)
    return st.tuples(placed, placed, placed)


worlds = st.builds(
    World,
    powers=st.dictionaries(st.tuples(owners, homes), st.sampled_from(Power), min_size=3),
    operators=st.frozensets(owners, max_size=1),
    group_homes=st.tuples(homes, homes, homes),
    in_groups=st.frozensets(st.tuples(ids, owners)),
    assistants=_three(["private", "workspace", "public", "link"]),
    collections=_three(["private", "workspace"]),
    files=_three(["private"]),
    documents=st.frozensets(st.tuples(ids, ids)),
    grants=st.lists(
        st.builds(
            Lent,
            st.sampled_from([Kind.ASSISTANT, Kind.COLLECTION]),
            ids,
            st.booleans(),
            ids,
            st.frozensets(st.sampled_from(sorted(WAYS)), min_size=1),
        ),
        unique_by=lambda lent: (lent.kind, lent.number, lent.to_group, lent.grantee),
        max_size=8,
    ).map(tuple),
    links=st.lists(st.builds(Linked, ids, st.booleans(), st.frozensets(owners)), max_size=3).map(
        tuple
    ),
)
