"""One module a migration, in the order of :data:`engine.store.schema.REVISIONS`."""
