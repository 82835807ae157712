"""A process that seals is killed with SIGKILL again and again: nothing is lost, nothing twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from collector import db
from collector.evidence import sealing
from collector.evidence.sealer import KEY
from collector.evidence.signing import Signer
from collector.evidence.verify import verify
from collector.schema import seals as rows
from collector.secret import load_secret
from collector.settings import Settings
from tests.collector.evidence.world import add_site, add_uplink, at, down, normal, tell, tick
from tests.stores import migrated

pytestmark = pytest.mark.slow

SITES, DAYS, NOW = 40, 7, at("2026-10-09 00:00:00")
# a line when it begins and after each transaction: whoever reads it kills what comes next
PROGRAM = """
import sys
from collector import db
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.secret import load_secret
from collector.settings import Settings

settings = Settings(data=sys.argv[1])
signer = Signer(load_secret(settings.folder))
told = lambda _: print("sealed", flush=True)
Sealer(settings, db.open_store(settings), None, signer, wait=told).look(float(sys.argv[2]))
print("through", flush=True)
"""


def seal(folder: Path, transactions: int) -> bool:
    """Let it come so far and kill it; whether it was through before."""
    command = [sys.executable, "-c", PROGRAM, str(folder), str(NOW)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(transactions):
            if process.stdout.readline() == "through\n":
                return True
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    return False


def test_killed_while_it_seals_it_goes_on_where_the_chain_ends(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    store, begun = db.open_store(settings), at("2026-10-01 00:00:00")
    with db.writing(store) as connection:
        for row in range(SITES):
            code = f"35.10.07.{2000 + row}"
            add_site(connection, code, row)
            add_uplink(connection, code, fee_rp=1.0, formula="pro_rata_all")
            cut = begun + 3600 * (row + 1)
            told = [normal(begun, cut), down(cut, cut + 900), normal(cut + 900)]
            tell(connection, told, code)
        tick(connection, NOW)
    kills = 0
    for transactions in (3, 1, 5, 2, 4, 6, 2):
        kills += not seal(tmp_path, transactions)
    assert kills == 7
    assert seal(tmp_path, 1_000)
    with db.reading(store) as connection:
        found = verify(connection, Signer(load_secret(settings.folder)), tmp_path)
        each = [tuple(row) for row in connection.execute(select(rows.c.subject, rows.c.day))]
        days = [row for row in connection.execute(select(rows.c.id).where(rows.c.kind == "day"))]
        mark = sealing.mark(db.meta_get(connection, KEY))
    store.dispose()
    assert found.problems == [] and found.replaced == 0
    # a record of terms for each site beside its days, of another kind on the day of the look
    assert len(days) == SITES * DAYS and len(each) == len(set(each)) == SITES * (DAYS + 1)
    assert mark is not None and mark.sealed() == "2026-10-07"
    assert mark.head == (found.head.number, found.head.link)
