"""Passwords of checks, and what an agent says it knows."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "passwords",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", sa.Float(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
    )
    column = sa.Column("knows", sa.Text(), nullable=False, server_default="")
    op.add_column("agents", column)
