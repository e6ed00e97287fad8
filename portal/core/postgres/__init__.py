"""The database backend: Django's for PostgreSQL, which tells each connection whose rows are in reach."""
