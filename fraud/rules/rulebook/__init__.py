"""Rulebooks: typed trees of conditions with weights, compiled to functions from facts to a decision."""

from fraud.rules.rulebook.compiler import CompiledRulebook, compile_rulebook
from fraud.rules.rulebook.default import default_document
from fraud.rules.rulebook.document import RulebookDocument, RulebookError, checksum, from_json, to_json
from fraud.rules.rulebook.fields import FIELDS, Field, FieldType
from fraud.rules.rulebook.problems import Problem, problems_of

__all__ = [
    "FIELDS",
    "CompiledRulebook",
    "Field",
    "FieldType",
    "Problem",
    "RulebookDocument",
    "RulebookError",
    "checksum",
    "compile_rulebook",
    "default_document",
    "from_json",
    "problems_of",
    "to_json",
]
