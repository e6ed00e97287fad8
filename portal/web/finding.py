"""Finding the one thing that an address names, and fitting a list to what its reader may do."""

from dataclasses import replace
from typing import TypeVar

from django.db.models import Model, QuerySet

from portal.accounts.roles import Act
from portal.core.errors import NotFoundError
from portal.web.lists import ListPage
from portal.web.navigation import Words
from portal.web.pieces import Choice
from portal.web.requests import PageRequest

M = TypeVar("M", bound=Model)


def found(rows: QuerySet[M], public_id: str) -> M:
    """Return the row with this id out of those that the actor may see.

    :raises NotFoundError: there is none, or it is somebody else's
    """
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFoundError
    return row


def offered(request: PageRequest, act: Act, title: Words, url: str, icon: str = "plus") -> Choice | None:
    """Offer an act to those who may do it somewhere."""
    return Choice(title, url, icon) if request.actor.may(act) else None


def fitted(page: ListPage, request: PageRequest, act: Act) -> ListPage:
    """Leave the next step out of an empty list for those who may not take it."""
    return page if request.actor.may(act) else replace(page, empty=replace(page.empty, url=""))
