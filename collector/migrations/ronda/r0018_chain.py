"""Acts as a chain, and people whose data were erased."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_AT_ONCE = 500


def upgrade() -> None:
    for name in ("salt", "digest", "link"):
        op.add_column("acts", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_table(
        "act_blanks",
        sa.Column("act", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("erasure", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("act", "erasure"),
    )
    op.create_table(
        "erasures",
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym"),
    )
    _chain()


def _chain() -> None:
    """Acts of before are chained as they are found."""
    words = ("id", "at", "by", "verb", "subject", "body")
    acts = sa.table("acts", *(sa.column(name) for name in (*words, "salt", "digest", "link")))
    connection, last, link = op.get_bind(), 0, ""
    new: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in ("salt", "digest", "link")}
    change = sa.update(acts).where(acts.c.id == sa.bindparam("number")).values(**new)
    wanted = sa.select(*(acts.c[name] for name in words)).order_by(acts.c.id).limit(_AT_ONCE)
    while rows := connection.execute(wanted.where(acts.c.id > last)).mappings().all():
        sealed = []
        for row in rows:
            made = _sealed(row, link)
            link, last = made["link"], row["id"]
            sealed.append({f"new_{k}": v for k, v in made.items()} | {"number": row["id"]})
        connection.execute(change, sealed)


def _sealed(row: Mapping[Any, Any], before: str) -> dict[str, str]:
    """Salt, digest and link as of this revision, whatever acts are chained by later."""
    salt = secrets.token_hex(16)
    told = [salt, float(row["at"]), row["by"], row["verb"], row["subject"], row["body"]]
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()
    link = hashlib.sha256(f"{before} {digest}".encode()).hexdigest()
    return {"salt": salt, "digest": digest, "link": link}
