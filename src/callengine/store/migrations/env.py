"""What alembic runs: each migration, on the connection and in the transaction it is given."""

from alembic import context

from callengine.store.tables import metadata


def run() -> None:
    """Run the migrations that are due.

    A new revision is written by `command.revision` with a `Config` that bears a connection, as `upgrade` makes one.
    """
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        transaction_per_migration=False,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
