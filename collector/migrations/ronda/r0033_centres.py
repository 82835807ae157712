"""Centres that report to this one."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "centres",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False, server_default=""),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("site"),
        sa.UniqueConstraint("area"),
    )
