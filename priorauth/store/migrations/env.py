"""Runs migrations on the connection that ``priorauth.store.migrating`` hands over."""

from alembic import context

from priorauth.store.tables import cases


context.configure(connection=context.config.attributes["connection"], target_metadata=cases.metadata)
context.run_migrations()
