"""What is shown of a person to whoever may not see them whole: enough to compare, too little to know."""

from collections.abc import Iterator
from dataclasses import dataclass

from fraud.rules.canonical import Address, Application, BankAccount, Party

MASK = "•••"
_SHOWN_DIGITS = 3


@dataclass(frozen=True, slots=True)
class MaskedParty:
    """A party behind masks; fields are names of the canonical application with what may be seen of each."""

    role: str
    fields: tuple[tuple[str, str], ...]


def masked_parties(application: Application) -> list[MaskedParty]:
    """Mask the parties of an application, in its order."""
    return [MaskedParty(str(party.role), tuple(masked_fields(party))) for party in application.parties]


def masked_fields(party: Party) -> Iterator[tuple[str, str]]:
    """Give each field that is known of a party, masked, in the order in which people read them."""
    yield "name", " ".join(masked_name(name) for name in _names(party))
    if party.birth_date:
        yield "birth_date", f"{party.birth_date.year}-••-••"
    if party.national_id:
        yield "national_id", masked_digits(party.national_id)
    yield from (("address", masked_address(address)) for address in party.addresses)
    yield from (("phone", masked_phone(phone.number)) for phone in party.phones)
    yield from (("email", masked_email(email)) for email in party.emails)
    yield from _work(party, masked_name(party.employer))
    if party.bank_account:
        yield "bank_account", _masked_account(party.bank_account)


def open_fields(party: Party) -> Iterator[tuple[str, str]]:
    """Give the same fields as `masked_fields`, unmasked, for whoever has said why they must see them."""
    yield "name", " ".join(_names(party))
    if party.birth_date:
        yield "birth_date", party.birth_date.isoformat()
    if party.national_id:
        yield "national_id", " ".join(party.national_id[at : at + 3] for at in range(0, 9, 3))
    yield from (("address", _open_address(address)) for address in party.addresses)
    yield from (("phone", phone.number) for phone in party.phones)
    yield from (("email", email) for email in party.emails)
    yield from _work(party, party.employer)
    if party.bank_account:
        account = party.bank_account
        yield "bank_account", " ".join(filter(None, (account.institution, account.transit, account.number)))


def _work(party: Party, employer: str) -> Iterator[tuple[str, str]]:
    if party.employment:
        yield "employment", str(party.employment)
    if party.employer:
        yield "employer", employer


def _open_address(address: Address) -> str:
    told = (address.line, address.city, address.province, address.postal_code, address.country)
    return ", ".join(part for part in told if part)


def _names(party: Party) -> list[str]:
    return [name for name in (party.given_name, party.middle_name, party.family_name) if name]


def masked_name(name: str) -> str:
    """Give the first letter of a name.

    >>> masked_name("Tremblay")
    'T•••'
    """
    return f"{name[:1]}{MASK}"


def masked_digits(digits: str) -> str:
    """Give the last three digits of a number that has more than twice as many.

    >>> masked_digits("046454286")
    '•••286'
    """
    return MASK + (digits[-_SHOWN_DIGITS:] if len(digits) > 2 * _SHOWN_DIGITS else "")


def masked_phone(number: str) -> str:
    """Give the area and the last two digits of a number in E.164."""
    area = f"+1 {number[2:5]}" if number.startswith("+1") and len(number) == 12 else number[:3]
    return f"{area} {MASK}{number[-2:]}"


def masked_email(email: str) -> str:
    """Give the first letter and the domain of an address."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}{MASK}{at}{domain}" if at else MASK


def masked_address(address: Address) -> str:
    """Give city, province and the first half of the postal code."""
    postal = f"{address.postal_code[:3]} {MASK}" if address.postal_code else ""
    return ", ".join(part for part in (MASK, address.city, address.province, postal) if part)


def masked_shape(value: object) -> str:
    """Give the shape of a value: letters as x or X, digits as 9, everything else as it is.

    >>> masked_shape("H2X 1Y4, Montréal")
    'X9X 9X9, Xxxxxxxx'
    """
    return "" if value is None else "".join(map(_shape, str(value)))


def _shape(letter: str) -> str:
    if letter.isnumeric():
        return "9"
    if letter.isalpha():
        return "X" if letter.isupper() else "x"
    return letter


def _masked_account(account: BankAccount) -> str:
    return f"{account.institution} {masked_digits(account.number)}".strip()
