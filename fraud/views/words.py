"""What codes of the fraud domain are called on pages."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from fraud.rules.canonical import Channel, Employment, PartyRole, Product
from fraud.rules.cases import CaseOrigin, Proof, Verdict
from fraud.rules.consortium import FraudType, RecordRole, Tier
from fraud.rules.elements import ElementKind
from fraud.rules.translation.faults import WORDS as FAULT_WORDS
from fraud.rules.webhooks import Event
from portal.web.navigation import Words

K = ElementKind
PRODUCTS: Mapping[str, Words] = {
    Product.CREDIT_CARD: gettext_lazy("Credit card"),
    Product.LOAN: gettext_lazy("Loan"),
    Product.LINE_OF_CREDIT: gettext_lazy("Line of credit"),
}
CHANNELS: Mapping[str, Words] = {
    Channel.BRANCH: gettext_lazy("Branch"),
    Channel.WEB: gettext_lazy("Web"),
    Channel.MOBILE: pgettext_lazy("channel", "Mobile app"),
    Channel.PHONE: pgettext_lazy("channel", "Telephone"),
    Channel.PARTNER: gettext_lazy("Partner"),
    Channel.OTHER: pgettext_lazy("channel", "Other"),
}
ORIGINS: Mapping[str, Words] = {
    CaseOrigin.SCREENING: gettext_lazy("Screening"),
    CaseOrigin.RETRO: gettext_lazy("Learned later"),
    CaseOrigin.DEGRADED: gettext_lazy("Consortium answered late"),
}
ROLES: Mapping[str, Words] = {
    PartyRole.MAIN: gettext_lazy("Main applicant"),
    PartyRole.JOINT: gettext_lazy("Joint applicant"),
    PartyRole.GUARANTOR: gettext_lazy("Guarantor"),
}
FIELDS: Mapping[str, Words] = {
    "name": pgettext_lazy("person", "Name"),
    "birth_date": gettext_lazy("Birth date"),
    "national_id": gettext_lazy("Social insurance number"),
    "address": pgettext_lazy("person", "Address"),
    "phone": pgettext_lazy("person", "Telephone"),
    "email": pgettext_lazy("person", "E-mail"),
    "employment": gettext_lazy("Employment"),
    "employer": gettext_lazy("Employer"),
    "bank_account": gettext_lazy("Bank account"),
}
EMPLOYMENTS: Mapping[str, Words] = {
    Employment.EMPLOYED: gettext_lazy("Employed"),
    Employment.SELF_EMPLOYED: gettext_lazy("Self-employed"),
    Employment.STUDENT: gettext_lazy("Student"),
    Employment.RETIRED: pgettext_lazy("employment", "Retired"),
    Employment.UNEMPLOYED: gettext_lazy("Unemployed"),
    Employment.OTHER: pgettext_lazy("employment", "Other"),
}
FRAUD_TYPES: Mapping[str, Words] = {
    FraudType.IDENTITY_THEFT: gettext_lazy("Identity theft"),
    FraudType.SYNTHETIC_IDENTITY: gettext_lazy("Synthetic identity"),
    FraudType.FIRST_PARTY: gettext_lazy("First-party fraud"),
    FraudType.ACCOUNT_TAKEOVER: gettext_lazy("Account takeover"),
    FraudType.MONEY_MULE: gettext_lazy("Money mule"),
    FraudType.FORGED_DOCUMENT: gettext_lazy("Forged document"),
    FraudType.OTHER: pgettext_lazy("fraud", "Other fraud"),
}
RECORD_ROLES: Mapping[str, Words] = {
    RecordRole.PERPETRATOR: gettext_lazy("Perpetrator"),
    RecordRole.VICTIM: gettext_lazy("Victim"),
    RecordRole.MULE: pgettext_lazy("role", "Mule"),
}
PROOFS: Mapping[str, Words] = {
    Proof.VICTIM_STATEMENT: gettext_lazy("Signed statement of the victim"),
    Proof.ISSUER_CONFIRMED: gettext_lazy("The issuer of a document says that it is not genuine"),
    Proof.DOCUMENT_EXAMINED: gettext_lazy("Examination of a document"),
    Proof.ADMISSION: gettext_lazy("Admission by the applicant"),
    Proof.POLICE_REPORT: gettext_lazy("Police report"),
    Proof.ACCOUNT_ACTIVITY: gettext_lazy("Activity on the account"),
}
TIERS: Mapping[str, Words] = {
    Tier.STRONG: pgettext_lazy("match", "Strong"),
    Tier.PROBABLE: pgettext_lazy("match", "Probable"),
    Tier.WEAK: pgettext_lazy("match", "Weak"),
}
VERDICTS: Mapping[str, Words] = {
    Verdict.CLEAR: gettext_lazy("Clear: nothing speaks for fraud"),
    Verdict.UNSURE: gettext_lazy("Unsure: nobody can tell"),
    Verdict.FRAUD: gettext_lazy("Fraud: a second analyst confirms"),
}
KINDS: Mapping[str, Words] = {
    K.SIN: gettext_lazy("Social insurance number"),
    K.ACCOUNT: gettext_lazy("Bank account"),
    K.NAME_BIRTH: gettext_lazy("Name and birth date"),
    K.FAMILY_BIRTH_POSTAL: gettext_lazy("Family name, birth date and postal code"),
    K.GIVEN_BIRTH_POSTAL: gettext_lazy("Given name, birth date and postal code"),
    K.BIRTH_PHONE: gettext_lazy("Birth date and telephone"),
    K.BIRTH_EMAIL: gettext_lazy("Birth date and e-mail"),
    K.NAME_PHONE: gettext_lazy("Name and telephone"),
    K.NAME_EMAIL: gettext_lazy("Name and e-mail"),
    K.NAME_CIVIC_POSTAL: gettext_lazy("Name, civic number and postal code"),
    K.SIN_BIRTH: gettext_lazy("Social insurance number and birth date"),
    K.PHONE: gettext_lazy("Telephone"),
    K.EMAIL: gettext_lazy("E-mail"),
    K.ADDRESS: gettext_lazy("Address"),
    K.DEVICE: gettext_lazy("Device"),
    K.IP: gettext_lazy("IP address"),
}
# What analysts see in lists; the letter to the applicant has whole sentences (fraud.rules.reasons).
REASON_TAGS: Mapping[str, Words] = {
    "details-to-verify": gettext_lazy("Details to verify"),
    "shared-fraud-information": gettext_lazy("Known to the consortium"),
    "identity-protection": gettext_lazy("Victim of misuse"),
    "earlier-records": gettext_lazy("Own earlier records"),
    "repeated-applications": gettext_lazy("Repeated applications"),
    "details-used-by-others": gettext_lazy("Contact shared with others"),
    "identity-details-conflict": gettext_lazy("Identity details conflict"),
    "identification-number": gettext_lazy("Social insurance number"),
    "birth-date": gettext_lazy("Birth date"),
    "address": pgettext_lazy("person", "Address"),
    "phone-number": gettext_lazy("Telephone"),
    "email-address": gettext_lazy("E-mail"),
    "employment": gettext_lazy("Employment"),
    "income": gettext_lazy("Income"),
    "bank-account": gettext_lazy("Bank account"),
    "incomplete-information": gettext_lazy("Incomplete"),
    "answer-pending": gettext_lazy("Consortium not heard"),
}
# What institutions are sent, and why it did not arrive.
EVENTS: Mapping[str, Words] = {
    Event.DECIDED: gettext_lazy("Decided late"),
    Event.CHANGED: gettext_lazy("Another outcome than before"),
    Event.VERDICT: gettext_lazy("Verdict on the case"),
    Event.CASE_NEW: gettext_lazy("Record for the case system"),
    Event.CASE_CHANGED: gettext_lazy("Changed record for the case system"),
}
SENDING_PROBLEMS: Mapping[str, Words] = {
    "nobody-listens": gettext_lazy("nobody listens there any more"),
    "address-refused": gettext_lazy("the address leads into a private network"),
    "no-answer": gettext_lazy("no answer in time"),
    "refused": gettext_lazy("the receiver refused it"),
    "no-mapping": gettext_lazy("its mapping is not published"),
    "mapping-refused": gettext_lazy("the mapping refuses this application"),
    "erased": gettext_lazy("the applicant was erased"),
    "store-away": gettext_lazy("the store does not take it"),
}
# Why rows of files are rejected, where it is not a fault of one field.
ROW_FAULTS: Mapping[str, Words] = {
    "json-wrong": gettext_lazy("The line is no JSON object that can be read."),
    "xml-wrong": gettext_lazy("The record is no XML that can be read."),
    "quotes-wrong": gettext_lazy("The quotes of this row do not fit together."),
    "ragged-row": gettext_lazy("The row has more or fewer cells than there are columns."),
    "row-too-long": gettext_lazy("The row is longer than any application; its beginning is kept here."),
    "nul-character": gettext_lazy("The row has a NUL character."),
    "encoding-wrong": gettext_lazy("The row has bytes that are no characters in the encoding of the file."),
    "reference-conflict": gettext_lazy("An application with this reference is on record with other facts."),
    "application-erased": gettext_lazy(
        "An application with this reference was on record, and has been erased."
    ),
}
_BARE = {str(kind).rpartition(".")[0]: words for kind, words in KINDS.items()}


def kind_words(kind: str) -> Words:
    """Name a kind of element, with its version or without; the kind itself where nobody gave it words."""
    return KINDS.get(kind) or _BARE.get(kind.partition(".")[0], kind)


def fault_words(code: str) -> Words:
    """Say what is wrong with a row of a file; nothing where nobody gave the code words."""
    fault = next((each for each in FAULT_WORDS if each == code), None)
    return _(FAULT_WORDS[fault]) if fault else ROW_FAULTS.get(code, "")


def field_value(name: str, value: str) -> Words:
    """Say the value of a party's field: words for what comes from a list, the value for all else."""
    return EMPLOYMENTS.get(value, value) if name == "employment" else value
