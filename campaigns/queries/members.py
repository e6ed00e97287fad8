"""Members of a market's programme: found by the token of their reference, which is sealed and shown masked."""

from django.db.models import Q, QuerySet

from campaigns.models import LedgerEntry, Market, Member
from portal.accounts.actors import Actor
from portal.accounts.roles import Act
from portal.core.errors import NotFoundError
from portal.crypto.keyring import Purpose
from portal.crypto.sealing import Place
from portal.keys.scopes import scope_keys
from portal.keys.sealed import ErasedError, open_for_subject, scope_token

# Keeps members apart from whatever else a market may look up by token.
REFERENCE_KIND = "member"
# How much of a reference is shown to whoever may not see it whole.
SHOWN_CHARACTERS = 2
_MASK = "•••"


def member_scope(market_id: int) -> str:
    """Name the scope of the keys under which a market's members are sealed and found."""
    return f"market:{market_id}"


def member_token(market_id: int, reference: str) -> bytes:
    """Give the token by which a market finds a member; the same reference in another market has another."""
    return scope_token(member_scope(market_id), REFERENCE_KIND, reference)


def open_member_keys(market_id: int) -> None:
    """Have a market's keys at hand, so that no transaction waits for a key service.

    :raises portal.core.errors.UnavailableError: the key service does not answer, or refuses
    """
    for purpose in (Purpose.MEMBERS, Purpose.TOKENS):
        scope_keys(purpose, member_scope(market_id))


def member_place(public_id: str) -> Place:
    """Say where the sealed reference of a member lies."""
    return Place("campaigns_member", "sealed_reference", public_id)


def opened_reference(member: Member) -> str:
    """Open a member's reference, for an operation that records it or a page that masks it.

    :raises ErasedError: the member was erased
    """
    if member.sealed_reference is None:
        raise ErasedError
    place = member_place(member.public_id)
    return open_for_subject(member.sealed_reference, subject=member.public_id, place=place).decode()


def masked_reference(member: Member) -> str:
    """Give the last characters of a reference behind a mask, enough to compare; "" for an erased member."""
    if member.sealed_reference is None:
        return ""
    reference = opened_reference(member)
    shown = reference[-SHOWN_CHARACTERS:] if len(reference) > 2 * SHOWN_CHARACTERS else ""
    return _MASK + shown


def members(actor: Actor, act: Act = Act.MEMBER_READ) -> QuerySet[Member]:
    """List the members of the markets within the actor's scope."""
    reach = actor.scope(act, market="market", brand="market__campaigns__brand")
    return Member.objects.filter(reach).select_related("market").distinct().order_by("pk")


def visible_member(actor: Actor, act: Act, public_id: str) -> Member:
    """Give a member of a market within the actor's scope.

    :raises NotFoundError: there is none, or it belongs to somebody else's market
    """
    found = members(actor, act).filter(public_id=public_id).first()
    if found is None:
        raise NotFoundError
    return found


def found_member(actor: Actor, act: Act, market_id: int, reference: str) -> Member:
    """Find a member by reference, without opening anything.

    :raises NotFoundError: there is none, or the market is somebody else's
    """
    token = member_token(market_id, reference)
    found = members(actor, act).filter(market_id=market_id, reference_token=token).first()
    if found is None:
        raise NotFoundError
    return found


def markets_with_members(actor: Actor, act: Act = Act.MEMBER_READ) -> QuerySet[Market]:
    """List the markets within which the actor may find members; a brand's are those of its campaigns."""
    return (
        Market.objects.filter(actor.scope(act, market="pk", brand="campaigns__brand"))
        .distinct()
        .order_by("name", "pk")
    )


def points_of(actor: Actor, member: Member) -> QuerySet[LedgerEntry]:
    """List what a member was given or lost, newest first, with campaign and batch, as far as the actor reaches."""
    reach: Q = actor.scope(Act.MEMBER_READ, market="member__market", brand="redemption__campaign__brand")
    rows = LedgerEntry.objects.filter(reach, member=member)
    return rows.select_related("redemption__campaign", "redemption__batch").order_by("-pk")
