"""Checks of single values: throw-away e-mail, post office boxes, series of social insurance numbers, unlikely pairs."""

from datetime import date

from fraud.rules.canonical import Employment

# Services that give out a mailbox to anybody for minutes, with the most common of their names; own compilation.
_SERVICES = """
    0-mail.com 10minutemail.com 10minutemail.net 20minutemail.com 33mail.com anonbox.net anonymbox.com
    burnermail.io byom.de discard.email discardmail.com dispostable.com dropmail.me emailondeck.com
    emailtemporanea.com fakeinbox.com fakemail.net filzmail.com getairmail.com getnada.com grr.la
    guerrillamail.biz guerrillamail.com guerrillamail.info guerrillamail.net guerrillamail.org
    guerrillamailblock.com harakirimail.com incognitomail.org inboxkitten.com jetable.org kasmail.com
    luxusmail.org mail-temporaire.fr mailcatch.com maildrop.cc mailexpire.com mailforspam.com mailinator.com
    mailinator.net mailnesia.com mailnull.com mailpoof.com mailsac.com meltmail.com mintemail.com moakt.com
    mohmal.com mytemp.email mytrashmail.com nada.email owlymail.com pokemail.net sharklasers.com
    shortmail.net smailpro.com spam4.me spambog.com spambox.us spamgourmet.com tempail.com temp-mail.io
    temp-mail.org tempinbox.com tempmail.dev tempmail.net tempmailo.com tempr.email throwawaymail.com
    tmail.ws trash-mail.com trashmail.com trashmail.de trashmail.me trbvm.com wegwerfmail.de wegwerfmail.net
    wegwerfmail.org yopmail.com yopmail.fr yopmail.net zetmail.com
"""
_DISPOSABLE = frozenset(_SERVICES.split())
_BOXES = (
    "po box",
    "p o box",
    "post office box",
    "case postale",
    "casier postal",
    "c p",
    "cp",
    "boite postale",
    "general delivery",
    "poste restante",
)
# SIN series by first digit: 9 is given to temporary residents, 8 to businesses, 0 by the tax agency.
_SERIES = {"0": "tax-number", "8": "business", "9": "temporary"}
_ELDEST, _OF_AGE = 105, 18
# Minor units a year that hardly anybody without work has.
_MUCH = 15_000_000


def is_disposable(email: str) -> bool:
    """Say whether an e-mail address is at a service for throw-away mailboxes, or at a name below one."""
    domain = email.rpartition("@")[2].lower().strip()
    if domain in _DISPOSABLE:
        return True
    return ".".join(domain.rsplit(".", 2)[-2:]) in _DISPOSABLE


def is_po_box(line: str) -> bool:
    """Say whether an address line is a post office box, in English or French."""
    plain = " ".join(line.lower().replace(".", " ").replace("î", "i").split())
    return any(f" {box} " in f" {plain} " for box in _BOXES)


def sin_series(sin: str) -> str | None:
    """Name the series of a SIN: resident, temporary, tax-number or business; None where there is none."""
    return _SERIES.get(sin[0], "resident") if sin else None


def age_on(birth: date, day: date) -> int:
    """Count the whole years from a birth date to a day; negative for a birth to come."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def is_minor(age: int) -> bool:
    """Say whether somebody of this age cannot borrow."""
    return 0 <= age < _OF_AGE


def is_unlikely_age(age: int) -> bool:
    """Say whether hardly anybody alive is of this age."""
    return age < 0 or age > _ELDEST


def is_unlikely_employment(employment: Employment, age: int) -> bool:
    """Say whether employment and age seldom go together."""
    if employment is Employment.RETIRED:
        return age < 45
    if employment is Employment.STUDENT:
        return age > 65
    return employment in {Employment.EMPLOYED, Employment.SELF_EMPLOYED} and not 14 <= age <= 85


def is_unlikely_income(employment: Employment | None, income: int | None) -> bool:
    """Say whether income (minor units a year) and employment seldom go together; untrue where one is not known."""
    if employment is None or income is None:
        return False
    if employment in {Employment.STUDENT, Employment.UNEMPLOYED}:
        return income > _MUCH
    return employment is Employment.EMPLOYED and income == 0
