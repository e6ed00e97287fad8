"""The mapping under which a file of an institution is read now, named by its sender or by default."""

from typing import Any

from django.utils.translation import gettext as _

from fraud.models import ClientLayout, Institution, Mapping
from fraud.queries.mappings import live_mapping
from fraud.rules.sources import SourceError
from fraud.rules.sources.layouts import layout_of
from fraud.rules.translation import CANONICAL
from fraud.rules.translation.document import to_builtins
from portal.accounts.models import Client
from portal.accounts.roles import Act
from portal.core.errors import InvalidError, NotFoundError


def current_layout(
    institution: Institution, name: str, *, client_id: int | None = None
) -> tuple[str, dict[str, Any], str]:
    """Give the name, document and checksum of the mapping that is live under a name.

    For "" the default counts: of the client that sends, else of the institution, else canonical JSON Lines.

    :raises InvalidError: there is none, or it is not for files
    """
    wanted = name or default_layout(institution, client_id=client_id) or CANONICAL
    try:
        compiled = live_mapping(institution, wanted).compiled
    except NotFoundError:
        raise InvalidError.of("layout", _missing(name, wanted)) from None
    document = to_builtins(compiled.document)
    try:
        layout_of(document)
    except SourceError as error:
        raise InvalidError.of("layout", str(error)) from None
    return wanted, document, compiled.checksum


def default_layout(institution: Institution, *, client_id: int | None = None) -> str:
    """Name the mapping by which a file is read whose sender names none; "" for canonical JSON Lines."""
    own = ClientLayout.objects.filter(institution=institution, client=client_id) if client_id else None
    found = own.values_list("layout", flat=True).first() if own is not None else None
    return found or institution.default_layout


def _missing(name: str, wanted: str) -> str:
    if name:
        return _("No mapping of this name is published.")
    return _(
        "The default layout %(name)s has no published mapping. Name a layout, or set another default."
    ) % {"name": wanted}


def layouts_of(institution: Institution) -> list[str]:
    """Name the mappings of an institution by which files can be read now."""
    live = Mapping.objects.filter(
        institution=institution, direction="inbound", live__isnull=False, retired_at=None
    )
    return list(live.exclude(name=CANONICAL).order_by("name").values_list("name", flat=True))


def client_layouts(institution: Institution) -> list[tuple[Client, str]]:
    """List the clients of an institution that may send files, each with its own default layout, or ""."""
    own = dict(ClientLayout.objects.filter(institution=institution).values_list("client", "layout"))
    clients = Client.objects.filter(
        organizations=institution.pk, acts__contains=[Act.SUBMISSION_SEND], disabled_at=None
    )
    return [(client, own.get(client.pk, "")) for client in clients.order_by("name", "pk")]
