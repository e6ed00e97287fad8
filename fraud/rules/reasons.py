"""Reasons of decisions: stable codes, each with words fit for a letter to the applicant; no member is ever named."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.core.phrases import Phrase

LONGEST_CODE = 48

REASONS: Mapping[str, Phrase] = MappingProxyType(
    {
        "details-to-verify": Phrase("We need to verify some of the details on your application."),
        "shared-fraud-information": Phrase(
            "Details on your application match information that lenders share to prevent fraud."
        ),
        "identity-protection": Phrase(
            "We took a closer look to protect your identity: details like yours may have been misused before."
        ),
        "earlier-records": Phrase("Details on your application match our own earlier records."),
        "repeated-applications": Phrase(
            "We received several applications with the same details in a short time."
        ),
        "details-used-by-others": Phrase(
            "Contact details on your application were also used by other applicants."
        ),
        "identity-details-conflict": Phrase(
            "Your identity details do not agree with an earlier application."
        ),
        "identification-number": Phrase("We could not confirm your social insurance number."),
        "birth-date": Phrase("We could not confirm your date of birth."),
        "address": Phrase("We could not confirm your address."),
        "phone-number": Phrase("We could not confirm your phone number."),
        "email-address": Phrase("We could not confirm your e-mail address."),
        "employment": Phrase("We could not confirm your employment."),
        "income": Phrase("We could not confirm your income in relation to the credit you asked for."),
        "bank-account": Phrase("We could not confirm your bank account."),
        "incomplete-information": Phrase("Your application lacks information that we need."),
        "answer-pending": Phrase("A check of your application is still under way."),
    }
)


def reason_words(code: str) -> Phrase:
    """Give the words of a reason; those of a code that is no longer used say that details need to be verified."""
    return REASONS.get(code, REASONS["details-to-verify"])
