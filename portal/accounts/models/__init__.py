"""Tables of people, organizations and clients."""

from portal.accounts.models.clients import Client, ClientKey, SigningKey
from portal.accounts.models.people import Membership, Organization, User

__all__ = ["Client", "ClientKey", "Membership", "Organization", "SigningKey", "User"]
