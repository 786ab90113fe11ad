"""Takes and consents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "takes",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("begun_us", sa.BigInteger, nullable=False),
        sa.Column("begun_at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("duration_s", sa.Double, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("story", sa.Text),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("figures", sa.Boolean, nullable=False),
        sa.Column("words", sa.Boolean, nullable=False),
        sa.Column("sound", sa.Boolean, nullable=False),
        sa.Column("figure", sa.Text),
        sa.Column("sound_file", sa.Text, unique=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("review", sa.Text),
    )
    op.create_index("takes_by_time", "takes", ["person", "begun_us", "id"])
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "consents",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("figures", sa.Boolean, nullable=False),
        sa.Column("words", sa.Boolean, nullable=False),
        sa.Column("sound", sa.Boolean, nullable=False),
    )
    op.create_index("ix_consents_person", "consents", ["person"])
