"""The switch on a green playbook: it begins by itself when an incident suggests it."""

import re
from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.db import writing
from playbooks import automatic
from playbooks.automatic import MOST_A_DAY, Automatic
from playbooks.model import Level, Playbook
from web.context import centre, now, role_required, scope
from web.playbooks import powers, told
from web.playbooks.desk import bp, number_in, reader, the_playbook
from web.playbooks.repeating import may_repeat
from web.tongue import gettext

USUAL_A_DAY = 3
# as the command says it, too
_BY_A_PERSON = "stopped by a person"
_ENDED = re.compile(r"run ([0-9]+) ended as ([a-z_]+)")


@bp.post("/<name>/automatic")
@role_required(*powers.ARRANGES)
def switch(name: str) -> Response:
    """On, so many times a day at one site; or off."""
    one = the_playbook(name)
    if no := powers.to_arrange(reader().role, scope().everything):
        abort(403, told.refusal(no))
    try:
        with writing(centre().store) as connection:
            if request.form.get("do") == "off":
                automatic.stop(connection, one.name, reader().name, _BY_A_PERSON, now())
                flash(gettext("It does not begin by itself any more."), "good")
            else:
                a_day = number_in(request.form.get("a_day", "")) or 0
                automatic.choose(connection, one, a_day, reader().name, now())
                flash(gettext("It begins by itself when an incident suggests it."), "good")
    except Refused as refused:
        if refused.place != "a_day":
            abort(400)
        flash(gettext("Give a number from 1 to %(most)s.", most=MOST_A_DAY), "bad")
    return redirect(url_for("playbooks.catalogue"), 303)


def switches(connection: Connection) -> Mapping[str, Automatic]:
    """Those that were ever on, by name."""
    return {one.playbook: one for one in automatic.listing(connection)}


def may_begin(one: Playbook) -> bool:
    """Green, and nothing of it has to be given by a person."""
    return one.level is Level.GREEN and may_repeat(one)


def off_why(one: Automatic) -> str:
    """Why it was stopped, and by what, in the reader's language."""
    if one.off_why == _BY_A_PERSON:
        return gettext("switched off by a person")
    ended = _ENDED.fullmatch(one.off_why)
    if ended is None or ended[2] not in told.RUN_STATES:
        return one.off_why
    state = str(told.RUN_STATES[ended[2]])
    return gettext("run #%(run)s ended: %(state)s", run=ended[1], state=state)
