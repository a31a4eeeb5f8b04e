"""The tables: one code for SQLite and PostgreSQL, laid out for a million contacts.

Times are seconds of the Unix epoch, enumerations their values, and whatever is only read as a whole is JSON text.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment, kept as seconds of the Unix epoch; given back in UTC, to the microsecond."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> float | None:  # noqa: ARG002
        return None if value is None else value.timestamp()

    def process_result_value(self, value: float | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Words(TypeDecorator[str]):
    """Text that strangers wrote; NUL and halves of surrogate pairs, which not every database can hold, are replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _serial() -> Column[int]:
    return Column("serial", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


contacts = Table(
    "contacts",
    metadata,
    _serial(),
    Column("id", Text, nullable=False, unique=True),
    Column("campaign", Text, nullable=False),
    Column("intent", Words, nullable=False),  # the number where the contact says none
    Column("number", Text, nullable=False, index=True),
    Column("phone_number", Words, nullable=False),
    Column("fields", Words, nullable=False),
    Column("source", Text, nullable=False),
    Column("reference", Words, nullable=False),
    Column("batch", Words, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("not_before", Instant),
    Column("scenario", Text, nullable=False),
    Column("tried", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("queue", Text),  # the campaign in which it is due; none for callbacks, which are due in each
    Column("due_at", Instant, nullable=False),
    Column("result", Text),
    UniqueConstraint("campaign", "intent"),
)
Index("ix_contacts_due", contacts.c.state, contacts.c.queue, contacts.c.priority, contacts.c.due_at, contacts.c.serial)
_named = contacts.c.reference != ""
Index("ix_contacts_reference", contacts.c.reference, sqlite_where=_named, postgresql_where=_named)
Index("ix_contacts_state", contacts.c.campaign, contacts.c.state, contacts.c.serial)

callbacks = Table(
    "callbacks",
    metadata,
    _serial(),
    Column("call", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("fields", Words, nullable=False),
)

do_not_dial = Table(
    "do_not_dial",
    metadata,
    _serial(),
    Column("number", Text, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("reason", Words, nullable=False),
    sqlite_autoincrement=True,  # the serial of a removed entry is not given to another: somebody may follow the list
)

placements = Table(
    "placements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("at", Instant, index=True),
)

attempts = Table(
    "attempts",
    metadata,
    _serial(),
    Column("id", Text, nullable=False, unique=True),
    Column("contact", Text, nullable=False),
    Column("number", Text, nullable=False, index=True),
    Column("open_number", Text, unique=True),  # the number until the state is final: none is dialled twice at once
    Column("tried", Integer, nullable=False),  # as the contact had it
    Column("call", Text, nullable=False, unique=True),
    Column("line", Text, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("chart", Text, nullable=False),
    Column("intended_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("channel", Text),
    Column("placed_at", Instant),
    Column("rehearsal", Boolean, nullable=False),
    Column("outcome", Words),
    Column("transcript", Words, nullable=False),
    Column("ended_at", Instant),
)

calls = Table(
    "calls",
    metadata,
    _serial(),
    Column("call", Text, nullable=False, unique=True),
    Column("caller", Words, nullable=False),
    Column("dialled", Words, nullable=False),
    Column("line", Text),
    Column("scenario", Text, nullable=False),
    Column("chart", Text, nullable=False),
    Column("arrived_at", Instant, nullable=False, index=True),
    Column("outcome", Words),
    Column("transcript", Words, nullable=False),
    Column("ended_at", Instant),
    Column("channel", Text),  # none where an older version wrote the call
)

timelines = Table(
    "timelines",
    metadata,
    Column("call", Text, primary_key=True),
    Column("began_at", Instant, nullable=False),
    Column("moments", LargeBinary, nullable=False),
    Column("cut", Integer, nullable=False),
)

charts = Table(
    "charts",
    metadata,
    Column("chart", Text, primary_key=True),
    Column("source", LargeBinary, nullable=False),
    Column("path", Words, nullable=False),
    Column("flow", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    _serial(),
    Column("id", Text, nullable=False, unique=True),
    Column("subject", Words, nullable=False),
    Column("path", Text, nullable=False),
    Column("body", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Words, nullable=False),
    Column("pauses", Boolean, nullable=False),
    Column("due_at", Instant),  # none once it is accepted
    Column("accepted_at", Instant),
)
_waits = outbox.c.due_at.is_not(None)
Index("ix_outbox_waiting", outbox.c.serial, sqlite_where=_waits, postgresql_where=_waits)
Index("ix_outbox_subjects", outbox.c.subject, outbox.c.serial, sqlite_where=_waits, postgresql_where=_waits)

pauses = Table(
    "pauses",
    metadata,
    _serial(),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("in_force", Text, unique=True),  # the kind until it has ended: one of each at once
    Column("reason", Words, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Words, nullable=False),
)

operator_days = Table(
    "operator_days",
    metadata,
    Column("day", Text, primary_key=True),
    Column("operator", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("talk", Double, nullable=False),
    Column("wrap_up", Double, nullable=False),
    Column("available", Double, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("call", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("answered_at", Instant, nullable=False),
    Column("abandoned", Boolean, nullable=False),
)
Index("ix_answers_rate", answers.c.campaign, answers.c.answered_at, answers.c.abandoned)

recordings = Table(
    "recordings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("call", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

notebook = Table("notebook", metadata, Column("name", Text, primary_key=True), Column("value", Words, nullable=False))

inspection = Table(
    "inspection",
    metadata,
    _serial(),
    Column("at", Instant, nullable=False),
    Column("reason", Words, nullable=False),
    Column("body", Words, nullable=False),
)
