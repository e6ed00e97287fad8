"""The rulebook that ships: what a lender without one of its own begins with."""

from functools import cache

from fraud.rules.canonical import Product
from fraud.rules.consortium import FraudType
from fraud.rules.rulebook.document import (
    All,
    Any,
    Condition,
    Links,
    Literal,
    Not,
    Operator,
    Rule,
    RulebookDocument,
    Test,
)
from portal.core.phrases import marked

_AT_LEAST = Operator.AT_LEAST


def _is(field: str, *, value: Literal = True) -> Test:
    return Test(field=field, operator=Operator.IS, value=value)


def _from(field: str, count: int = 1) -> Test:
    return Test(field=field, operator=_AT_LEAST, value=count)


def _rule(name: str, weight: int, reason: str, when: Condition) -> Rule:
    return Rule(name=name, when=when, weight=weight, reason=reason)


_CONSORTIUM = (
    _rule(marked("Strong hit"), 650, "shared-fraud-information", _from("strong_hits")),
    _rule(marked("Probable hit"), 350, "shared-fraud-information", _from("probable_hits")),
    _rule(
        marked("Several hits"),
        250,
        "shared-fraud-information",
        Any(of=(_from("strong_hits", 2), _from("probable_hits", 2))),
    ),
    _rule(
        marked("Hit of the last year"),
        100,
        "shared-fraud-information",
        Test(field="newest_hit_months", operator=Operator.AT_MOST, value=12),
    ),
    _rule(
        marked("Money mule with a bank account"),
        100,
        "shared-fraud-information",
        All(of=(_from(f"hits_{FraudType.MONEY_MULE.replace('-', '_')}"), _is("has_bank_account"))),
    ),
    _rule(marked("Details of a victim"), 350, "identity-protection", _from("victim_hits")),
    _rule(marked("Disputed hit"), 100, "details-to-verify", _from("disputed_hits")),
)
_OWN_LISTS = (
    _rule(marked("On the list of known fraud"), 700, "earlier-records", _from("watch_known_fraud")),
    _rule(marked("On the list of suspects"), 300, "earlier-records", _from("watch_suspect")),
    _rule(marked("On the list of the trusted"), -250, "", _from("watch_trusted")),
)
_HISTORY = (
    _rule(marked("Fraud of the same person before"), 700, "earlier-records", _from("earlier_frauds")),
    _rule(marked("Fraud with the same contact details"), 300, "earlier-records", _from("linked_frauds")),
    # By itself a typing error as often as not.
    _rule(
        marked("Another birth date with this SIN"),
        450,
        "identity-details-conflict",
        _from("sin_birth_dates_differ"),
    ),
    _rule(
        marked("Another birth date, and contact details of others"),
        200,
        "identity-details-conflict",
        All(
            of=(
                _from("sin_birth_dates_differ"),
                Any(of=(_from("phone_other_sins"), _from("device_other_sins"), _from("email_other_sins"))),
            )
        ),
    ),
    _rule(marked("Same SIN again within a day"), 120, "repeated-applications", _from("same_sin_1d", 2)),
    _rule(marked("Same SIN often in a month"), 250, "repeated-applications", _from("same_sin_30d", 4)),
    _rule(
        marked("Same name and birth date often in a month"),
        150,
        "repeated-applications",
        _from("same_name_birth_30d", 4),
    ),
    _rule(marked("Phone of several people"), 250, "details-used-by-others", _from("phone_other_sins", 3)),
    _rule(marked("Phone of many people"), 350, "details-used-by-others", _from("phone_other_sins", 6)),
    _rule(marked("E-mail of several people"), 300, "details-used-by-others", _from("email_other_sins", 2)),
    _rule(marked("Device of several people"), 250, "details-used-by-others", _from("device_other_sins", 3)),
    _rule(marked("Device of many people"), 350, "details-used-by-others", _from("device_other_sins", 6)),
    _rule(marked("Bank account of several people"), 400, "bank-account", _from("account_other_sins", 2)),
    _rule(marked("Address of many people"), 200, "address", _from("address_other_sins", 6)),
    _rule(marked("IP address busy within a day"), 100, "repeated-applications", _from("same_ip_1d", 15)),
    _rule(
        marked("Device and phone both come again"),
        150,
        "details-used-by-others",
        All(of=(_from("phone_other_sins"), _from("device_other_sins"))),
    ),
    _rule(
        marked("Many links in a week"),
        150,
        "repeated-applications",
        Links(kinds=("phone", "email", "device", "account"), days=7, at_least=10),
    ),
)
_CHECKS = (
    _rule(marked("Two people with one SIN"), 500, "identification-number", _is("parties_share_sin")),
    _rule(marked("SIN of a business"), 300, "identification-number", _is("sin_kind", value="business")),
    _rule(
        marked("Large loan on a temporary SIN"),
        120,
        "identification-number",
        All(of=(_is("sin_kind", value="temporary"), _from("amount", 2_500_000))),
    ),
    _rule(marked("No SIN"), 60, "incomplete-information", _is("has_sin", value=False)),
    _rule(marked("Under age"), 400, "birth-date", _is("is_minor")),
    _rule(marked("Unlikely age"), 350, "birth-date", _is("age_is_unlikely")),
    _rule(marked("Postal code of another province"), 150, "address", _is("postal_province_differs")),
    _rule(marked("Area code of another province"), 40, "phone-number", _is("phone_province_differs")),
    _rule(marked("Phone number from abroad"), 80, "phone-number", _is("phone_is_foreign")),
    _rule(marked("Address abroad"), 100, "address", _is("address_is_foreign")),
    _rule(marked("Post office box"), 80, "address", _is("address_is_po_box")),
    _rule(marked("Throw-away e-mail"), 200, "email-address", _is("email_is_disposable")),
    _rule(marked("Employment unlikely at this age"), 150, "employment", _is("employment_unlikely_for_age")),
    _rule(marked("Income unlikely for this employment"), 150, "income", _is("income_unlikely")),
    _rule(
        marked("Much credit for the income"),
        100,
        "income",
        All(of=(_from("amount_to_income", 100), Not(of=_is("product", value=Product.LINE_OF_CREDIT.value)))),
    ),
    _rule(
        marked("Young, no phone and no e-mail"),
        100,
        "incomplete-information",
        All(
            of=(
                Test(field="age", operator=Operator.LESS_THAN, value=25),
                _is("has_phone", value=False),
                _is("has_email", value=False),
            )
        ),
    ),
    _rule(
        marked("Three oddities at once"),
        150,
        "details-to-verify",
        Any(
            of=(
                _is("postal_province_differs"),
                _is("phone_province_differs"),
                _is("phone_is_foreign"),
                _is("address_is_po_box"),
                _is("email_is_disposable"),
                _is("employment_unlikely_for_age"),
                _is("income_unlikely"),
            ),
            at_least=3,
        ),
    ),
)


@cache
def default_document() -> RulebookDocument:
    """Give the default rulebook: one oddity is clear, several are reviewed, a strong hit is referred."""
    return RulebookDocument(rules=_CONSORTIUM + _OWN_LISTS + _HISTORY + _CHECKS)
