"""Who said that a trial message came."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("call", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("confirmed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("call", "scope", "person"),
    )
    op.create_index("ix_trials_asked_at", "trials", ["asked_at"])
