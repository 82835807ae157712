"""Each list of series is kept once, and the layouts of agents name it."""

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

_AT_ONCE = 1000
_LISTS = sa.table("layout_lists", sa.column("digest", sa.String), sa.column("names", sa.Text))
# beside the table itself: a new one under the old name would meet the old one's key
_ASIDE = sa.table(
    "layouts_aside",
    sa.column("agent", sa.Integer),
    sa.column("layout", sa.String),
    sa.column("list", sa.String),
)


def upgrade() -> None:
    op.create_table(
        "layout_lists",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table("layouts_aside", *_columns())
    _put_aside()
    op.drop_table("layouts")
    key = sa.PrimaryKeyConstraint("agent", "layout")
    op.create_table("layouts", *_columns(), key, sqlite_with_rowid=False)
    op.execute(
        "INSERT INTO layouts (agent, layout, list)"
        " SELECT agent, layout, list FROM layouts_aside ORDER BY agent, layout"
    )
    op.drop_table("layouts_aside")


def _columns() -> list["sa.Column[Any]"]:
    return [
        sa.Column("agent", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
    ]


def _put_aside() -> None:
    known: set[str] = set()
    asked = sa.text("SELECT agent, layout, names FROM layouts")
    with op.get_bind().execute(asked, execution_options={"yield_per": _AT_ONCE}) as rows:
        for some in rows.partitions():
            digests = [hashlib.sha256(row.names.encode()).hexdigest()[:32] for row in some]
            lists = dict(zip(digests, (row.names for row in some), strict=True))
            _insert(_LISTS, [{"digest": d, "names": n} for d, n in lists.items() if d not in known])
            known |= lists.keys()
            _insert(
                _ASIDE,
                [
                    {"agent": row.agent, "layout": row.layout, "list": digest}
                    for row, digest in zip(some, digests, strict=True)
                ],
            )


def _insert(table: sa.TableClause, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        op.get_bind().execute(sa.insert(table), rows)
