"""What must not be as it was when a centre comes back from a backup, in its databases."""

import json
import secrets
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update

from collector import positions
from collector.agents import after_restore
from collector.backup import records
from collector.db import meta_set, reading, writing
from collector.fold.commit import FOLD
from collector.restored import KEY, STRANGERS
from collector.schema import (
    acts,
    agents,
    blocks,
    codes,
    foreign_blocks,
    meta,
    run_hosts,
    runs,
    signin_links,
    users,
)

# sessions begun since the backup carry numbers that it does not know: none of them comes again
_LEAST_STEP, _STEPS = 1000, 1_000_000


def renew(store: Engine, header: dict[str, Any], now: float) -> None:
    """A new epoch; codes void, sessions ended; what `doctor` needs to know of the restore.

    Notices that are too old are turned away by the outbox, which sees the new epoch.
    """
    with writing(store) as connection:
        meta_set(connection, "epoch", secrets.token_hex(4))
        connection.execute(
            update(codes)
            .where(codes.c.nonce_hash.is_(None), codes.c.expires_at > now)
            .values(expires_at=now)
        )
        connection.execute(delete(signin_links))
        records.forget_open(connection)
        _stop_runs(connection, now)
        step = _LEAST_STEP + secrets.randbelow(_STEPS)
        connection.execute(update(users).values(revocation=users.c.revocation + step))
        newest = int(
            connection.execute(select(func.coalesce(func.max(agents.c.id), 0))).scalar_one()
        )
        after_restore(connection, newest)
        told = {
            "at": now,
            "made_at": header["made_at"],
            "newest_agent": newest,
            "key": header["key"],
            "ca": header["ca"],
            "enter_again": header["enter_again"],
        }
        meta_set(connection, KEY, json.dumps(told))
        connection.execute(delete(meta).where(meta.c.key == STRANGERS))


def _stop_runs(connection: Connection, now: float) -> None:
    """What was asked for long ago is not begun now; what was under way is asked of its device."""
    why = {"reason": "the centre was restored from a backup", "ended_at": now}
    waiting = run_hosts.c.state == "waiting"
    connection.execute(update(run_hosts).where(waiting).values(state="skipped", **why))
    still = runs.c.state.in_(("proposed", "waiting", "running"))
    connection.execute(update(runs).where(still).values(state="stopped", box=None, **why))


def next_position(store: Engine, history: Engine) -> int:
    """A journal position that neither database has seen."""
    with reading(store) as connection:
        reached = [positions.get(connection, FOLD), _most(connection, acts.c.applied)]
    with reading(history) as connection:
        reached += [_most(connection, blocks.c.part), _most(connection, foreign_blocks.c.part)]
    return max(reached)


def _most(connection: Connection, column: Any) -> int:
    return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one())
