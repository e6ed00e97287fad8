"""Engines for one run of the tests or of a benchmark: fresh, forgetful, and gone afterwards."""

import os
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from portal.crypto.key_file import create
from portal.stack.children import Child
from portal.stack.engines import Engine, bring_up
from portal.stack.folder import DataFolder
from portal.stack.guard import Guard
from portal.stack.local import local_engines
from portal.stack.postgres import Postgres
from portal.stack.voice import StackError

PREFIX = "countersign-"


class TemporaryEngines:
    """All three engines in a temporary folder; `durable` ones write as in production, for measuring."""

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self._children: list[Child] = []
        self._engines: list[Engine] = []
        self._guard = Guard()
        self._place: DataFolder | None = None
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the engines and gather the settings with which the portal finds them."""
        remove_left_over()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        # As root PostgreSQL runs as another user, who must get past here.
        folder.chmod(0o711)
        self._place = place = DataFolder(folder)
        place.take()
        secrets = place.secrets()
        place.static.mkdir()
        create(place.keys, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
        self._engines = local_engines(place, durable=self._durable)
        for engine in self._engines:
            engine.prepare()
            child = Child(engine.command(), place.logs / f"{engine.name}.log", self._guard)
            self._children.append(child)
            bring_up(engine, child)
            self.environment |= engine.environment()
        self.environment |= {
            "SECRET_KEY": secrets["secret_key"],
            "KEY_FILE": str(place.keys),
            "STATIC_ROOT": str(place.static),
        }

    def stop(self) -> None:
        """Stop the engines and remove what they wrote."""
        while self._children:
            # What they hold is thrown away, so nobody needs to wait for it to be written.
            self._children.pop().stop(patience=3.0)
        for engine in self._engines:
            if isinstance(engine, Postgres):
                with suppress(StackError, OSError):
                    engine.remove()
        self._guard.close()
        if self._place:
            self._place.release()
            shutil.rmtree(self._place.path, ignore_errors=True)


def remove_left_over() -> None:
    """Remove the folders of runs that were killed outright: an hour old, and nobody holds them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            status = folder.stat()
            is_old = time.time() - status.st_mtime > 3600
            if is_old and status.st_uid == os.geteuid() and not DataFolder(folder).is_taken():
                shutil.rmtree(folder)
