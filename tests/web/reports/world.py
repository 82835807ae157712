"""A regency with a month behind it: four villages in two kecamatan, two of one contract."""

from sqlalchemy import Connection, insert

from collector import acts, schema
from tests.collector.evidence.world import (
    add_site,
    add_uplink,
    at,
    corrected,
    down,
    normal,
    tell,
    tick,
    unknown,
)

NEAR, FAR, LONG, EVIL = "35.10.06.2005", "35.10.06.2006", "35.10.11.2002", "35.10.11.2003"
NAME_LONG = "Desa Persiapan Sumberwringin Kedungrejo Tamansari Utara Sumberasri"
NAME_EVIL = '=HYPERLINK("http://x.example";"Bantur")'
NOW = at("2026-11-09 08:00:00")
CUT, MENDED = at("2026-10-05 08:30:00"), at("2026-10-05 10:00:00")
TERMS = {"fee_rp": 1_700_000.0, "formula": "pro_rata_all", "sla": 99.5}


def fill(connection: Connection) -> None:
    """October 2026, known until 9 November."""
    for code, name, level in (
        ("35.10", "Banyuwangi", "regency"),
        ("35.10.06", "Cluring", "district"),
        ("35.10.11", "Genteng", "district"),
    ):
        connection.execute(insert(schema.areas).values(code=code, name=name, level=level))
    names = {NEAR: "Desa Sraten", FAR: "Desa Benculuk", LONG: NAME_LONG, EVIL: NAME_EVIL}
    for row, (code, name) in enumerate(names.items()):
        add_site(connection, code, row, name=name)
        isp = "Icon+" if code == EVIL else "Telkom"
        # one contract reaches over both kecamatan
        number = "K-1" if code in (FAR, LONG) else f"K-{code[-4:]}"
        add_uplink(connection, code, isp=isp, contract_no=number, **TERMS)
    began = at("2026-09-20 00:00:00")
    guess = corrected(down(CUT, MENDED), "device", "dewi", MENDED + 60, "adaptor mati")
    act = {"since": CUT, "cause": "device", "note": "adaptor mati"}
    acts.record(connection, MENDED + 60, "dewi", "cause", NEAR, act)
    tell(connection, [normal(began, CUT), guess, normal(MENDED)], NEAR)
    tell(connection, [normal(began, CUT), down(CUT, CUT + 86400), normal(CUT + 86400)], FAR)
    dark = CUT + 9 * 86400
    tell(connection, [normal(began, dark), unknown(dark, dark + 7200, "power"),
                      normal(dark + 7200)], LONG)  # fmt: skip
    tell(connection, [normal(began, CUT), down(CUT, MENDED, "isp"), normal(MENDED)], EVIL)
    _incidents(connection)
    tick(connection, NOW)


def _incidents(connection: Connection) -> None:
    for code, hours in ((NEAR, 1.0), (FAR, 9.0)):
        row = {"site": code, "subject": "uplink", "title": "jalur putus", "severity": "critical"}
        row |= {"state": "resolved", "cause": "fiber", "down_since": CUT, "opened_at": CUT + 30}
        row |= {"handled_at": CUT + 30 + hours * 3600, "resolved_at": CUT + 86400, "rev": 1}
        row |= {"acknowledged_at": CUT + 300}
        connection.execute(insert(schema.incidents).values(**row))
