"""Writing about keys."""
