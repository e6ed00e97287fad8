"""How long a record of each fraud type is kept, counted from the month in which it was confirmed."""

from datetime import date

from fraud.rules.consortium import FraudType, RecordRole

# Months. A victim's details are watched for a while, and then left in peace.
KEPT: dict[FraudType, int] = {
    FraudType.IDENTITY_THEFT: 72,
    FraudType.SYNTHETIC_IDENTITY: 72,
    FraudType.FIRST_PARTY: 72,
    FraudType.ACCOUNT_TAKEOVER: 48,
    FraudType.MONEY_MULE: 48,
    FraudType.FORGED_DOCUMENT: 72,
    FraudType.OTHER: 36,
}
KEPT_FOR_VICTIMS = 24
# Months for which an earlier look-up is asked again when a record comes.
INQUIRIES_KEPT = 24


def expires_on(fraud_type: FraudType, role: RecordRole, month: str) -> date:
    """Give the first day on which a record no longer counts; *month* is "2026-03".

    >>> expires_on(FraudType.OTHER, RecordRole.PERPETRATOR, "2026-03")
    datetime.date(2029, 3, 1)
    """
    kept = KEPT_FOR_VICTIMS if role is RecordRole.VICTIM else KEPT[fraud_type]
    return months_after(first_day(month), kept)


def first_day(month: str) -> date:
    """Give the first day of a month written as "2026-03"."""
    year, number = month.split("-")
    return date(int(year), int(number), 1)


def months_after(day: date, months: int) -> date:
    """Give the first day of the month so many months later, or earlier if negative."""
    years, rest = divmod(day.month - 1 + months, 12)
    return date(day.year + years, rest + 1, 1)


def month_of(day: date) -> str:
    """Write the month of a day, as "2026-03"."""
    return f"{day:%Y-%m}"
