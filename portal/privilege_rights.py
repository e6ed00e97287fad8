"""The words of the page of privileges: kinds of process, and rights on tables."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Process(StrEnum):
    """The kinds of process; the setting PROCESS says which one this is."""

    WEB = "web"
    REDEEM = "redeem"
    SCREEN = "screen"
    CAMPAIGNS = "campaigns-worker"
    FRAUD = "fraud-worker"
    # The consortium's registry: knows tokens, and nobody behind them.
    REGISTRY = "registry"
    TRAIL = "trail-worker"
    PLATFORM = "platform-worker"
    BEAT = "beat"
    # Owns the tables, and is the only one that may change their shape; it serves nobody.
    MIGRATE = "migrate"

    @property
    def role(self) -> str:
        """The database role that this process connects as."""
        if self is Process.MIGRATE:
            return OWNER
        return f"{OWNER}_{self.value.removesuffix('-worker')}"


OWNER = "countersign"
# Everybody but the owner, who is above grants.
GRANTED = tuple(process for process in Process if process is not Process.MIGRATE)


class Verb(StrEnum):
    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class Right(NamedTuple):
    """One verb on a table; `columns` narrow it, none means all of them."""

    verb: Verb
    columns: tuple[str, ...] = ()

    def of(self, *columns: str) -> "Right":
        """Narrow the right to these columns."""
        return Right(self.verb, columns)


SELECT, INSERT, UPDATE, DELETE = (Right(verb) for verb in Verb)
Rights = tuple[Right, ...]
Table = Mapping[Process, Rights]

READ: Rights = (SELECT,)
ADD: Rights = (SELECT, INSERT)
CHANGE: Rights = (SELECT, INSERT, UPDATE)
ALL: Rights = (SELECT, INSERT, UPDATE, DELETE)
# To hold a row against change PostgreSQL asks for UPDATE of any of its columns: one that nothing ever writes.
HOLD = UPDATE.of("id")
# To hold rows and then delete them.
TAKE: Rights = (SELECT, HOLD, DELETE)
