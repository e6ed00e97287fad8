"""Tables of people, organizations and clients."""

from portal.accounts.models.clients import Client, ClientKey, SigningKey
from portal.accounts.models.invitations import Invitation
from portal.accounts.models.people import Membership, Organization, User

__all__ = ["Client", "ClientKey", "Invitation", "Membership", "Organization", "SigningKey", "User"]
