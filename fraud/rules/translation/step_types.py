"""Which step may follow which, and stand before which field: what each takes and gives."""

from collections.abc import Iterator, Mapping

from fraud.rules.translation import document as d
from fraud.rules.translation.dates import MOMENTS
from fraud.rules.translation.problems import Problem, Trouble, problem
from fraud.rules.translation.targets import Type, target_of

T = Type
# What a step that reads gives; all others take text and give text.
_GIVES: Mapping[type, Type] = {
    d.Number: T.NUMBER,
    d.Money: T.MONEY,
    d.ReadPhone: T.PHONE,
    d.ReadSin: T.SIN,
    d.PostalCode: T.POSTAL_CODE,
}
# What a field can take of what steps give, besides text and its own type.
_TAKES: Mapping[Type, frozenset[Type]] = {
    T.TEXT: frozenset({T.NUMBER, T.PHONE, T.SIN, T.POSTAL_CODE}),
    T.MONEY: frozenset({T.NUMBER}),
    T.DATE: frozenset({T.MOMENT}),
    T.MOMENT: frozenset({T.DATE}),
    T.DIGITS: frozenset({T.NUMBER}),
}
# These leave a value of any type as it is.
_PASSING = (d.Default, d.WhenEqual, d.FirstOf)


def step_problems(field: d.FieldMapping, place: str) -> Iterator[Problem]:
    """List the steps of an inbound field that cannot stand where they stand."""
    given, giver = T.TEXT, ""
    for index, step in enumerate(field.steps):
        where, name = f"{place}.steps[{index}]", step_name(step)
        if isinstance(step, d.Codes) and not step.codes:
            yield problem(where, Trouble.CODES_EMPTY)
        if isinstance(step, _PASSING):
            continue
        if given is not T.TEXT:
            yield problem(where, Trouble.STEP_ORDER, name)
        given, giver = _given_by(step), name
    target = target_of(field.target)
    if target is None or given in {T.TEXT, target.type} | _TAKES.get(target.type, frozenset()):
        return
    yield problem(f"{place}.steps", Trouble.STEP_TYPE, giver)


def gives(field: d.FieldMapping) -> Type | None:
    """Say what type the last step of a field is sure to have given; None where only a look at the value can tell."""
    given = _given_by(field.steps[-1]) if field.steps else T.TEXT
    return None if given in {T.TEXT, T.POSTAL_CODE} else given


def step_name(step: d.Step) -> str:
    """Give the name by which a document calls a step."""
    return str(step.__struct_config__.tag)


def _given_by(step: d.Step) -> Type:
    if isinstance(step, d.ReadDate):
        return T.MOMENT if step.format in MOMENTS else T.DATE
    return _GIVES.get(type(step), T.TEXT)
