"""Applications of people who do not exist: alone or with a partner, some once more, some by fraud rings; labelled."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from fraud.rules.canonical import Application, Channel, Party, PartyRole, Phone, Product
from fraud.rules.consortium import FraudType
from fraud.rules.people import draws
from fraud.rules.people.noise import new_address, noisy_copy
from fraud.rules.people.people import MOST_PEOPLE, RUN, Person, people_of

SINCE = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
# One application in so many is a ring's; a ring has the applications of one stretch, so about six.
RING_STRETCH = 1_500
RING_SHARE = 6 / RING_STRETCH
REPEAT_SHARE = 0.08
JOINT_SHARE = 0.12

_PRODUCT, _AMOUNT, _DEVICE, _RING, _REPEAT, _JOINT = range(200, 206)
_PRODUCTS = (Product.CREDIT_CARD, Product.LOAN, Product.LINE_OF_CREDIT)
_CHANNELS = tuple(Channel)
# Minor units: the least, and how many steps of 10,000 above it.
_AMOUNTS = ((50_000, 150), (200_000, 500), (500_000, 950))
_RING_KINDS = (
    FraudType.IDENTITY_THEFT,
    FraudType.IDENTITY_THEFT,
    FraudType.SYNTHETIC_IDENTITY,
    FraudType.SYNTHETIC_IDENTITY,
    FraudType.FIRST_PARTY,
    FraudType.MONEY_MULE,
)


class Labelled(Struct, frozen=True, gc=False):
    """An application with what only its maker knows: the person behind it, the kind of fraud and the ring, if any."""

    application: Application
    # The number of the person whose identity it shows (`people`); of a synthetic one, who gave the name.
    person: int
    fraud: FraudType | None = None
    ring: int | None = None


def applications(seed: int, count: int, *, start: int = 0) -> Iterator[Application]:
    """Give *count* applications from the number *start* on: the same seed and number give the same application.

    Reference `G{seed}-{number}`, a second apart from `SINCE` on, one in twelve by somebody who applied before.
    :raises ValueError: more than there are people for
    """
    return (each.application for each in labelled_applications(seed, count, start=start))


def labelled_applications(seed: int, count: int, *, start: int = 0) -> Iterator[Labelled]:
    """Give applications as `applications` does, with their labels.

    :raises ValueError: more than there are people for
    """
    if start < 0 or start + count > MOST_PEOPLE:
        raise ValueError(f"There are people for {MOST_PEOPLE:,} applications.")
    end = start + count
    for first in range(start - start % RUN, end, RUN):
        made = _run(seed, first)
        yield from made[max(start - first, 0) : end - first]


def application_of(person: Person, reference: str, *, submitted_at: datetime = SINCE) -> Application:
    """Give a plain application of one person, a card of 5,000 dollars on the web."""
    return Application(
        reference=reference,
        product=Product.CREDIT_CARD,
        channel=Channel.WEB,
        amount=500_000,
        submitted_at=submitted_at,
        parties=(party_of(person),),
    )


def party_of(person: Person, role: PartyRole = PartyRole.MAIN) -> Party:
    """Give a person as a party of an application."""
    return Party(
        role=role,
        given_name=person.given_name,
        middle_name=person.middle_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        national_id=person.sin,
        addresses=(person.address,),
        phones=person.phones,
        emails=(person.email,),
        employment=person.employment,
        employer=person.employer,
        occupation=person.occupation,
        income=person.income,
        bank_account=person.bank_account,
    )


def _run(seed: int, first: int) -> list[Labelled]:
    """Give the applications of one run of numbers."""
    numbers = np.arange(first, first + RUN, dtype=np.uint64)
    repeat = draws.draw(seed, _REPEAT, numbers)
    # Somebody who applied before, of the last fifty thousand.
    back = draws.below(repeat << np.uint64(32), np.clip(numbers, 1, 50_000)).astype(np.uint64)
    earlier = numbers - np.uint64(1) - back
    is_repeat = draws.chance(repeat, REPEAT_SHARE) & (numbers > 0)
    people = people_of(seed, np.where(is_repeat, earlier, numbers))
    made = _plain(seed, numbers, people)
    for place in np.flatnonzero(is_repeat).tolist():
        rng = Random(seed * MOST_PEOPLE + first + place)  # noqa: S311 - people to try things on, and guards nothing
        made[place] = replace(made[place], application=noisy_copy(made[place].application, rng))
    in_ring = draws.chance(draws.draw(seed, _RING, numbers), RING_SHARE)
    for place in np.flatnonzero(in_ring).tolist():
        made[place] = _of_ring(seed, first + place, made[place], people[place - 1])
    return made


def _plain(seed: int, numbers: draws.Words, people: list[Person]) -> list[Labelled]:
    product = draws.below(draws.draw(seed, _PRODUCT, numbers), 3).tolist()
    amount, device = draws.draw(seed, _AMOUNT, numbers).tolist(), draws.draw(seed, _DEVICE, numbers).tolist()
    is_joint = draws.chance(draws.draw(seed, _JOINT, numbers), JOINT_SHARE * 2.5).tolist()
    made = []
    for place, (number, person) in enumerate(zip(numbers.tolist(), people, strict=True)):
        parties: tuple[Party, ...] = (party_of(person),)
        if is_joint[place] and place + 1 < len(people) and people[place + 1].household == person.household:
            parties = (*parties, party_of(people[place + 1], PartyRole.JOINT))
        least, steps = _AMOUNTS[product[place]]
        bits = device[place]
        application = Application(
            reference=f"G{seed}-{number:08}",
            product=_PRODUCTS[product[place]],
            channel=_CHANNELS[bits % len(_CHANNELS)],
            amount=least + 10_000 * (amount[place] % steps),
            submitted_at=SINCE + timedelta(seconds=number),
            parties=parties,
            device_id=f"dev-{bits >> 16:012x}",
            # Shared address space (RFC 6598): nobody's on the internet.
            ip_address=f"100.{64 + (bits & 63)}.{bits >> 6 & 255}.{bits >> 14 & 255}",
        )
        made.append(Labelled(application, person.number))
    return made


def _of_ring(seed: int, number: int, plain: Labelled, other: Person) -> Labelled:
    """Make an application a ring's: its own telephone, device, flat and employer, and somebody's identity."""
    ring = number // RING_STRETCH
    own, rng = Random(seed * MOST_PEOPLE - 1 - ring), Random(seed * MOST_PEOPLE + number)  # noqa: S311 - people to try things on, and guards nothing
    kind = _RING_KINDS[rng.randrange(len(_RING_KINDS))]
    main, flat = plain.application.main, new_address(own)
    phone = Phone(number=f"+1647{own.randrange(2_000_000, 10_000_000)}")
    changed = replace(
        main,
        addresses=(flat,),
        phones=(phone,),
        emails=(f"{main.family_name[:1].lower()}x{rng.randrange(10**6)}@outlook.com",),
        employer="Prestige Consulting Group",
        income=main.income and main.income + 8_000_000,
        national_id=other.sin if kind is FraudType.SYNTHETIC_IDENTITY else main.national_id,
    )
    application = replace(
        plain.application,
        parties=(changed,),
        channel=Channel.WEB,
        device_id=f"dev-ring-{own.getrandbits(32):08x}",
    )
    return Labelled(application, plain.person, kind, ring)
