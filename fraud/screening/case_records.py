"""The record of an application as a case system takes it: unsealed here, mapped, and never kept."""

from typing import Any

from fraud.models import MappingVersion, WebhookDelivery
from fraud.queries.applicants import opened_application
from fraud.queries.mappings import compiled_outbound
from portal.core.errors import DomainError, Kind
from portal.keys.sealed import ErasedError


class NoMappingError(DomainError):
    """Refuse to write a record while its mapping is not published; it may be again."""

    kind = Kind.CONFLICT
    code = "no-mapping"


class UnfitRecordError(DomainError):
    """Refuse what can never be written; `problem` is a code, and never a value."""

    code = "record-unfit"

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.problem = problem


def live_version(delivery: WebhookDelivery) -> MappingVersion:
    """Give the version under which a delivery of a feed is written now.

    :raises NoMappingError: there is none
    """
    mapping = delivery.feed.mapping if delivery.feed else None
    if mapping is None or mapping.live is None or mapping.retired_at is not None:
        raise NoMappingError
    return mapping.live


def case_record(delivery: WebhookDelivery) -> dict[str, Any]:
    """Write the application of a delivery as its feed's mapping says.

    :raises NoMappingError: the mapping is not published now
    :raises UnfitRecordError: the mapping refuses the application, or the applicant was erased
    """
    compiled = compiled_outbound(live_version(delivery))
    try:
        written = compiled.write(opened_application(delivery.application))
    except ErasedError:
        raise UnfitRecordError("erased") from None
    if written.record is None:
        raise UnfitRecordError("mapping-refused")
    return written.record
