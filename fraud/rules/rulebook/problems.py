"""What is wrong with a rulebook, each problem at its place, for whoever builds it."""

from collections.abc import Iterator
from dataclasses import dataclass

from fraud.rules.reasons import REASONS
from fraud.rules.rulebook.document import (
    DEEPEST,
    LONGEST_DOCUMENT,
    MOST_NODES,
    MOST_PARTS,
    MOST_RULES,
    All,
    Any,
    Condition,
    Links,
    Literal,
    Not,
    Operator,
    Rule,
    RulebookDocument,
    Test,
    to_json,
)
from fraud.rules.rulebook.fields import COUNTED, FIELDS, WINDOWS, Field, FieldType
from portal.core.phrases import Phrase

O = Operator  # noqa: E741
OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    FieldType.BOOLEAN: (O.IS,),
    FieldType.NUMBER: (O.AT_LEAST, O.AT_MOST, O.MORE_THAN, O.LESS_THAN, O.IS, O.IS_NOT, O.IS_KNOWN),
    FieldType.CHOICE: (O.IS, O.IS_NOT, O.IS_ONE_OF, O.IS_KNOWN),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of a document: its path, such as "rules.3.when.of.0.value", and words."""

    path: str
    words: Phrase


def problems_of(document: RulebookDocument) -> list[Problem]:
    """Find what keeps a document of the right shape from being a rulebook; nothing when all is well."""
    return list(_problems(document))


def _problems(document: RulebookDocument) -> Iterator[Problem]:
    yield from _bounds(document)
    if not any(rule.is_on for rule in document.rules):
        yield Problem("rules", Phrase("A rulebook needs at least one rule that is switched on."))
    if document.bands.review > document.bands.refer:
        yield Problem("bands.review", Phrase("Reviewing begins at a lower score than referring."))
    names: set[str] = set()
    for place, rule in enumerate(document.rules):
        if rule.name in names:
            yield Problem(f"rules.{place}.name", Phrase("Two rules are called {name}.", name=rule.name))
        names.add(rule.name)
        yield from _rule(rule, f"rules.{place}")


def _bounds(document: RulebookDocument) -> Iterator[Problem]:
    """Find what is more than a rulebook holds; one that is not written within them could not be read again."""
    if len(document.rules) > MOST_RULES:
        yield Problem("rules", Phrase("A rulebook has at most {most} rules.", most=MOST_RULES))
    if sum(_nodes(rule.when) for rule in document.rules) > MOST_NODES:
        yield Problem("rules", Phrase("A rulebook has at most {most} conditions.", most=MOST_NODES))
    elif len(to_json(document)) > LONGEST_DOCUMENT:
        yield Problem("rules", Phrase("A rulebook has at most {most} characters.", most=LONGEST_DOCUMENT))


def _rule(rule: Rule, path: str) -> Iterator[Problem]:
    if rule.reason and rule.reason not in REASONS:
        yield Problem(f"{path}.reason", Phrase("There is no reason {code}.", code=rule.reason))
    if rule.weight > 0 and not rule.reason:
        yield Problem(f"{path}.reason", Phrase("A rule that raises the score gives a reason."))
    yield from _condition(rule.when, f"{path}.when", 1)


def _nodes(condition: Condition) -> int:
    return sum(1 for _node in _walk(condition))


def _walk(condition: Condition) -> Iterator[Condition]:
    yield condition
    if isinstance(condition, All | Any):
        for part in condition.of:
            yield from _walk(part)
    elif isinstance(condition, Not):
        yield from _walk(condition.of)


def _condition(condition: Condition, path: str, depth: int) -> Iterator[Problem]:
    if depth > DEEPEST:
        yield Problem(path, Phrase("Conditions are nested {most} deep at most.", most=DEEPEST))
        return
    match condition:
        case Test():
            yield from _test(condition, path)
        case Links():
            yield from _links(condition, path)
        case Not():
            yield from _condition(condition.of, f"{path}.of", depth + 1)
        case All() | Any():
            yield from _group(condition, path, depth)


def _group(group: All | Any, path: str, depth: int) -> Iterator[Problem]:
    if len(group.of) > MOST_PARTS:
        yield Problem(path, Phrase("A group holds at most {most} conditions.", most=MOST_PARTS))
    if isinstance(group, Any) and group.at_least > len(group.of):
        yield Problem(f"{path}.at_least", Phrase("More parts are to hold than there are."))
    for place, part in enumerate(group.of):
        yield from _condition(part, f"{path}.of.{place}", depth + 1)


def _test(test: Test, path: str) -> Iterator[Problem]:
    field = FIELDS.get(test.field)
    if field is None:
        yield Problem(f"{path}.field", Phrase("There is no field {name}.", name=test.field))
    elif test.operator not in OPERATORS[field.type]:
        yield Problem(
            f"{path}.operator", Phrase("This comparison does not go with {field}.", field=field.title)
        )
    elif not _fits(field, test.operator, test.value):
        yield Problem(f"{path}.value", Phrase("This value does not go with {field}.", field=field.title))


def _fits(field: Field, operator: Operator, value: Literal) -> bool:
    if operator is Operator.IS_KNOWN or field.type is FieldType.BOOLEAN:
        return isinstance(value, bool)
    if field.type is FieldType.NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    if operator is Operator.IS_ONE_OF:
        return isinstance(value, tuple) and bool(value) and set(value) <= set(field.choices)
    return isinstance(value, str) and value in field.choices


def _links(links: Links, path: str) -> Iterator[Problem]:
    if links.days not in WINDOWS:
        yield Problem(f"{path}.days", Phrase("Earlier applications are counted over 1, 7, 30 or 90 days."))
    for kind in links.kinds:
        if kind not in COUNTED:
            yield Problem(f"{path}.kinds", Phrase("There are no counts of {kind}.", kind=kind))
