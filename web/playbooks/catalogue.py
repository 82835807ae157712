"""All playbooks, by who may press; files that cannot be used, for whoever can mend them."""

from flask import abort, render_template, request
from sqlalchemy import Connection

from collector.db import reading
from collector.inventory.places import SITE_CODE
from playbooks import host_rows, run_search
from playbooks.model import Level, Playbook
from playbooks.run_rows import Run
from playbooks.run_search import Wanted
from playbooks.states import RunState
from web.context import centre, facts, scope
from web.playbooks import powers, told, unasked
from web.playbooks.desk import bp, number_in, reader
from web.playbooks.shelf import shelf

_MOST_PROPOSED = 20


@bp.get("")
def catalogue() -> str:
    """Every playbook; with `site` those that its devices are fit for."""
    site, library = _site(), shelf()
    with reading(centre().store) as connection:
        here = fit_for(connection, site) if site else list(library.playbooks.values())
        proposed = _proposed(connection)
        switches = unasked.switches(connection)
    admin = reader().role == "admin"
    return render_template(
        "playbooks/catalogue.html",
        groups=[(level, [one for one in here if one.level == level]) for level in Level],
        many=len(here),
        problems=library.problems if admin else (),
        proposed=proposed,
        titles={name: told.say(one.title) for name, one in library.playbooks.items()},
        site=facts().site(site) if site else None,
        incident=number_in(request.args.get("incident", "")),
        keeps_hosts=reader().role in powers.KEEPS_HOSTS,
        arranges=reader().role in powers.ARRANGES,
        may_switch=powers.to_arrange(reader().role, scope().everything) is None,
        switches=switches,
        unasked=unasked,
        told=told,
    )


def fit_for(connection: Connection, site: str) -> list[Playbook]:
    """Those that one of the site's devices is fit for."""
    platforms = {platform for _, _, platform in host_rows.there(connection, [site])}
    if not platforms:
        return []
    return [one for one in shelf().playbooks.values() if platforms & set(one.recipes)]


def _site() -> str:
    site = request.args.get("site", "")
    if site and not (SITE_CODE.fullmatch(site) and scope().sees(site) and facts().site(site)):
        abort(404)
    return site


def _proposed(connection: Connection) -> list[Run]:
    """Red ones that wait for a second person, for those who may be it."""
    if reader().role not in powers.SECOND:
        return []
    wanted = Wanted(state=RunState.PROPOSED)
    return run_search.found(connection, scope(), wanted, _MOST_PROPOSED)
