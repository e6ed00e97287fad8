"""The mapping under which a file of an institution is read now."""

from typing import Any

from django.utils.translation import gettext as _

from fraud.models import Institution
from fraud.queries.mappings import live_mapping
from fraud.rules.sources import SourceError
from fraud.rules.sources.layouts import layout_of
from fraud.rules.translation import CANONICAL
from fraud.rules.translation.document import to_builtins
from portal.core.errors import InvalidError, NotFoundError


def current_layout(institution: Institution, name: str) -> tuple[str, dict[str, Any], str]:
    """Give the name, document and checksum of the mapping that is live under a name; "" is canonical JSON Lines.

    :raises InvalidError: there is none, or it is not for files
    """
    name = name or CANONICAL
    try:
        compiled = live_mapping(institution, name).compiled
    except NotFoundError:
        raise InvalidError.of("layout", _("No mapping of this name is published.")) from None
    document = to_builtins(compiled.document)
    try:
        layout_of(document)
    except SourceError as error:
        raise InvalidError.of("layout", str(error)) from None
    return name, document, compiled.checksum
