"""Tables of the fraud domain."""

from fraud.models.applications import Application, FraudElement, Screening
from fraud.models.institutions import Institution
from fraud.models.submissions import Submission

__all__ = ["Application", "FraudElement", "Institution", "Screening", "Submission"]
