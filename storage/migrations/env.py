"""Alembic runs this. The connection, and with it the transaction, is the caller's: see storage/migrate.py."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,
    # SQLite can hardly change a table; Alembic then copies it within the same transaction.
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
