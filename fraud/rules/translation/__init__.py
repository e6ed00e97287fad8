"""Translation: an institution's layout to canonical applications, and these to what other systems take."""

from fraud.rules.translation.comparing import Difference, differences
from fraud.rules.translation.compiling import CompiledMapping, MappingError, Translated, compile_mapping
from fraud.rules.translation.defaults import CANONICAL, canonical_document, canonical_mapping
from fraud.rules.translation.document import (
    Direction,
    FieldMapping,
    Kind,
    Layout,
    MappingDocument,
    checksum,
)
from fraud.rules.translation.drift import DriftWarning, DriftWatch, drift
from fraud.rules.translation.faults import Fault
from fraud.rules.translation.outbound import CompiledOutbound, Written, compile_outbound
from fraud.rules.translation.problems import Problem
from fraud.rules.translation.proposing import Proposal, propose
from fraud.rules.translation.validation import validate_mapping

__all__ = [
    "CANONICAL",
    "CompiledMapping",
    "CompiledOutbound",
    "Difference",
    "Direction",
    "DriftWarning",
    "DriftWatch",
    "Fault",
    "FieldMapping",
    "Kind",
    "Layout",
    "MappingDocument",
    "MappingError",
    "Problem",
    "Proposal",
    "Translated",
    "Written",
    "canonical_document",
    "canonical_mapping",
    "checksum",
    "compile_mapping",
    "compile_outbound",
    "differences",
    "drift",
    "propose",
    "validate_mapping",
]
