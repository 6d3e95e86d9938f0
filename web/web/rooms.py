"""Where conversations are shown: the members' own chat, or the room of one assistant for guests.

Templates and routes of the chat write their addresses with what stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request

from contracts.doors import DoorKind, DoorView
from contracts.errors import ErrorKind, StoreError
from web.targets import target_of


class VisitOver(StoreError):
    """There is no such visit, or not any more: to a guest all of these look alike."""

    kind = ErrorKind.NOT_FOUND
    code = "visit_over"

    def __init__(self) -> None:
        super().__init__("This is not open any more.")


@dataclass(frozen=True)
class Room:
    """base: what addresses of turns and messages begin with; talks: those of conversations.

    Of a guest's room only: door, its name as its holder knows it, where the picture lies (without
    a picture nothing), and how many answers are left today, as soon as there is a visit.
    """

    base: str = "/chat"
    talks: str = "/chat"
    layout: str = "layouts/page.html"
    door: DoorView | None = None
    name: str = ""
    picture: str = ""
    answers_left: int | None = None

    @property
    def look(self) -> str:
        """Classes of the page's body."""
        if self.door is None:
            return ""
        accent = f" accent-{self.door.accent.value}" if self.door.accent else ""
        return f"room{' framed' if self.is_framed else ''}{accent}"

    @property
    def is_framed(self) -> bool:
        """Shown in pages of other web sites."""
        return self.door is not None and self.door.kind is DoorKind.WIDGET

    @property
    def is_used_up(self) -> bool:
        """Nothing more can be asked today."""
        return self.answers_left == 0


CHAT = Room()
"""The members' own."""


def room_behind(door: DoorView, name: str, at: str, answers_left: int | None = None) -> Room:
    """The room of a door. at: the address that is open now, under which its picture lies too."""
    base = f"/with/{door.slug}"
    return Room(
        base=base,
        talks=f"{base}/c",
        layout="layouts/room.html",
        door=door,
        name=name,
        picture=f"{at}/picture?v={door.avatar}" if door.avatar else "",
        answers_left=answers_left,
    )


def room_of(request: Request) -> Room:
    """In which room a request is answered."""
    found: Room = getattr(request.state, "room", CHAT)
    return found


def enter(request: Request, room: Room) -> None:
    """From now on everything of this request is shown in that room."""
    request.state.room = room
    if room.door is not None and room.is_framed:
        request.state.framed_by = ancestors(room.door.origins)


def one_less(request: Request) -> None:
    """One of today's answers was just begun."""
    room = room_of(request)
    if room.answers_left:
        request.state.room = replace(room, answers_left=room.answers_left - 1)


def ancestors(origins: Sequence[str]) -> tuple[str, ...]:
    """The web sites that may show a page in a frame; what is not plainly a site's origin is left
    out, because it would stand in a header."""
    targets = (target_of(origin) for origin in origins)
    return tuple(target.address for target in targets if target is not None and not target.rest)


def framed_by(request: Request) -> tuple[str, ...]:
    """Which sites may show this answer in a frame: mostly none."""
    found: tuple[str, ...] = getattr(request.state, "framed_by", ())
    return found
