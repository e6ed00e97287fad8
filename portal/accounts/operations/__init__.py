"""Writing people, roles, clients and keys."""
