"""Who called us is known again by their channel, and whom the panel names by its id."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("calls", sa.Column("channel", sa.Text(), nullable=True))
    named = sa.text("reference != ''")
    op.create_index("ix_contacts_reference", "contacts", ["reference"], sqlite_where=named, postgresql_where=named)
