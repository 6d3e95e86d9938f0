"""The store of the stand-in gateway: its public assistants, and what people say of them."""

from typing import Any

from fastapi import APIRouter, Request

from contracts.accounts import MemberView
from contracts.assistants import AssistantView, Visibility
from contracts.catalog import (
    AnswerPrice,
    Builder,
    BuilderView,
    Categories,
    CategoryCount,
    ListedKnowledge,
    ListedVersion,
    Listing,
    ListingCard,
    ListingChoices,
    ListingChoicesView,
    ListingCopied,
    ListingLink,
    ListingSort,
    RatingDeleted,
    RatingView,
    RatingWrite,
    Review,
    Shelf,
    Shelves,
    StarCount,
    TokensPrice,
)
from contracts.errors import ErrorKind
from contracts.lists import Page
from tests.support.gateway_standin import Refused, Standin, not_found, now

HANDLE = "bld_0123456789abcdef0123"
TAG = "walks"
"""Of those that have none: a listing's page shows what there is."""
BUILDER = Builder(handle=HANDLE, name="Olivia")


def store_app() -> APIRouter:
    router = APIRouter(prefix="/v1/catalog")
    router.add_api_route("/listings", listings)
    router.add_api_route("/listings/{slug}", listing)
    router.add_api_route("/listings/{slug}/reviews", reviews)
    router.add_api_route("/listings/{slug}/rating", rate, methods=["PUT"])
    router.add_api_route("/listings/{slug}/rating", take_back, methods=["DELETE"])
    router.add_api_route("/listings/{original}/copy", copy, methods=["POST"])
    router.add_api_route("/shelves", shelves)
    router.add_api_route("/categories", categories)
    router.add_api_route("/builders/{handle}", builder)
    return router


def choices_app() -> APIRouter:
    router = APIRouter(prefix="/v1/assistants/{assistant_id}/listing")
    router.add_api_route("", choices)
    router.add_api_route("", choose, methods=["PUT"])
    return router


async def choices(request: Request, assistant_id: str) -> ListingChoicesView:
    state, _ = signed_in(request)
    if assistant_id not in state.assistants:
        raise not_found("assistant")
    chosen = state.choices.get(assistant_id, ListingChoices())
    elder = state.originals.get(assistant_id)
    return ListingChoicesView(
        assistant_id=assistant_id,
        made_from=None if elder is None else ListingLink(slug=elder, name="Elder"),
        **chosen.model_dump(),
    )


async def choose(request: Request, assistant_id: str, body: ListingChoices) -> ListingChoicesView:
    state, _ = signed_in(request)
    state.choices[assistant_id] = body
    return await choices(request, assistant_id)


async def shelves(request: Request, limit: int = 6) -> Shelves:
    state, _ = signed_in(request)
    cards = [_card(state, one) for one in _public(state)][:limit]
    orders = (ListingSort.TRENDING, ListingSort.NEW, ListingSort.TOP)
    found = [Shelf(sort=sort, listings=cards) for sort in orders]
    for category in sorted({each.category for each in cards if each.category}):
        there = [each for each in cards if each.category == category]
        found.append(Shelf(sort=ListingSort.TOP, category=category, listings=there))
    return Shelves(data=found, categories=await categories(request))


async def copy(request: Request, original: str) -> ListingCopied:
    state, _ = signed_in(request)
    found = public_one(state, original)
    if not state.choices.get(found.id, ListingChoices()).may_be_copied:
        raise Refused(ErrorKind.FORBIDDEN, "not_to_be_copied", "No copies.")
    made = found.model_copy(
        update={
            "id": f"{found.id}copy",
            "slug": f"{found.slug}-copy",
            "visibility": Visibility.PRIVATE,
            "published_version": None,
        }
    )
    state.assistants[made.id] = made
    return ListingCopied(assistant_id=made.id, left_out=1)


async def listings(
    request: Request,
    query: str = "",
    category: str = "",
    tag: str = "",
    limit: int = 20,
    after: str = "",
) -> Page[ListingCard]:
    state, _ = signed_in(request)
    fitting = [
        one
        for one in _public(state)
        if all(word.lower() in one.name.lower() for word in query.split())
        and (not category or one.category == category)
        and (not tag or tag in one.tags)
    ]
    begin = int(after) + 1 if after else 0
    cards = [_card(state, one) for one in fitting[begin : begin + limit]]
    last = begin + len(cards) - 1
    return Page(data=cards, last_id=str(last), has_more=last + 1 < len(fitting))


async def listing(request: Request, slug: str) -> Listing:
    state, member = signed_in(request)
    found = public_one(state, slug)
    ratings = state.ratings.get(found.id, {})
    chosen = state.choices.get(found.id, ListingChoices())
    elder = state.originals.get(found.id)
    others = [_card(state, one) for one in _public(state) if one.id != found.id]
    counts = [sum(each.stars == stars for each in ratings.values()) for stars in range(1, 6)]
    return Listing(
        **dict(_card(state, found)),
        starters=found.starters,
        asks_first=bool(found.variables),
        conversations=2,
        answers=3,
        distribution=[StarCount(stars=n, count=counts[n - 1]) for n in range(5, 0, -1)],
        model="qwen2.5-coder-0.5b-instruct",
        price=AnswerPrice(amount="0.0012", currency="USD"),
        tokens_price=TokensPrice(input="0.0001", output="0.0002", currency="USD"),
        knowledge=ListedKnowledge(
            documents=2,
            pages=31,
            passages=90,
            names=["walks.pdf"] if chosen.names_documents else None,
        ),
        instructions=found.instructions if chosen.shows_instructions else None,
        may_be_copied=chosen.may_be_copied,
        made_from=None if elder is None else ListingLink(slug=elder, name="Elder"),
        versions=[ListedVersion(version=number, created_at=now()) for number in (2, 1)],
        may_rate=any(each.assistant_id == found.id for each in state.conversations.values()),
        own_rating=ratings.get(member.name),
        more=others[:4],
    )


async def reviews(request: Request, slug: str, limit: int = 20, after: str = "") -> Page[Review]:
    state, _ = signed_in(request)
    ratings = state.ratings.get(public_one(state, slug).id, {})
    written = [
        Review(id=f"rtg_{number}", name=name, **each.model_dump(exclude={"object"}))
        for number, (name, each) in enumerate(ratings.items())
        if each.review
    ]
    ids = [each.id for each in written]
    rest = written[ids.index(after) + 1 :] if after in ids else written
    last = rest[:limit][-1].id if rest else None
    return Page(data=rest[:limit], last_id=last, has_more=len(rest) > limit)


async def rate(request: Request, slug: str, body: RatingWrite) -> RatingView:
    state, member = signed_in(request)
    found = public_one(state, slug)
    if not any(each.assistant_id == found.id for each in state.conversations.values()):
        raise Refused(ErrorKind.FORBIDDEN, "not_used_yet", "Talk to it first.")
    said = RatingView(**body.model_dump(), created_at=now(), changed_at=now())
    state.ratings.setdefault(found.id, {})[member.name] = said
    return said


async def take_back(request: Request, slug: str) -> RatingDeleted:
    state, member = signed_in(request)
    state.ratings.get(public_one(state, slug).id, {}).pop(member.name, None)
    return RatingDeleted(slug=slug)


async def categories(request: Request) -> Categories:
    state, _ = signed_in(request)
    public = _public(state)
    kinds = sorted({one.category for one in public if one.category})
    counts = [
        CategoryCount(category=kind, listings=sum(one.category == kind for one in public))
        for kind in kinds
    ]
    return Categories(data=counts, listings=len(public))


async def builder(request: Request, handle: str) -> BuilderView:
    state, _ = signed_in(request)
    found = [_card(state, one) for one in _public(state)]
    if handle != HANDLE or not found:
        raise not_found("builder")
    return BuilderView(handle=handle, name=BUILDER.name, listings=found)


def _public(state: Standin) -> list[AssistantView]:
    return [
        one
        for one in state.assistants.values()
        if one.visibility is Visibility.PUBLIC
        and one.published_version is not None
        and one.taken_down_at is None
    ]


def public_one(state: Standin, slug: str) -> AssistantView:
    for one in _public(state):
        if one.slug == slug:
            return one
    raise not_found("listing")


def card_of(state: Standin, slug: str) -> ListingCard:
    """A public assistant in a list."""
    return _card(state, public_one(state, slug))


def _card(state: Standin, one: AssistantView) -> ListingCard:
    stars = [each.stars for each in state.ratings.get(one.id, {}).values()]
    original = state.originals.get(one.id)
    return ListingCard(
        assistant_id=one.id,
        slug=one.slug,
        name=one.name,
        description=one.description,
        category=one.category,
        tags=one.tags or [TAG],
        builder=BUILDER,
        rating=round(sum(stars) / len(stars), 2) if stars else None,
        rating_count=len(stars),
        people=1,
        published_at=now(),
        similar_to=None if original is None else ListingLink(slug=original, name="Elder"),
    )


def signed_in(request: Request) -> tuple[Standin, MemberView]:
    state: Any = request.app.state.standin
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in state.sessions:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    return state, state.sessions[token]
