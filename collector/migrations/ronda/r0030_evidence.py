"""Sealed records, what no provider answers for, and the terms of a contract's refunds."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0026"


def upgrade() -> None:
    _seals()
    _exemptions()
    for name in ("begins", "tiers", "exclusions", "clock_start", "round_time", "round_rp"):
        op.add_column("uplinks", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("uplinks", sa.Column("min_event_s", sa.Integer(), nullable=True))


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_seals_sealed_at", "seals", ["sealed_at"])
    op.create_index("ix_seals_replaces", "seals", ["replaces"])
    op.create_index("seals_subject", "seals", ["kind", "subject", "day"])


def _exemptions() -> None:
    op.create_table(
        "exemptions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("begins", sa.Float(), nullable=False),
        sa.Column("ends", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("withdrawn_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
