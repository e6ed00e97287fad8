"""What can go wrong in words that people and programs can act on; every anticipated refusal is one of these."""

from enum import StrEnum


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


class DomainError(Exception):
    """Refuse an act for a reason that was foreseen.

    Subclasses set `kind`, a stable `code` that is never renamed, and a `title`; the instance carries the
    `detail` (what, why, and what to do) and, where the cause is a field, `fields` (name → message).
    """

    kind: Kind = Kind.INVALID
    code: str = "invalid"
    title: str = "The request cannot be carried out"

    def __init__(self, detail: str = "", *, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.fields = fields or {}


class InvalidError(DomainError):
    """Refuse facts that make no sense; `fields` says which."""

    kind = Kind.INVALID
    code = "invalid"
    title = "Some of the values do not fit"

    @classmethod
    def of(cls, field: str, detail: str) -> "InvalidError":
        return cls(detail, fields={field: detail})


class ForbiddenError(DomainError):
    """Refuse an actor who lacks the privilege."""

    kind = Kind.FORBIDDEN
    code = "forbidden"
    title = "You may not do this"


class NotFoundError(DomainError):
    """Answer alike for what does not exist and for what belongs to somebody else."""

    kind = Kind.NOT_FOUND
    code = "not-found"
    title = "There is nothing here under this address"


class WrongStateError(DomainError):
    """Refuse an act that the present state does not allow."""

    kind = Kind.CONFLICT
    code = "wrong-state"
    title = "This cannot be done in the present state"


class FourEyesError(DomainError):
    """Refuse a second signature by the person who gave the first."""

    kind = Kind.FORBIDDEN
    code = "four-eyes"
    title = "A second person must decide"


class UnavailableError(DomainError):
    """Refuse for now: something this depends on does not answer."""

    kind = Kind.UNAVAILABLE
    code = "overloaded"
    title = "The service cannot answer just now"
