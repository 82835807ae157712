"""Agents, their codes, and how far each was understood."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _agents()
    _codes()
    _layouts()
    _spools()
    _anchors()


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("old_token_hash", sa.String(), nullable=True),
        sa.Column("old_token_until", sa.Float(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("host_keys", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.Float(), nullable=True),
        sa.Column("config_etag", sa.String(), nullable=False),
        sa.Column("config_error", sa.String(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("old_token_hash"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(op.f("ix_agents_rev"), "agents", ["rev"], unique=False)
    op.create_index(op.f("ix_agents_site"), "agents", ["site"], unique=False)


def _codes() -> None:
    op.create_table(
        "codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("issued_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("approval", sa.Boolean(), nullable=False),
        sa.Column("nonce_hash", sa.String(), nullable=True),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.Column("agent", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash"),
    )


def _layouts() -> None:
    op.create_table(
        "layouts",
        sa.Column("agent", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "layout"),
    )


def _spools() -> None:
    op.create_table(
        "spools",
        sa.Column("agent", sa.Integer(), nullable=False),
        sa.Column("spool", sa.String(), nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("first_seen", sa.Float(), nullable=False),
        sa.Column("began", sa.Float(), nullable=False),
        sa.Column("began_up", sa.Float(), nullable=True),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "spool"),
    )


def _anchors() -> None:
    op.create_table(
        "anchors",
        sa.Column("agent", sa.Integer(), nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("up", sa.Float(), nullable=False),
        sa.Column("base", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "boot", "up"),
    )
