"""What rules ask about: facts drawn from an application, from what came before, the consortium and watch lists."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from fraud.rules import checks
from fraud.rules.canonical import AddressKind, Application, Party
from fraud.rules.consortium import Hit, RecordRole, Tier
from fraud.rules.provinces import differs_from_area_code, differs_from_postal_code
from fraud.rules.rulebook.fields import BLANK, HITS, Facts, SeenHit, hits_name, watch_name
from fraud.rules.watching import WatchList


def own_facts(application: Application) -> dict[str, Any]:
    """Draw the facts of an application by itself; those that are as the catalogue's blank are left out.

    They identify nobody, so they are kept beside the sealed application (`Application.facts`), and a rulebook can be
    tried on them later without opening it. Income is kept to two digits.
    """
    found: dict[str, Any] = {}
    _about_application(application, found)
    _about_main(application, found)
    for party in application.parties:
        _about_party(party, application.submitted_at, found)
    sins = [party.national_id for party in application.parties if party.national_id]
    found["parties_share_sin"] = len(set(sins)) < len(sins)
    return {name: value for name, value in found.items() if value != BLANK[name]}


def facts(
    own: Mapping[str, Any],
    *,
    submitted_at: datetime,
    velocity: Mapping[str, int] | None = None,
    hits: Iterable[Hit] | None = None,
    watch_hits: Iterable[str] = (),
) -> Facts:
    """Put together every fact of the catalogue.

    *own* is what `own_facts` gave, *velocity* counts by field name (`fraud.queries.velocity`), *watch_hits* the list
    of each element found on one. *hits* is None where the consortium has not answered.
    """
    whole = BLANK.copy()
    whole.update(own)
    if velocity:
        whole.update(velocity)
    if hits is not None:
        whole["consortium_answered"] = True
        _count_hits(hits, submitted_at, whole)
    for listed in watch_hits:
        whole[watch_name(WatchList(listed))] += 1
    return whole


def _about_application(application: Application, found: dict[str, Any]) -> None:
    found["product"], found["channel"] = str(application.product), str(application.channel)
    found["amount"], found["parties"] = application.amount, len(application.parties)


def _about_main(application: Application, found: dict[str, Any]) -> None:
    main = application.main
    found["has_sin"], found["has_phone"] = bool(main.national_id), bool(main.phones)
    found["has_email"], found["has_bank_account"] = bool(main.emails), main.bank_account is not None
    found["sin_kind"] = checks.sin_series(main.national_id)
    if main.birth_date is not None:
        found["age"] = checks.age_on(main.birth_date, application.submitted_at.date())
    if main.employment is not None:
        found["employment"] = str(main.employment)
    if main.income is not None:
        found["income"] = _two_digits(main.income)
        if main.income > 0:
            found["amount_to_income"] = _two_digits(application.amount * 100 // main.income)


def _about_party(party: Party, at: datetime, found: dict[str, Any]) -> None:
    """Note what is odd about anybody on the application."""
    odd: list[str] = []
    if party.birth_date is not None:
        odd += _odd_ages(party, checks.age_on(party.birth_date, at.date()))
    if checks.is_unlikely_income(party.employment, party.income):
        odd.append("income_unlikely")
    odd += _odd_places(party)
    if any(checks.is_disposable(email) for email in party.emails):
        odd.append("email_is_disposable")
    for name in odd:
        found[name] = True


def _odd_ages(party: Party, age: int) -> Iterable[str]:
    if checks.is_minor(age):
        yield "is_minor"
    if checks.is_unlikely_age(age):
        yield "age_is_unlikely"
    if party.employment is not None and checks.is_unlikely_employment(party.employment, age):
        yield "employment_unlikely_for_age"


def _odd_places(party: Party) -> Iterable[str]:
    numbers = [phone.number for phone in party.phones]
    if any(not number.startswith("+1") for number in numbers):
        yield "phone_is_foreign"
    for address in party.addresses:
        if address.kind is not AddressKind.CURRENT:
            continue
        if checks.is_po_box(address.line):
            yield "address_is_po_box"
        if address.country != "CA":
            yield "address_is_foreign"
            continue
        if differs_from_postal_code(address.province, address.postal_code):
            yield "postal_province_differs"
        if numbers and all(differs_from_area_code(address.province, number) for number in numbers):
            yield "phone_province_differs"


def _count_hits(hits: Iterable[Hit], at: datetime, whole: dict[str, Any]) -> None:
    seen = []
    for hit in hits:
        months = _months_before(hit.month, at)
        seen.append(SeenHit(hit.tier, hit.fraud_type, hit.role, months, hit.is_disputed))
        if hit.is_own:
            whole["own_hits"] += 1
        if hit.is_disputed:
            whole["disputed_hits"] += 1
        elif hit.role is RecordRole.VICTIM:
            whole["victim_hits"] += 1
        elif hit.tier is not Tier.WEAK:
            whole["strong_hits" if hit.tier is Tier.STRONG else "probable_hits"] += 1
            whole[hits_name(hit.fraud_type)] += 1
            newest = whole["newest_hit_months"]
            whole["newest_hit_months"] = months if newest is None else min(newest, months)
    whole[HITS] = tuple(seen)


def _months_before(month: str, at: datetime) -> int:
    """Count the months from "2026-03" to a moment; 0 for months to come."""
    year, number = month.split("-")
    return max(0, (at.year - int(year)) * 12 + at.month - int(number))


def _two_digits(value: int) -> int:
    """Round down to two digits: 52,345 is 52,000. Enough for rules, too little to know somebody by."""
    step: int = 10 ** max(0, len(str(value)) - 2)
    return value // step * step
