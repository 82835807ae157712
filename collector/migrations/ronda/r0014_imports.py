"""Imports that were looked at before they were taken, and can be undone; devices that are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("applied_at", sa.Float()),
        sa.Column("applied_by", sa.String(), nullable=False, server_default=""),
        sa.Column("undone_at", sa.Float()),
        sa.Column("undone_by", sa.String(), nullable=False, server_default=""),
    )
    op.create_index("ix_imports_state", "imports", ["state"])
    op.add_column(
        "devices", sa.Column("state", sa.String(), nullable=False, server_default="in_use")
    )
