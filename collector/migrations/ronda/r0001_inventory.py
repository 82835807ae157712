"""The centre itself, its inventory and what people did."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _meta()
    _positions()
    _areas()
    _sites()
    _uplinks()
    _devices()
    _services()
    _contacts()
    _holidays()
    _acts()


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _positions() -> None:
    op.create_table(
        "positions",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _areas() -> None:
    op.create_table(
        "areas",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("boundary", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )


def _sites() -> None:
    op.create_table(
        "sites",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("regency", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("isp", sa.String(), nullable=False),
        sa.Column("upstream", sa.String(), nullable=False),
        sa.Column("power_feeder", sa.String(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("report_every_s", sa.Integer(), nullable=False),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("row"),
    )


def _uplinks() -> None:
    op.create_table(
        "uplinks",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("isp", sa.String(), nullable=False),
        sa.Column("upstream", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("service_no", sa.String(), nullable=False),
        sa.Column("contract_no", sa.String(), nullable=False),
        sa.Column("mbps", sa.Float(), nullable=True),
        sa.Column("sla", sa.Float(), nullable=True),
        sa.Column("fee_rp", sa.Float(), nullable=True),
        sa.Column("bill_day", sa.Integer(), nullable=True),
        sa.Column("ends", sa.String(), nullable=False),
        sa.Column("quota_gb", sa.Float(), nullable=True),
        sa.Column("formula", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("isp_phone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "name"),
    )


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "name"),
    )


def _services() -> None:
    op.create_table(
        "services",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("depends_on", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "site"),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("whatsapp", sa.String(), nullable=False),
        sa.Column("telegram", sa.String(), nullable=False),
        sa.Column("sms", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("webhook", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name"),
    )


def _holidays() -> None:
    op.create_table(
        "holidays",
        sa.Column("date", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("date"),
    )


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("applied", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("acts_applied", "acts", ["applied"], unique=False)
