"""The plan of a playbook: who, where, with what; shown command by command, then asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import inventory
from collector.db import reading, writing
from collector.inventory.places import SITE_CODE
from playbooks import asking, host_rows
from playbooks.asking import Asked
from playbooks.model import Kind, Playbook
from web.context import centre, now, scope
from web.playbooks import powers, told
from web.playbooks.choosing import MOST_CHOSEN, Chosen, chosen
from web.playbooks.desk import bp, number_in, reader, secret, the_playbook
from web.playbooks.outlook import Outlook, outlook
from web.playbooks.scenes import scenes
from web.tongue import gettext

# before the name of a parameter in an address or a form
PARAM = "p."
_LONGEST = 255
# between the code of a site and the mark of the plan that was shown for it
_SHOWN = "~"


@dataclass(frozen=True, slots=True)
class Form:
    """What was given: texts of parameters that are no secrets; `devices` to choose among."""

    params: Mapping[str, str]
    device: str = ""
    devices: Sequence[str] = ()
    incident: int | None = None
    # what each parameter is at the one device that was chosen
    here: Mapping[str, str] = field(default_factory=dict)
    picked: frozenset[str] | None = None
    wrong: str = ""


@bp.get("/<name>")
def plan(name: str) -> str:
    """What it would do, and a button for those who may."""
    one = the_playbook(name)
    with reading(centre().store) as connection:
        where = chosen(connection, one)
        form = _form(connection, one, where.codes)
        seen = _outlook(connection, one, where.codes, form)
    return _page(one, where, form, seen)


@bp.post("/<name>")
def ask(name: str) -> Response | tuple[str, int]:
    """Have it run at the sites that are ticked, exactly as it was shown; or look first only."""
    one = the_playbook(name)
    shown = _ticked()
    if no := powers.to_ask(reader().role, one.level, all(map(scope().sees, shown))):
        abort(403, told.refusal(no))
    try:
        number = _asked(one, shown)
    except Refused as refused:
        return _again(one, shown, _said(refused)), 422
    except _NotAsShown:
        text = gettext("Something changed since this plan was shown. Look at it again.")
        return _again(one, shown, text), 409
    return redirect(url_for("playbooks.run", number=number), 303)


class _NotAsShown(Exception):
    """What would be done is not what the person saw."""


def _asked(one: Playbook, shown: Mapping[str, str]) -> int:
    """The number of the run that is written down."""
    if not shown:
        raise Refused("site", "none is named")
    params = _params(one, secrets=True)
    asked = Asked(
        one,
        list(shown),
        params,
        reader().name,
        request.form.get("device", "")[:_LONGEST],
        request.form.get("do") == "dry",
        number_in(request.form.get("incident", "")),
    )
    settings = centre().settings
    with reading(centre().store) as connection:
        # also refuses, by name, a secret that is missing: a plan goes without
        wanted = asking.wish(connection, secret(), settings, asked)
    if {site: mark for (site, _), mark in zip(wanted.targets, wanted.marks, strict=True)} != shown:
        raise _NotAsShown
    with writing(centre().store) as connection:
        return asking.ask(connection, wanted, now())


def _ticked() -> dict[str, str]:
    """The sites that are ticked, each with the mark of its plan."""
    pairs = [text.partition(_SHOWN) for text in request.form.getlist("site")]
    if len(pairs) > MOST_CHOSEN:
        abort(400, gettext("At most %(n)s sites at once.", n=MOST_CHOSEN))
    if not all(SITE_CODE.fullmatch(code) for code, _, _ in pairs):
        abort(400)
    return {code: mark for code, _, mark in pairs}


def _again(one: Playbook, shown: Mapping[str, str], wrong: str) -> str:
    """The same page with what is wrong; a secret has to be entered anew."""
    codes = list(shown)
    with reading(centre().store) as connection:
        where = chosen(connection, one)
        form = _form(connection, one, codes, frozenset(shown), wrong)
        seen = _outlook(connection, one, codes, form)
    return _page(one, where, form, seen)


def _form(
    connection: Connection,
    one: Playbook,
    codes: Sequence[str],
    picked: frozenset[str] | None = None,
    wrong: str = "",
) -> Form:
    fits = [each for each in host_rows.there(connection, codes) if each[2] in one.recipes]
    device = request.values.get("device", "")[:_LONGEST]
    here: Mapping[str, str] = {}
    if len(codes) == 1:
        kept = host_rows.of_site(connection, secret(), codes[0])
        mine = [k.host for k in kept if k.host.platform in one.recipes]
        mine = [host for host in mine if device in ("", host.device)]
        here = mine[0].values if len(mine) == 1 else {}
    return Form(
        _params(one, secrets=False),
        device,
        sorted({name for _, name, _ in fits}),
        number_in(request.values.get("incident", "")),
        here,
        picked,
        wrong,
    )


def _outlook(
    connection: Connection, one: Playbook, codes: Sequence[str], form: Form
) -> Outlook | None:
    if not codes:
        return None
    names = {site.code: site.name for site in inventory.sites(connection, only=codes)}
    asked = Asked(one, codes, form.params, reader().name, form.device)
    there = scenes(connection, codes)
    return outlook(connection, secret(), centre().settings, asked, names, there)


def _params(one: Playbook, secrets: bool) -> dict[str, str]:
    """What was given; an empty field asks for what the device or the playbook has."""
    source = request.form if request.method == "POST" else request.args
    given = {
        each.name: source.get(PARAM + each.name, "")[: _LONGEST + 1]
        for each in one.params
        if secrets or each.kind is not Kind.SECRET
    }
    return {
        name: text if _is_secret(one, name) else text.strip()
        for name, text in given.items()
        if text.strip()
    }


def _is_secret(one: Playbook, name: str) -> bool:
    return any(each.name == name and each.kind is Kind.SECRET for each in one.params)


def _said(refused: Refused) -> str:
    place = refused.place.rpartition(": param ")[2]
    problem = told.reason(refused.problem)
    return problem if place in ("site", "runs", "incident", "dry") else f"{place}: {problem}"


def _page(one: Playbook, where: Chosen, form: Form, seen: Outlook | None) -> str:
    user = reader()
    no = powers.to_ask(user.role, one.level, all(map(scope().sees, where.codes)))
    return render_template(
        "playbooks/plan.html",
        one=one,
        where=where,
        form=form,
        seen=seen,
        refused=told.refusal(no),
        told=told,
        shown=_SHOWN,
        secrets=[each for each in one.params if each.kind is Kind.SECRET],
    )
