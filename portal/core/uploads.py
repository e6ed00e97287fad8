"""Files that people upload: small, kept in memory, and no further than they may be large."""

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload

# The largest upload that any form of the portal takes: a manifest.
MOST_BYTES = 1024 * 1024
# Beyond this nobody uploads by mistake, and reading on would only keep a thread busy.
END_OF_PATIENCE = 16 * MOST_BYTES


class SmallFileHandler(MemoryFileUploadHandler):
    """Keep the first megabyte of a file in memory and pass over the rest; nothing is written to the disk.

    The file's `size` is what was sent, so that its form can say in words that it is too large.
    """

    def handle_raw_input(self, *_arguments: Any, **_named: Any) -> None:
        # Whatever the length of the whole: this handler is the only one.
        self.activated = True
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > END_OF_PATIENCE:
            raise StopUpload(connection_reset=True)
        if start < MOST_BYTES:
            super().receive_data_chunk(raw_data[: MOST_BYTES - start], start)
        return None
