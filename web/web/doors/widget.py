"""The widget: a script for other web sites, and the room as it stands in their frame."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.doors import DoorKind
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.assets import HOUR, STATIC
from web.clients.doors import Doors
from web.doors.guests import AtTheDoor
from web.doors.routes import First, picture_of
from web.paths import Id
from web.rooms import enter, room_behind

router = APIRouter(include_in_schema=False)
SCRIPT_HEADERS = {
    # Pages of other sites load it: that is what it is for. There is nothing of anybody in it.
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": HOUR,
}
_SCRIPT = (STATIC / "js" / "widget.js").read_bytes()


class GuestsNotAdmitted(StoreError):
    """A frame of another site is no place to sign in."""

    kind = ErrorKind.FORBIDDEN
    code = "guests_not_admitted"


@router.get("/widget.js")
async def script() -> Response:
    """What other sites put into their pages: it makes the button and the frame."""
    return Response(_SCRIPT, media_type="text/javascript", headers=SCRIPT_HEADERS)


@router.get("/widget/{key}")
async def widget(request: Request, porter: AtTheDoor, first: First, key: Id) -> Response:
    """The room in a frame. Whoever is signed in here is a guest there all the same: what stands
    in other people's pages must be able to do nothing as them."""
    try:
        door = await porter.behind(key, DoorKind.WIDGET, None)
    except StoreError as error:
        if error.kind is ErrorKind.UNAUTHENTICATED:
            raise GuestsNotAdmitted("Guests are not admitted here.") from error
        raise
    enter(request, room_behind(door, key, f"/widget/{key}"))
    return await first.show(request, None, None)


@router.get("/widget/{key}/picture")
async def picture(doors: Annotated[Doors, provided(Doors)], key: Id) -> Response:
    """The assistant's picture."""
    return await picture_of(doors, None, key)
