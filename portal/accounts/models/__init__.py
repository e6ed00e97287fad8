"""Tables of people, organizations and clients."""

from portal.accounts.models.clients import Client, ClientKey, SigningKey
from portal.accounts.models.invitations import Invitation
from portal.accounts.models.people import Membership, Organization, User
from portal.accounts.models.single_sign_on import SignOnDomain, SignOnIdentity, SingleSignOn

__all__ = [
    "Client",
    "ClientKey",
    "Invitation",
    "Membership",
    "Organization",
    "SignOnDomain",
    "SignOnIdentity",
    "SigningKey",
    "SingleSignOn",
    "User",
]
