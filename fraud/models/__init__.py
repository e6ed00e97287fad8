"""Tables of the fraud domain."""

from fraud.models.applications import Application, FraudElement, Screening
from fraud.models.cases import Case, CaseNote, Contribution
from fraud.models.institutions import Institution
from fraud.models.submissions import Submission

__all__ = [
    "Application",
    "Case",
    "CaseNote",
    "Contribution",
    "FraudElement",
    "Institution",
    "Screening",
    "Submission",
]
