"""The mapping under which a file or an application of an institution is read now."""

from typing import Any

from django.utils.translation import gettext as _

from fraud.models import Institution
from fraud.rules.translation import CANONICAL, MappingDocument, canonical_document, checksum
from fraud.rules.translation.document import to_builtins
from portal.core.errors import NotFoundError


def current_layout(_institution: Institution, name: str) -> tuple[str, dict[str, Any], str]:
    """Give the name, document and checksum of the mapping that is live under a name; "" is the institution's own.

    :raises NotFoundError: there is none
    """
    if name not in {"", CANONICAL}:
        raise NotFoundError(_("No mapping of this name is published."))
    return _told(CANONICAL, canonical_document())


def _told(name: str, document: MappingDocument) -> tuple[str, dict[str, Any], str]:
    return name, to_builtins(document), checksum(document)
