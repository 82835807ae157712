"""The inventory as files: what an import takes back, kind by kind or all in one."""

from flask import Response, abort, request

from collector.db import reading
from collector.inventory.exporting import (
    BOUNDARIES,
    INDONESIAN,
    PLAIN,
    Dialect,
    boundaries,
    everything,
    export,
)
from collector.inventory.kinds import KINDS
from web.context import centre, role_required
from web.inventory.desk import EDITORS, bp, may


@bp.get("/export/<name>")
@role_required(*EDITORS)
def files(name: str) -> Response:
    """`KIND.csv`, `areas.geojson` or `inventory.zip`, of the reader's areas; `?for=excel`."""
    kind = name.removesuffix(".csv")
    with reading(centre().store) as connection:
        if name == "inventory.zip":
            return _file(name, "application/zip", everything(connection, may, _dialect()))
        if name == BOUNDARIES:
            return _file(name, "application/geo+json", boundaries(connection, may).encode())
        if kind == name or kind not in KINDS:
            abort(404)
        text = export(connection, kind, may, _dialect())
    return _file(name, "text/csv; charset=utf-8", text.encode())


def _dialect() -> Dialect:
    return INDONESIAN if request.args.get("for") == "excel" else PLAIN


def _file(name: str, kind: str, body: bytes) -> Response:
    held = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=kind, headers=held)
