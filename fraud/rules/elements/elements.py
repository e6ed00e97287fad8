"""The elements of an application: for the consortium, and for its own institution."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from msgspec import Struct

from fraud.rules.canonical import Application, Party
from fraud.rules.elements.addresses import address_key, civic_key, postal_key
from fraud.rules.elements.contacts import account_key, birth_key, device_key, email_key, ip_key, phone_key
from fraud.rules.elements.kinds import ElementKind
from fraud.rules.elements.names import family_sounds, given_sounds, name_sounds
from fraud.rules.elements.sins import is_sin

# A party with several names, telephones and addresses is cut to these; what goes is of its least likely name.
MOST_OF_PARTY = 24
MOST_PHONES, MOST_EMAILS, MOST_ADDRESSES = 3, 2, 2

_K = ElementKind


class Element(Struct, frozen=True, gc=False):
    """A normalised value of one kind, and the place of its party in the application (the first is 0)."""

    kind: ElementKind
    value: str
    party: int


class Reading(Struct, frozen=True):
    """A party as it is compared; what is missing or nobody's is left out."""

    sin: str
    account: str
    birth: str
    givens: tuple[str, ...]
    families: tuple[str, ...]
    names: tuple[str, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]


def registry_elements(application: Application) -> list[Element]:
    """Give what the consortium is asked about: strong and composite elements, at most `MOST_OF_PARTY` of each party.

    A value that two parties share (an account, say) is the first one's.
    """
    return _of_parties(application, _registry_pairs)


def own_elements(application: Application) -> list[Element]:
    """Give what an institution counts among its own applications, single attributes too.

    Device and address of the network belong to the main party.
    """
    elements = _of_parties(application, _own_pairs)
    if device := device_key(application.device_id):
        elements.append(Element(_K.DEVICE, device, 0))
    if address := ip_key(application.ip_address):
        elements.append(Element(_K.IP, address, 0))
    return elements


def read_party(party: Party) -> Reading:
    """Normalise a party."""
    givens, families = given_sounds(party.given_name, party.middle_name), family_sounds(party.family_name)
    return Reading(
        sin=party.national_id if is_sin(party.national_id) else "",
        account=account_key(party.bank_account),
        birth=birth_key(party.birth_date),
        givens=givens,
        families=families,
        names=name_sounds(givens, families),
        phones=_some((phone_key(phone.number) for phone in party.phones), MOST_PHONES),
        emails=_some((email_key(email) for email in party.emails), MOST_EMAILS),
    )


Pairs = Iterator[tuple[ElementKind, str]]


def _of_parties(application: Application, pairs: Callable[[Party], Pairs]) -> list[Element]:
    seen: set[tuple[ElementKind, str]] = set()
    elements: list[Element] = []
    for place, party in enumerate(application.parties):
        for kind, value in islice(dict.fromkeys(pairs(party)), MOST_OF_PARTY):
            if (kind, value) not in seen:
                seen.add((kind, value))
                elements.append(Element(kind, value, place))
    return elements


def _registry_pairs(party: Party) -> Pairs:
    of = read_party(party)
    if of.sin:
        yield _K.SIN, of.sin
    if of.account:
        yield _K.ACCOUNT, of.account
    homes = [(postal_key(each.postal_code), civic_key(each)) for each in party.addresses[:MOST_ADDRESSES]]
    if of.birth:
        yield from _with_birth(of, [postal for postal, _ in homes if postal])
    for name in of.names:
        yield from ((_K.NAME_PHONE, f"{name}|{phone}") for phone in of.phones)
        yield from ((_K.NAME_EMAIL, f"{name}|{email}") for email in of.emails)
        for postal, civic in homes:
            if postal and civic:
                yield _K.NAME_CIVIC_POSTAL, f"{name}|{civic}|{postal}"


def _with_birth(of: Reading, postals: list[str]) -> Pairs:
    yield from ((_K.NAME_BIRTH, f"{name}|{of.birth}") for name in of.names)
    yield from ((_K.BIRTH_EMAIL, f"{of.birth}|{email}") for email in of.emails)
    yield from ((_K.BIRTH_PHONE, f"{of.birth}|{phone}") for phone in of.phones)
    for postal in postals:
        yield from ((_K.FAMILY_BIRTH_POSTAL, f"{family}|{of.birth}|{postal}") for family in of.families)
        yield from ((_K.GIVEN_BIRTH_POSTAL, f"{given}|{of.birth}|{postal}") for given in of.givens)


def _own_pairs(party: Party) -> Pairs:
    of = read_party(party)
    if of.sin:
        yield _K.SIN, of.sin
        if party.birth_date:
            yield _K.SIN_BIRTH, f"{of.sin}|{party.birth_date}"
    if of.account:
        yield _K.ACCOUNT, of.account
    yield from ((_K.PHONE, phone) for phone in of.phones)
    yield from ((_K.EMAIL, email) for email in of.emails)
    addresses = _some(map(address_key, party.addresses), MOST_ADDRESSES)
    yield from ((_K.ADDRESS, address) for address in addresses)
    if of.birth:
        yield from ((_K.NAME_BIRTH, f"{name}|{of.birth}") for name in of.names)


def _some(values: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(value for value in values if value), most))
