"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _answers()
    _attempts()
    _callbacks()
    _calls()
    _charts()
    _contacts()
    _do_not_dial()
    _inspection()
    _notebook()
    _operator_days()
    _outbox()
    _pauses()
    _placements()
    _recordings()
    _timelines()


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=False),
        sa.Column("abandoned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_rate", "answers", ["campaign", "answered_at", "abandoned"], unique=False)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("open_number", sa.Text(), nullable=True),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("chart", sa.Text(), nullable=False),
        sa.Column("intended_at", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.Double(), nullable=True),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_attempts")),
        sa.UniqueConstraint("call", name=op.f("uq_attempts_call")),
        sa.UniqueConstraint("id", name=op.f("uq_attempts_id")),
        sa.UniqueConstraint("open_number", name=op.f("uq_attempts_open_number")),
    )
    op.create_index(op.f("ix_attempts_number"), "attempts", ["number"], unique=False)


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("not_before", sa.Double(), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_callbacks")),
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("dialled", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("chart", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.Double(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_calls")),
        sa.UniqueConstraint("call", name=op.f("uq_calls_call")),
    )
    op.create_index(op.f("ix_calls_arrived_at"), "calls", ["arrived_at"], unique=False)


def _charts() -> None:
    op.create_table(
        "charts",
        sa.Column("chart", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chart", name=op.f("pk_charts")),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Double(), nullable=True),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_contacts")),
        sa.UniqueConstraint("campaign", "intent", name=op.f("uq_contacts_campaign_intent")),
        sa.UniqueConstraint("id", name=op.f("uq_contacts_id")),
    )
    op.create_index("ix_contacts_due", "contacts", ["state", "queue", "priority", "due_at", "serial"], unique=False)
    op.create_index(op.f("ix_contacts_number"), "contacts", ["number"], unique=False)
    op.create_index("ix_contacts_state", "contacts", ["campaign", "state", "serial"], unique=False)


def _do_not_dial() -> None:
    op.create_table(
        "do_not_dial",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_do_not_dial")),
        sa.UniqueConstraint("number", name=op.f("uq_do_not_dial_number")),
        sqlite_autoincrement=True,
    )


def _inspection() -> None:
    op.create_table(
        "inspection",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_inspection")),
    )


def _notebook() -> None:
    op.create_table(
        "notebook",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notebook")),
    )


def _operator_days() -> None:
    op.create_table(
        "operator_days",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("talk", sa.Double(), nullable=False),
        sa.Column("wrap_up", sa.Double(), nullable=False),
        sa.Column("available", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("day", "operator", name=op.f("pk_operator_days")),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("pauses", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("accepted_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index(
        "ix_outbox_subjects",
        "outbox",
        ["subject", "serial"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["serial"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def _pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("in_force", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_pauses")),
        sa.UniqueConstraint("id", name=op.f("uq_pauses_id")),
        sa.UniqueConstraint("in_force", name=op.f("uq_pauses_in_force")),
    )


def _placements() -> None:
    op.create_table(
        "placements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
    )
    op.create_index(op.f("ix_placements_at"), "placements", ["at"], unique=False)


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_recordings")),
    )
    op.create_index(op.f("ix_recordings_at"), "recordings", ["at"], unique=False)


def _timelines() -> None:
    op.create_table(
        "timelines",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("moments", sa.LargeBinary(), nullable=False),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_timelines")),
    )
