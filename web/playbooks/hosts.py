"""Devices that playbooks may work on: listed, kept, keys pinned, forgotten; in one's areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import agent_keys, inventory, reach
from collector.db import reading, writing
from collector.inventory.places import SITE_CODE
from playbooks import host_rows
from playbooks.host_rows import Kept
from playbooks.hosts import Way
from playbooks.model import Platform
from web.context import centre, facts, home_zone, now, role_required, scope
from web.playbooks import host_forms, keys, powers, told
from web.playbooks.desk import bp, page_number, reader, secret
from web.playbooks.host_forms import Form
from web.playbooks.keys import Key
from web.tongue import gettext

PAGE = 100
_MOST = 20_000
# a site that stands for the centre itself: machines on the way to others
CENTRE = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A device in the list."""

    kept: Kept
    name: str
    keys: Sequence[Key]


@bp.get("/hosts")
@role_required(*powers.KEEPS_HOSTS)
def hosts() -> str:
    """All of the reader's areas, by site; `q` in code, name of the site or device."""
    page, q = page_number(), request.args.get("find", "").strip()[:100].casefold()
    with reading(centre().store) as connection:
        every, unseen = host_rows.everywhere(connection, _MOST)
        mine = [one for one in every if _may(one[0])]
        names = _names({site for site, _ in mine})
        found = [
            (site, device)
            for site, device in mine
            if all(
                word in f"{site} {names.get(site, '')} {device}".casefold() for word in q.split()
            )
        ]
        shown = found[(page - 1) * PAGE : page * PAGE]
        kept = {s: host_rows.of_site(connection, secret(), s) for s in dict(shown)}
    rows = [
        Row(one, names.get(site, ""), keys.shown(one.host.host_keys))
        for site, device in shown
        for one in kept[site]
        if one.host.device == device
    ]
    return render_template(
        "playbooks/hosts.html",
        rows=rows,
        q=q,
        matching=len(found),
        unseen=unseen if scope().everything else 0,
        page=page,
        pages=max(1, -(-len(found) // PAGE)),
        home_zone=home_zone(),
        told=told,
    )


@bp.get("/hosts/edit")
@role_required(*powers.KEEPS_HOSTS)
def host() -> str:
    """One device, or an empty form for another one."""
    site, device = _place(request.args)
    with reading(centre().store) as connection:
        if not device:
            fresh = dict.fromkeys(host_forms.CELLS, "") | {"port": "22", "way": "direct"}
            return _page(connection, Form(fresh | {"site": site}), None)
        kept = _kept(connection, site, device) or abort(404)
        return _page(connection, host_forms.of(kept, _jump(connection, kept)), kept)


@bp.post("/hosts/edit")
@role_required(*powers.KEEPS_HOSTS)
def keep() -> Response | tuple[str, int]:
    """Keep it as the form says, or forget it."""
    site, device = _place(request.form)
    form = host_forms.given(request.form, request.form.getlist("key"))
    try:
        if not scope().everything:
            _judge(form)
        with writing(centre().store) as connection:
            if request.form.get("do") == "remove":
                _remove(connection, site, device)
            else:
                _put(connection, form)
    except Refused as refused:
        place = refused.place.partition(".")[0]
        wrong = {place if place in _FIELDS else "device": told.reason(refused.problem)}
        with reading(centre().store) as connection:
            kept = _kept(connection, site, device)
            return _page(connection, replace(form, problems=wrong), kept), 422
    return redirect(url_for("playbooks.hosts"), 303)


_FIELDS = (*host_forms.CELLS, "password", "host_keys", "login")


def _judge(form: Form) -> None:
    """Whoever is bound to an area leads the centre to villages, not to itself. Its own networks may
    be those of a VPN to villages; of a tunnel or behind another machine the address is not ours."""
    if form.cells["way"] != Way.DIRECT:
        return
    allowed = reach.parse(centre().settings.allow_targets)
    try:
        found = reach.resolve(form.cells["address"], 22)
    except OSError:
        return
    for address in found:
        if why := reach.problem(address, allowed, ()):
            raise Refused("address", why)


def _put(connection: Connection, form: Form) -> None:
    site, device = form.cells["site"], form.cells["device"]
    kept = _kept(connection, site, device)
    if repr(kept.set_at if kept else "") != (form.mark or repr("")):
        raise Refused("device", "somebody else changed it meanwhile: look at it again")
    if site and inventory.site(connection, site) is None:
        raise Refused("site", "there is no such site")
    readable = kept.host if kept and kept.readable else None
    jump = _jump(connection, kept) if kept else ""
    password = request.form.get("password", "")[:1000]
    key = request.form.get("private_key", "")[:20_000]
    made = host_forms.host(form, password, key, readable, jump)
    host_rows.put(connection, secret(), made, form.cells["jump"], now(), reader().name)
    flash(gettext("Kept. No page shows its login again."), "good")


def _remove(connection: Connection, site: str, device: str) -> None:
    if not host_rows.remove(connection, site, device, now(), reader().name):
        abort(404)
    flash(gettext("Forgotten: no playbook works on it any more."), "good")


def _place(fields: Mapping[str, str]) -> tuple[str, str]:
    """Site and device of an address or a form; a site elsewhere is not there."""
    site, device = fields.get("site", "").strip(), fields.get("device", "").strip()
    if not _may(site) or (site and not SITE_CODE.fullmatch(site)):
        # whoever is bound to an area begins with an empty form, too
        if request.method == "GET" and not site and not device:
            return site, device
        abort(404)
    return site, device


def _may(site: str) -> bool:
    """Machines of the centre are for those who see everything."""
    return scope().everything if site == CENTRE else scope().sees(site)


def _kept(connection: Connection, site: str, device: str) -> Kept | None:
    if not _may(site):
        return None
    found = host_rows.of_site(connection, secret(), site)
    return next((one for one in found if one.host.device == device), None)


def _jump(connection: Connection, kept: Kept) -> str:
    return host_rows.jump_of(connection, kept.host.site, kept.host.device)


def _names(codes: set[str]) -> dict[str, str]:
    directory = facts().directory()
    places = {code: directory.place(code) for code in codes}
    sites = directory.names.sites
    return {code: sites[place].name for code, place in places.items() if place is not None}


def _page(connection: Connection, form: Form, kept: Kept | None) -> str:
    site = form.cells["site"]
    known = inventory.site(connection, site) if site and scope().sees(site) else None
    reported = agent_keys.reported(connection, site) if known else []
    agents = [(name, keys.shown(lines)) for name, lines in reported]
    offered = {key.line for _, found in agents for key in found}
    on_the_way = host_rows.of_site(connection, secret(), CENTRE)
    return render_template(
        "playbooks/host.html",
        form=form,
        kept=kept,
        site=known,
        agents=agents,
        others=[one for one in keys.shown(form.pinned) if one.line not in offered],
        pinned={one.line for one in keys.shown(form.pinned)},
        platforms=list(Platform),
        jumps=[one.host.device for one in on_the_way],
        told=told,
        home_zone=home_zone(),
    )
