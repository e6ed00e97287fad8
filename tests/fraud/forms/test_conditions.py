"""Conditions as forms: what is laid out in lines and posted again is the same condition."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud.forms.condition_rows import EmptyGroupError, condition_of, rows_of
from fraud.forms.conditions import RowForm, pressed, row_forms, rows_posted
from fraud.forms.trees import GROUPS, LEAVES, Row, tidied
from fraud.rules.consortium import FraudType, Tier
from fraud.rules.rulebook import (
    FIELDS,
    RulebookDocument,
    compile_rulebook,
    from_json,
    problems_of,
    to_json,
)
from fraud.rules.rulebook.document import All, Any, Condition, Hits, Links, Not, Operator, Rule, Test
from fraud.rules.rulebook.fields import COUNTED
from fraud.rules.signals import facts
from tests.makers_fraud import NOW

PHONE = Test(field="same_phone_7d", operator=Operator.AT_LEAST, value=3)
MINOR = Test(field="is_minor", operator=Operator.IS, value=True)
ADULT = Test(field="is_minor", operator=Operator.IS, value=False)
CARD = Test(field="product", operator=Operator.IS_ONE_OF, value=("credit-card", "loan"))
KNOWN = Test(field="age", operator=Operator.IS_KNOWN, value=False)
LINKED = Links(kinds=("phone", "email"), days=30, at_least=4)
HIT = Hits(tiers=(Tier.STRONG,), fraud_types=(FraudType.MONEY_MULE,), within_months=12, with_disputed=True)


def posted(lines: list[RowForm]) -> QueryDict:
    """What a browser sends of these lines."""
    sent: list[tuple[str, str]] = [("rows", str(len(lines)))]
    for line in lines:
        for field in line:
            value = field.value()
            values = value if isinstance(value, list) else [value]
            sent += [
                (field.html_name, str(each)) for each in values if each is not None and each is not False
            ]
    return QueryDict(urlencode(sent))


def read_again(condition: Condition) -> Condition:
    query = posted(row_forms(rows_of(condition)))
    lines = row_forms(rows_posted(query), query)
    assert all(line.is_valid() for line in lines), [line.errors for line in lines]
    return condition_of(lines)


LEAF = st.sampled_from([PHONE, MINOR, ADULT, CARD, KNOWN, LINKED, HIT])


def grouped(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(lambda of: All(of=of), parts),
        st.builds(lambda of, count: Any(of=of, at_least=count), parts, st.integers(1, 2)),
        st.builds(lambda of: Not(of=of), inner.filter(lambda part: not isinstance(part, Any))),
    )


@given(st.recursive(LEAF, grouped, max_leaves=8))
def test_a_condition_comes_back_from_its_form_as_it_was(condition: Condition) -> None:
    assert read_again(condition) == condition


def test_none_of_several_is_not_any_of_them() -> None:
    condition = Not(of=Any(of=(PHONE, MINOR)))

    rows = rows_of(condition)

    assert [row.kind for row in rows] == ["not", "test", "test"]
    assert read_again(condition) == condition


def test_a_group_with_nothing_in_it_is_refused_at_its_line() -> None:
    rows = pressed(pressed(rows_of(All(of=(PHONE, Any(of=(MINOR, ADULT))))), "remove:3"), "remove:3")
    query = posted(row_forms(rows))
    lines = row_forms(rows_posted(query), query)

    assert all(line.is_valid() for line in lines)
    with pytest.raises(EmptyGroupError) as refused:
        condition_of(lines)
    assert refused.value.place == 2


def test_another_field_brings_the_comparisons_that_fit_it() -> None:
    query = posted(row_forms(rows_of(PHONE)))
    changed = query.copy()
    changed["row-1-field"] = "product"

    line = row_forms(rows_posted(changed))[1]

    assert [option.data["value"] for option in line["operator"]] == [
        "is",
        "is-not",
        "is-one-of",
        "is-known",
    ]
    assert line["operator"].value() == "is"


def test_a_value_that_is_no_number_is_refused_beside_it() -> None:
    query = posted(row_forms(rows_of(PHONE))).copy()
    query["row-1-value"] = "many"

    lines = row_forms(rows_posted(query), query)

    assert [line.is_valid() for line in lines] == [True, False]
    assert list(lines[1].errors) == ["value"]


@given(
    st.dictionaries(
        st.sampled_from(["rows", "row-0-kind", "row-1-depth", "row-1-kind", "row-1-value"]), st.text()
    )
)
def test_whatever_is_posted_is_lines_of_a_form(sent: dict[str, str]) -> None:
    query = QueryDict(urlencode(sent))

    lines = row_forms(rows_posted(query), query)

    assert lines[0].is_group
    assert [line.is_valid() for line in lines]


FIELD_NAMES, OPERATORS = st.sampled_from(sorted(FIELDS)), st.sampled_from([each.value for each in Operator])
VALUES = st.one_of(
    st.integers(-(10**16), 10**16),
    st.sampled_from(["yes", "no", "loan", "web", "employed", "", "none of these"]),
    st.lists(st.sampled_from(["loan", "credit-card", "web", "phone"]), max_size=4),
)
COUNTS = st.integers(-1, 60)
GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "field": FIELD_NAMES,
        "operator": OPERATORS,
        "value": VALUES,
        "at_least": COUNTS,
        "kinds": st.lists(st.sampled_from(sorted(COUNTED)), max_size=8),
        "days": st.sampled_from(["1", "7", "30", "90", "8"]),
        "tiers": st.lists(st.sampled_from(["strong", "probable", "weak"]), max_size=3),
        "within_months": st.integers(0, 300),
        "with_disputed": st.booleans(),
    },
)
LINES = st.lists(st.builds(Row, st.integers(0, 8), st.sampled_from([*GROUPS, *LEAVES]), GIVEN), max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES)
def test_whatever_a_form_can_make_compiles_or_says_why_not_and_is_read_again(rows: list[Row]) -> None:
    query = posted(row_forms(tidied(rows)))
    lines = row_forms(rows_posted(query), query)
    if not all(line.is_valid() for line in lines):
        return
    try:
        when = condition_of(lines)
    except EmptyGroupError:
        return
    made = RulebookDocument(rules=(Rule(name="A rule", when=when, weight=1, reason="address"),))

    if not problems_of(made):
        assert compile_rulebook(made).evaluate(facts({}, submitted_at=NOW, hits=())).score in {0, 1}
        assert from_json(to_json(made)) == made


def test_one_of_nothing_is_refused() -> None:
    nothing = Test(field="product", operator=Operator.IS_ONE_OF, value=())
    made = RulebookDocument(rules=(Rule(name="A rule", when=nothing, weight=1, reason="address"),))

    assert [problem.path for problem in problems_of(made)] == ["rules.0.when.value"]
