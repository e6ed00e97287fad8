"""The column of a sealed value; it is sealed and opened by calls that one can see, never by reading an attribute."""

from typing import Any

from django.db import models

from portal.crypto.keyring import Purpose
from portal.crypto.sealing import OVERHEAD_BYTES


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """An envelope (`portal.crypto.sealing`) of at most *longest* bytes of content, under keys of one purpose."""

    def __init__(self, *args: Any, purpose: Purpose, longest: int, **kwargs: Any) -> None:
        self.purpose, self.longest = purpose, longest
        super().__init__(*args, **{**kwargs, "max_length": longest + OVERHEAD_BYTES})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        return name, path, args, {**kwargs, "purpose": self.purpose, "longest": self.longest}
