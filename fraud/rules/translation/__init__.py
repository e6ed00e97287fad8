"""Translation: an institution's layout to canonical applications, and these to what other systems take."""

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
from fraud.rules.translation.faults import Fault
from fraud.rules.translation.outbound import CompiledOutbound, Written, compile_outbound
from fraud.rules.translation.problems import Problem
from fraud.rules.translation.validation import validate_mapping

__all__ = [
    "CANONICAL",
    "CompiledMapping",
    "CompiledOutbound",
    "Direction",
    "Fault",
    "FieldMapping",
    "Kind",
    "Layout",
    "MappingDocument",
    "MappingError",
    "Problem",
    "Translated",
    "Written",
    "canonical_document",
    "canonical_mapping",
    "checksum",
    "compile_mapping",
    "compile_outbound",
    "validate_mapping",
]
