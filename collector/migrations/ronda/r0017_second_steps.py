"""Second steps of signing in, and by what a provider of accounts knows somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "second_steps",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.Float(), nullable=False),
        sa.Column("confirmed_at", sa.Float(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("user"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_index("ix_recovery_codes_user", "recovery_codes", ["user"])
    for column in (
        sa.Column("email", sa.String(), nullable=False, server_default=""),
        sa.Column("subject", sa.String(), nullable=False, server_default=""),
        sa.Column("local", sa.Boolean(), nullable=False, server_default=sa.true()),
    ):
        op.add_column("users", column)
