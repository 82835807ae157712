"""Links of wall screens by program: made, listed, revoked."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from agent.strict import Refused
from collector.cli_common import iso
from web import walls
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre, now
from web.tongue import LANGUAGES
from web.walls import Wall
from web.wallscreen import hang, seen, why


class Screen(Struct, frozen=True):
    """One link; the address itself is told only when it is made."""

    id: int
    name: str
    areas: Annotated[tuple[str, ...], Meta(description="none: everywhere")]
    language: str
    by: str
    created_at: Time
    revoked_at: Time | None


class Hung(Struct, frozen=True):
    """A new wall screen with its address, which is told this once."""

    wall: Screen
    link: str


class NewScreen(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60, description="where it hangs")]
    areas: Annotated[
        list[Annotated[str, Meta(max_length=60)]],
        Meta(max_length=100, description="codes; none: all that the token has"),
    ] = []
    language: Annotated[str, Meta(extra_json_schema={"enum": list(LANGUAGES)})] = LANGUAGES[0]


def _list(call: Call) -> Reply:
    return Reply(sliced(call, seen(), _shown, lambda one: (-one.id,)))


def _add(call: Call) -> Reply:
    asked: NewScreen = call.body
    try:
        number, link = hang(asked.name, asked.areas, asked.language)
    except Refused as refused:
        full = "already" in refused.problem
        field = "areas" if refused.place == "area" else refused.place
        raise No(409 if full else 422, "", Wrong(field, why(refused))) from None
    made = next(one for one in seen() if one.id == number)
    return Reply(Hung(_shown(made), link), location=f"/walls/{number}")


def _one(call: Call) -> Reply:
    return Reply(_shown(_there(call)))


def _revoke(call: Call) -> Reply:
    walls.revoke(centre().store, _there(call).id, now())
    return Reply()


def _there(call: Call) -> Wall:
    found = next((one for one in seen() if one.id == call.path["number"]), None)
    if found is None:
        raise No(404)
    return found


def _shown(one: Wall) -> Screen:
    told = (one.id, one.name, one.areas, one.language, one.by, moment(one.created_at))
    return Screen(*told, iso(one.revoked_at))


_SHARED: dict[str, Any] = {"group": "walls", "roles": EDITORS}
ENDPOINTS = (
    Endpoint(
        "GET", "/walls", "listWalls", about="Links of wall screens, those revoked of late, too; "
        "the newest first", do=_list, gives=Listed[Screen], query=params.NUMBERED, **_SHARED,
    ),
    Endpoint(
        "POST", "/walls", "addWall", about="A new link; its address is told this once", do=_add,
        gives=Hung, takes=NewScreen, status=201, conflicts=True, **_SHARED,
    ),
    Endpoint("GET", "/walls/{number}", "showWall", about="One link", do=_one, gives=Screen,
             **_SHARED),
    Endpoint("DELETE", "/walls/{number}", "revokeWall", about="It shows nothing any more",
             do=_revoke, **_SHARED),
)  # fmt: skip
