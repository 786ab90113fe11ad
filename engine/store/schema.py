"""Tables of the record. What they are made by is in ``migrations``; a test holds the two together.

A take is a row: columns that a list needs, its document, and the review of its words apart from it, so that
figures are read without them. Both are JSON text. Sound is a file, see :mod:`.sounds`.
"""

from __future__ import annotations

import sqlalchemy as sa

REVISIONS = ("0001", "0002", "0003", "0004")
"""Migrations in their order; the last is the schema that this program writes."""

metadata = sa.MetaData()

takes = sa.Table(
    "takes",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("begun_us", sa.BigInteger, nullable=False),  # microseconds since 1970 UTC, to sort by
    sa.Column("begun_at", sa.Text, nullable=False),  # ISO 8601 with the zone it was begun in
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("duration_s", sa.Double, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("tags", sa.Text, nullable=False),  # JSON
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("story", sa.Text),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("figures", sa.Boolean, nullable=False),
    sa.Column("words", sa.Boolean, nullable=False),
    sa.Column("sound", sa.Boolean, nullable=False),
    sa.Column("figure", sa.Text),  # JSON
    sa.Column("sound_file", sa.Text, unique=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("review", sa.Text),
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),  # of its last change
    sa.Index("takes_by_time", "person", "begun_us", "id"),
    sa.Index("takes_by_revision", "person", "revision", "id"),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column(
        "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    sa.Column("person", sa.Text, nullable=False, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("figures", sa.Boolean, nullable=False),
    sa.Column("words", sa.Boolean, nullable=False),
    sa.Column("sound", sa.Boolean, nullable=False),
)
"""Each answer to what may be kept; the last of a person holds."""

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("documents_by_id", "kind", "id"),
)
"""What is kept beside takes, see :mod:`.documents`."""

identity = sa.Table(
    "identity",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
)
"""One row: a random id of the record, and a number that each change of takes raises: :mod:`.following`."""
