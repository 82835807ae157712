"""Which address of the ingest port does what."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import NamedTuple, TypeVar
from urllib.parse import unquote

import msgspec

from agent.strict import Refused
from collector import authority, tunnels
from collector.agents import find_code
from collector.foreign import handing
from collector.intake import capacity, flat, foreign, health, programs
from collector.intake.auth import Caller
from collector.intake.body import (
    Given,
    Patience,
    Problem,
    Reply,
    Stream,
    read_body,
    reply_json,
    reply_text,
)
from collector.intake.desk import Desk
from collector.intake.enrol import Enrolled, Outcome, Raced, Refusal, Waiting, Wish, enrol, follow
from collector.intake.scripts import translate
from collector.intake.validate import Judged, learn
from collector.intake.wire import Answer, write

Body = TypeVar("Body", bound=msgspec.Struct)


class Request(NamedTuple):
    """One request: its headers, where it comes from, its body."""

    headers: Given
    client: str
    stream: Stream
    patience: Patience
    query: str = ""

    @property
    def from_elsewhere(self) -> bool:
        """Not from this machine."""
        host = self.client.rpartition(":")[0].strip("[]")
        return not host.startswith("127.") and host != "::1"

    async def read(self) -> bytes:
        return await read_body(self.headers, self.stream, self.patience)

    async def read_as(self, kind: type[Body]) -> Body:
        try:
            return msgspec.json.decode(await self.read(), type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Problem(400, str(error)) from None


class RotateWish(msgspec.Struct):
    """An agent wants its next token."""

    nonce: str


class TunnelWish(msgspec.Struct):
    """An agent that was asked for a tunnel wants to be let in with this key."""

    target: str
    key: str


async def post_report(desk: Desk, request: Request) -> Reply:
    caller = await desk.caller(request.headers)
    if request.from_elsewhere:
        desk.outlook.heard()
    bye = request.headers.get("x-ronda-shutdown") == "1"
    refused = unquote(request.headers.get("x-ronda-refused") or "")
    if refused and not caller.agent.config_error:
        # a note for doctor, until the agent next speaks of its configuration
        desk.hear_config(caller.agent, caller.agent.config_etag, f"would not: {refused}")
    answer = await desk.reports.take(caller.agent, await request.read(), bye)
    desk.hear_form(caller.agent, lines=False)
    _hear_counter(desk, caller, request)
    return Reply(200, write(answer))


def _hear_counter(desk: Desk, caller: Caller, request: Request) -> None:
    """An agent whose beacons go unanswered says which one was its newest; or that it sends none."""
    told = request.headers.get("x-ronda-beacon") or ""
    if told == "off":
        desk.heard.end(caller.agent.id, asyncio.get_running_loop().time())
    elif told.isascii() and told.isdigit() and len(told) <= 20 and int(told) < 1 << 64:
        desk.heard.name(caller.agent.id, int(told))


async def post_flat(desk: Desk, request: Request) -> Reply:
    etag = ""
    try:
        told = "" if request.headers.get("authorization") else await _read_lines(request, True)
        caller = await desk.caller(request.headers, flat.token_in(told))
        etag = await desk.configs.etag(caller.agent.site, caller.agent.config_etag)
        lines = flat.read(told or await _read_lines(request))
        bye = request.headers.get("x-ronda-shutdown") == "1"
        etag = (await _take_flat(desk, caller, lines, bye)).config
        desk.hear_form(caller.agent, lines=True)
    except Refused as refused:
        return reply_text(f"error {refused}\n{_last_lines(desk, etag)}", 400)
    except Problem as problem:
        return problem.reply_text(_last_lines(desk, etag))
    errors = "".join(f"error {field}: {reason}\n" for field, reason in lines.problems)
    return reply_text(f"ok {lines.seq}\n{errors}{_last_lines(desk, etag)}")


def _last_lines(desk: Desk, etag: str) -> str:
    config = f"config {etag}\n" if etag else ""
    return f"time {desk.clock():.0f}\n{config}"


async def _read_lines(request: Request, of_a_stranger: bool = False) -> str:
    size = request.headers.get("content-length")
    if of_a_stranger and (request.headers.get("content-encoding") or len(size or "") > 5):
        raise Problem(401, "a token is needed")
    text = (await request.read()).decode("utf-8", "replace")
    # granian ends a chunked body that breaks off as if it were whole; half of a JSON document is
    # no document, but half of some lines would pass for all of them
    if size is None and not flat.is_whole(text):
        raise Problem(411, "content-length: missing, and no end= is the last line")
    return text


async def _take_flat(desk: Desk, caller: Caller, lines: flat.Lines, bye: bool) -> Answer:
    agent = caller.agent
    kinds = await desk.configs.kinds(agent.site) if lines.checks else {}
    before = desk.scripts.get(agent.id)
    made = translate(lines, before, lambda name: kinds.get(("", name), "other"), desk.clock())
    fresh = learn(made.frames.layouts, desk.reports.sender(agent))
    if not fresh:
        made.frames.layouts = {}
    made.frames.bye = bye
    if made.findings is not None:
        await _keep(desk, caller, Judged(made.findings, {}))
    answer = await _keep(desk, caller, Judged(made.frames, fresh))
    desk.scripts[agent.id] = made.script
    return answer


async def _keep(desk: Desk, caller: Caller, judged: Judged) -> Answer:
    return await desk.reports.keep(caller.agent, judged, write(judged.report), asks=False)


async def post_enrol(desk: Desk, request: Request) -> Reply:
    with desk.gate:
        wish = await request.read_as(Wish)
        if problem := wish.problem():
            raise Problem(400, problem)
        outcome = await _enrol(desk, wish)
    match outcome:
        case Refusal(reason):
            address = health.address_of(request.client, request.headers, desk.settings.proxies)
            desk.gate.failed(address, desk.clock())
            return reply_json({"reason": reason}, 403)
        case Waiting():
            return reply_json({"state": "waiting"}, 202)
        case Enrolled():
            return await _welcome(desk, outcome)


async def _enrol(desk: Desk, wish: Wish) -> Outcome:
    # strangers with invented codes must not come near the write lock
    if await desk.read(lambda db: find_code(db, wish.code)) is None:
        return Refusal("unknown")
    now, approval = desk.clock(), desk.settings.approval
    try:
        return await desk.write(lambda db: enrol(db, desk.secret, wish, approval, now))
    except Raced as raced:
        raise Problem(503, str(raced), 1) from None


async def _welcome(desk: Desk, enrolled: Enrolled) -> Reply:
    config = await desk.config(enrolled.site)
    ca = desk.settings.folder / authority.FOLDER / "ca.pem"
    told = {
        "agent": enrolled.agent,
        "token": enrolled.token,
        "key": enrolled.key,
        "site": enrolled.site,
        "config": config.table,
        "ca": ca.read_text() if authority.code_suffix(desk.settings) else "",
        "ssh_host_key": desk.settings.tunnel_host_key,
    }
    return reply_json(told)


async def post_rotate(desk: Desk, request: Request) -> Reply:
    caller = await desk.caller(request.headers)
    nonce = (await request.read_as(RotateWish)).nonce
    if not 8 <= len(nonce) <= 200:
        raise Problem(400, "nonce: expected 8 to 200 characters")
    agent, with_old = caller.agent.id, caller.with_old
    made = await desk.write(lambda db: follow(db, desk.secret, agent, with_old, nonce))
    if made is None:
        raise Problem(403, "this token was replaced, and its successor is in use")
    return reply_json(made)


async def post_tunnel(desk: Desk, request: Request) -> Reply:
    agent = (await desk.caller(request.headers)).agent
    wish, now = await request.read_as(TunnelWish), desk.clock()
    asked = partial(tunnels.was_asked, site=agent.site, agent=agent.id, device=wish.target, now=now)
    if not await desk.read(lambda db: asked(db)):
        raise Problem(403, f"nobody asked for a tunnel to {wish.target[:60]!r}")
    try:
        given = await desk.in_thread(lambda: tunnels.grant(desk.settings, agent.id, wish.key, now))
    except Refused as refused:
        raise Problem(403, str(refused)) from None
    return reply_json(asdict(given))


async def get_config(desk: Desk, request: Request) -> Reply:
    caller = await desk.caller(request.headers)
    held = (request.headers.get("if-none-match") or "").strip().removeprefix("W/").strip('"')
    runs = request.headers.get("x-ronda-config")
    if runs is not None:
        error = unquote(request.headers.get("x-ronda-config-error") or "")
        # who refused one holds it against the next answer
        desk.hear_config(caller.agent, runs.strip('" '), error, held if error else "")
    await desk.hear_known(caller.agent, request.headers.get("x-ronda-knows") or "")
    config = await desk.config(caller.agent.site)
    tag = f'"{config.etag}"'
    if held == config.etag:
        return Reply(304, b"", [("etag", tag)])
    return reply_json(config.table, 200, [("etag", tag)])


async def measure_down(desk: Desk, request: Request) -> Reply:
    caller = await desk.caller(request.headers)
    return await desk.capacity.give(caller.agent.id, request.query, desk.busy())


async def measure_up(desk: Desk, request: Request) -> Reply:
    caller = await desk.caller(request.headers)
    return await desk.capacity.take(caller.agent.id, request.stream, desk.busy())


async def post_foreign(desk: Desk, request: Request) -> Reply:
    return await foreign.keep(desk, request.headers, await request.read())


async def get_program(desk: Desk, request: Request, name: str) -> Reply:
    desk.programs.take(desk.clock())
    return await desk.in_thread(lambda: programs.reply(desk.settings.folder, name))


async def get_known(desk: Desk, request: Request) -> Reply:
    if not desk.centre.name:
        raise Problem(503, "the database cannot be read yet", 5)
    return reply_text(f"ronda-known {desk.centre.name}")


async def get_health(desk: Desk, request: Request) -> Reply:
    return health.healthz(desk)


async def get_metrics(desk: Desk, request: Request) -> Reply:
    await health.may_see_metrics(desk, request.client, request.headers)
    return health.metrics(desk)


ROUTES: dict[str, tuple[str, Callable[[Desk, Request], Awaitable[Reply]]]] = {
    "/api/v1/reports": ("POST", post_report),
    "/api/v1/reports/flat": ("POST", post_flat),
    "/api/v1/enrol": ("POST", post_enrol),
    "/api/v1/rotate": ("POST", post_rotate),
    "/api/v1/config": ("GET", get_config),
    "/api/v1/tunnel": ("POST", post_tunnel),
    capacity.DOWN: ("GET", measure_down),
    capacity.UP: ("POST", measure_up),
    handing.PATH: ("POST", post_foreign),
    "/known": ("GET", get_known),
    **{f"/agent/{name}": ("GET", partial(get_program, name=name)) for name in programs.NAMES},
    "/healthz": ("GET", get_health),
    "/metrics": ("GET", get_metrics),
}
