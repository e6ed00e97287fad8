"""How values lie in the cache: as JSON, which can be read without running anything."""

from typing import Any

import orjson


class JSONSerializer:
    """Write and read the values of Django's Redis cache; whole numbers stay bare, so that Redis can count them."""

    def dumps(self, value: Any) -> bytes | int:
        return value if type(value) is int else orjson.dumps(value)

    def loads(self, written: bytes) -> Any:
        return orjson.loads(written)
