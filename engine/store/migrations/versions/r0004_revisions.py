"""A number that each change of takes raises, and with each take the number of its last change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; takes that are there have not changed since."""
    for table in ("identity", "takes"):
        op.add_column(table, sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("takes_by_revision", "takes", ["person", "revision", "id"])
