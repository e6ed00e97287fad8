"""What people call the purposes of keys, as templates of phrases: pages say them, and requests write them down."""

from portal.core.phrases import marked
from portal.crypto.keyring import Purpose

PURPOSE_NAMES: dict[Purpose, str] = {
    Purpose.CAMPAIGN_CODES: marked("Codes of campaigns"),
    Purpose.MANIFESTS: marked("Signatures of manifests"),
    Purpose.MEMBERS: marked("Members of programmes"),
    Purpose.PEOPLE: marked("Second factors and sign-on of people"),
    Purpose.TRAIL: marked("Signatures of the trail"),
    Purpose.CERTIFICATES: marked("Certificates of erasure"),
    Purpose.RESULTS: marked("Signatures of results for institutions"),
    Purpose.TOKENS: marked("Tokens within one market or institution"),
    Purpose.APPLICANTS: marked("Applicants for credit"),
    Purpose.TOKENS_SCREENING: marked("Tokens of the consortium, first half"),
    Purpose.TOKENS_REGISTRY: marked("Tokens of the consortium, second half"),
}
