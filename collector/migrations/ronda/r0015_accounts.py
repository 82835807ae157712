"""Accounts that administrators lock, each session by itself, tokens with an owner and an end."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for column in (
        sa.Column("rev", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("locked_by", sa.String(), nullable=False, server_default=""),
        sa.Column("signed_in_at", sa.Float(), nullable=True),
    ):
        op.add_column("users", column)
    op.create_table(
        "signins",
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("revocation", sa.Integer(), nullable=False),
        sa.Column("began", sa.Float(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash"),
    )
    op.create_index("acts_by", "acts", ["by", "id"])
    op.create_index("ix_signins_user", "signins", ["user"])
    op.add_column("api_tokens", sa.Column("owner", sa.String(), nullable=False, server_default=""))
    op.add_column("api_tokens", sa.Column("expires_at", sa.Float(), nullable=True))
