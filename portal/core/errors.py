"""What can go wrong in words that people and programs can act on; every anticipated refusal is one of these."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.core.phrases import Phrase


class Kind(StrEnum):
    """Say what sort of refusal an error is; doors turn it into their own status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    GONE = "gone"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"


# What each kind is in HTTP, for whichever door speaks it.
STATUS = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.LIMITED: 429,
    Kind.UNAVAILABLE: 503,
}


class DomainError(Exception):
    """Refuse an act for a reason that was foreseen.

    Subclasses set `kind`, a stable `code` that is never renamed, and a `title`; the instance carries the
    `detail` (what, why, and what to do) and, where the cause is a field, `fields` (name → message). Doors say all
    three in the reader's language, by `portal.core.language.said`.
    """

    kind: Kind = Kind.INVALID
    code: str = "invalid"
    title: str = Phrase("The request cannot be carried out")
    # Stable codes of fields, where programs decide by them.
    codes: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str = "", *, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.fields = fields or {}


class InvalidError(DomainError):
    """Refuse facts that make no sense; `fields` says which."""

    kind = Kind.INVALID
    code = "invalid"
    title = Phrase("Some of the values do not fit")

    @classmethod
    def of(cls, field: str, detail: str) -> "InvalidError":
        return cls(detail, fields={field: detail})


class ForbiddenError(DomainError):
    """Refuse an actor who lacks the privilege."""

    kind = Kind.FORBIDDEN
    code = "forbidden"
    title = Phrase("You may not do this")


class NotFoundError(DomainError):
    """Answer alike for what does not exist and for what belongs to somebody else."""

    kind = Kind.NOT_FOUND
    code = "not-found"
    title = Phrase("There is nothing here under this address")


class WrongStateError(DomainError):
    """Refuse an act that the present state does not allow."""

    kind = Kind.CONFLICT
    code = "wrong-state"
    title = Phrase("This cannot be done in the present state")


class FourEyesError(DomainError):
    """Refuse a second signature by the person who gave the first."""

    kind = Kind.FORBIDDEN
    code = "four-eyes"
    title = Phrase("A second person must decide")


# What to answer when an engine that a request needs is gone.
NO_ENGINE = Phrase(
    "An engine that this needs does not answer. Nothing was changed; try again in a few seconds."
)


class UnavailableError(DomainError):
    """Refuse for now: something this depends on does not answer."""

    kind = Kind.UNAVAILABLE
    code = "overloaded"
    title = Phrase("The service cannot answer just now")
