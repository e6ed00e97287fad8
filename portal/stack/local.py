"""The three engines of a data folder, with its ports and passwords, in the order in which they start."""

from portal.stack.engines import Engine, Storage, Valkey
from portal.stack.folder import DataFolder
from portal.stack.postgres import Postgres

# And processes that only others of ours call.
NAMES = ("postgres", "valkey", "s3", "screen", "registry")


def local_engines(place: DataFolder, *, durable: bool = True, running: bool = False) -> list[Engine]:
    """Give the engines: `running` ones keep their ports, others move away from a port that somebody took."""
    secrets = place.secrets()
    ports = place.kept_ports() if running else place.ports(NAMES)
    # A test run gives each of its workers a database of its own.
    databases = 16 if durable else 64
    return [
        Postgres(
            place.path / "postgres",
            ports["postgres"],
            secrets["postgres_password"],
            secrets["database_password"],
            place.role_passwords(),
            durable=durable,
        ),
        Valkey(
            place.path / "valkey",
            ports["valkey"],
            secrets["redis_password"],
            durable=durable,
            databases=databases,
        ),
        Storage(place.path / "s3", ports["s3"], secrets["s3_access_key"], secrets["s3_secret_key"]),
    ]
