"""Django's PostgreSQL connection, with the tenants of portal.core.tenancy on it whenever it is used."""

from collections.abc import Callable
from typing import Any, ClassVar

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

# Connections know what is registered with psycopg before the first of them is made.
import portal.core.arrays  # noqa: F401
from portal.core.tenancy import VARIABLE, tenants

_TELL = f"SELECT set_config('{VARIABLE}', %s, false)"

Link = psycopg.Connection[Any]


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that never serves with another's tenants.

    It is told when it leaves the pool, in the place of the pool's own question whether it still answers, and again
    before a cursor is made for other tenants than it knows of.
    """

    _connection_pools: ClassVar[dict[str, Any]]
    _configure_connection: Callable[[Link], None]
    # What the server has been told; None when that is not certain.
    _told: str | None = None

    @property
    def pool(self) -> "ConnectionPool[Link] | None":
        """Give the pool of this process: as Django makes it, but for what is asked of a connection that leaves it."""
        if self.alias not in self._connection_pools:
            options = self.settings_dict["OPTIONS"].get("pool")
            if self.alias == NO_DB_ALIAS or not options:
                return None
            made: ConnectionPool[Link] = ConnectionPool(
                kwargs=self.get_connection_params() | {"autocommit": True},
                open=False,
                configure=self._configure_connection,
                check=_tell,
                **options,
            )
            # Of two threads at once one pool stays.
            self._connection_pools.setdefault(self.alias, made)
        pool: ConnectionPool[Link] = self._connection_pools[self.alias]
        return pool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Link:
        link: Link = super().get_new_connection(conn_params)
        self._told = tenants() if self.pool else None
        return link

    def create_cursor(self, name: str | None = None) -> Any:
        self.tell_tenants()
        return super().create_cursor(name)

    def tell_tenants(self) -> None:
        """See that the server knows whose rows are in reach now."""
        wanted = tenants()
        # A transaction that has failed takes nothing but its end, and forgets what it was told.
        if wanted == self._told or self.connection.pgconn.transaction_status == TransactionStatus.INERROR:
            return
        self._told = None
        self.connection.execute(_TELL, [wanted])
        self._told = wanted

    def _rollback(self) -> None:
        # What was told within the transaction goes with it.
        self._told = None
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._told = None

    def _close(self) -> None:
        self._told = None
        super()._close()  # type: ignore[misc]


def _tell(link: Link) -> None:
    """Ask a connection of the pool whether it answers, by telling it whose rows are in reach."""
    if not link.autocommit:
        # Left so by a transaction that never ended; what is told within one would go with it.
        link.autocommit = True
    link.execute(_TELL, [tenants()])
