"""What every endpoint shares: limits before work, JSON in and out, and the caller as an actor."""

from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from portal.accounts.actors import Actor
from portal.api.authentication import ClientKeyAuthentication, caller_of
from portal.api.limits import count_request
from portal.api.parsers import LengthMissingError
from portal.api.renderers import OnlyJSON
from portal.core.errors import NotFoundError
from portal.core.tenancy import act_within

M = TypeVar("M", bound=Model)


class ApiView(APIView):
    """An endpoint for clients: authenticate, count, parse, one call, answer."""

    content_negotiation_class = OnlyJSON
    metadata_class = None
    # Only where the operation asks the database itself whether the key is still live.
    may_remember_key: ClassVar[bool] = False

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [ClientKeyAuthentication(may_remember=self.may_remember_key)]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "HTTP_TRANSFER_ENCODING" in request.META and "CONTENT_LENGTH" not in request.META:
            raise LengthMissingError
        caller = caller_of(request)
        act_within(caller.actor.tenants)
        count_request(self.client_id, most=caller.requests_per_minute)

    @property
    def actor(self) -> Actor:
        """The client that calls."""
        return caller_of(self.request).actor

    @property
    def client_id(self) -> int:
        """The row of the client that calls."""
        return self.actor.client_id or 0

    def read(self, form: type[Serializer[Any]]) -> dict[str, Any]:
        """Check the shape of the body and give its values.

        :raises rest_framework.exceptions.ValidationError: naming the fields
        """
        given = form(data=self.request.data)
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = given.validated_data
        return values


def found(rows: QuerySet[M], public_id: str) -> M:
    """Give one row of the caller's scope.

    :raises NotFoundError: there is none, or it is somebody else's; the answer is the same
    """
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFoundError
    return row
