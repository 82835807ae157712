"""The inventory at a glance: what there is, and where to change it."""

from flask import render_template

from collector.db import reading
from collector.inventory import handwork
from collector.inventory.handwork import EDITED
from collector.inventory.kinds import KINDS
from web.context import centre, role_required, scope
from web.inventory.desk import EDITORS, TITLES, bp


@bp.get("")
@role_required(*EDITORS)
def home() -> str:
    """How many there are of each kind in the reader's areas."""
    areas, sites = scope().areas, scope().sites
    with reading(centre().store) as connection:
        counts = {
            name: handwork.page(connection, name, "", areas, sites, 0).total
            for name in EDITED
            if name != "holidays" or scope().everything
        }
    return render_template("inventory/home.html", counts=counts, kinds=KINDS, titles=TITLES)
