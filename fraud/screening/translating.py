"""From a record in an institution's own layout to a canonical application, or to what is wrong with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fraud.models import Institution
from fraud.queries.mappings import live_mapping
from fraud.rules.canonical import Application
from fraud.rules.translation import CANONICAL, Fault
from fraud.screening.drifting import count_alone
from portal.core.errors import InvalidError, NotFoundError
from portal.core.phrases import Phrase


class ApplicationFaultsError(InvalidError):
    """Refuse a record that cannot be translated, naming everything that is wrong with it."""

    title = Phrase("This application cannot be read")

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            Phrase("Correct what is named, and send it again."),
            fields={_dotted(fault.field): fault.words for fault in faults},
        )
        self.codes = {_dotted(fault.field): str(fault.code) for fault in faults}


def translated(institution: Institution, record: Any, *, layout: str = "", now: datetime) -> Application:
    """Give the canonical application of a record, and count what the record looked like.

    *layout*: the name of one of the institution's mappings; "" for canonical JSON, unless the institution has a
    mapping of that name.

    :raises ApplicationFaultsError: naming everything that is wrong with it
    :raises InvalidError: no mapping of that name is published
    """
    try:
        live = live_mapping(institution, layout or CANONICAL)
    except NotFoundError as error:
        raise InvalidError.of("layout", Phrase("No mapping of this name is published.")) from error
    found = live.compiled.translate(record)
    count_alone(live, record, found.faults, now=now)
    if found.application is None:
        raise ApplicationFaultsError(found.faults)
    return found.application


def _dotted(path: str) -> str:
    """Write "parties[0].birth_date" as the API names fields everywhere: "parties.0.birth_date"."""
    return path.replace("[", ".").replace("]", "")
