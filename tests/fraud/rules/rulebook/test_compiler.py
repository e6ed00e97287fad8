"""Rulebooks: what conditions hold, what a decision says, and that no depth or length gets through."""

from typing import Any

import pytest

from fraud.rules.consortium import FraudType, Hit, RecordRole, Tier
from fraud.rules.decisions import Outcome
from fraud.rules.rulebook import RulebookError, compile_rulebook, from_json, problems_of
from fraud.rules.rulebook.document import (
    LONGEST_DOCUMENT,
    Bands,
    Hits,
    Links,
    Not,
    Operator,
    Rule,
    RulebookDocument,
    Test,
)
from fraud.rules.rulebook.document import All as AllOf
from fraud.rules.rulebook.document import Any as AnyOf
from fraud.rules.signals import facts
from tests.makers_fraud import NOW

MINOR = Test(field="is_minor", operator=Operator.IS)
BOX = Test(field="address_is_po_box", operator=Operator.IS)


def rule(when: Any = MINOR, weight: int = 100, name: str = "A rule", **more: Any) -> Rule:
    return Rule(name=name, when=when, weight=weight, **{"reason": "birth-date", **more})


def book(*rules: Rule, **more: Any) -> RulebookDocument:
    return RulebookDocument(rules=rules, **more)


def seen(**own: Any) -> Any:
    return facts(own, submitted_at=NOW, hits=())


def hit(**more: Any) -> Hit:
    defaults: dict[str, Any] = {
        "tier": Tier.STRONG,
        "kinds": ("sin",),
        "fraud_type": FraudType.SYNTHETIC_IDENTITY,
        "role": RecordRole.PERPETRATOR,
        "month": "2026-01",
        "members": "1-2",
    }
    return Hit(**defaults | more)


def holds(when: Any, found: Any) -> bool:
    return bool(compile_rulebook(book(rule(when))).evaluate(found).score)


@pytest.mark.parametrize(
    ("field", "operator", "value", "held", "missed"),
    [
        ("is_minor", "is", True, {"is_minor": True}, {}),
        ("has_sin", "is", False, {}, {"has_sin": True}),
        ("age", "at-least", 30, {"age": 30}, {"age": 29}),
        ("age", "at-most", 30, {"age": 30}, {"age": 31}),
        ("age", "more-than", 30, {"age": 31}, {"age": 30}),
        ("age", "less-than", 30, {"age": 29}, {"age": 30}),
        ("age", "is", 30, {"age": 30}, {"age": 31}),
        ("age", "is-not", 30, {"age": 31}, {"age": 30}),
        ("age", "is-known", True, {"age": 30}, {}),
        ("age", "is-known", False, {}, {"age": 30}),
        ("product", "is", "loan", {"product": "loan"}, {"product": "credit-card"}),
        ("product", "is-not", "loan", {"product": "credit-card"}, {"product": "loan"}),
        ("product", "is-one-of", ("loan", "credit-card"), {"product": "loan"}, {"product": "line-of-credit"}),
    ],
)
def test_compares_a_field_with_a_literal(
    field: str, operator: str, value: Any, held: Any, missed: Any
) -> None:
    when = Test(field=field, operator=Operator(operator), value=value)

    assert holds(when, seen(**held))
    assert not holds(when, seen(**missed))


@pytest.mark.parametrize("operator", ["at-least", "at-most", "more-than", "less-than", "is", "is-not"])
def test_no_comparison_is_true_of_what_is_not_known(operator: str) -> None:
    assert not holds(Test(field="age", operator=Operator(operator), value=0), seen())


def test_all_parts_hold_together() -> None:
    assert holds(AllOf(of=(MINOR, BOX)), seen(is_minor=True, address_is_po_box=True))
    assert not holds(AllOf(of=(MINOR, BOX)), seen(is_minor=True))


def test_as_many_parts_hold_as_are_asked_for() -> None:
    assert holds(AnyOf(of=(MINOR, BOX)), seen(address_is_po_box=True))
    assert not holds(AnyOf(of=(MINOR, BOX), at_least=2), seen(address_is_po_box=True))


def test_a_part_does_not_hold() -> None:
    assert holds(Not(of=MINOR), seen())
    assert not holds(Not(of=MINOR), seen(is_minor=True))


def test_links_add_up_over_kinds_within_a_window() -> None:
    when = Links(kinds=("phone", "device"), days=7, at_least=3)

    assert holds(when, seen(same_phone_7d=1, same_device_7d=2))
    assert not holds(when, seen(same_phone_7d=1, same_device_7d=1, same_device_30d=9))


@pytest.mark.parametrize(
    ("when", "held", "missed"),
    [
        (Hits(), hit(), None),
        (Hits(tiers=(Tier.STRONG,)), hit(), hit(tier=Tier.PROBABLE)),
        (Hits(fraud_types=(FraudType.MONEY_MULE,)), hit(fraud_type=FraudType.MONEY_MULE), hit()),
        (Hits(roles=(RecordRole.VICTIM,)), hit(role=RecordRole.VICTIM), hit()),
        (Hits(within_months=2), hit(month="2026-01"), hit(month="2025-12")),
        (Hits(), hit(), hit(is_disputed=True)),
        (Hits(at_least=1, with_disputed=True), hit(is_disputed=True), None),
    ],
)
def test_counts_the_hits_that_fit(when: Hits, held: Hit, missed: Hit | None) -> None:
    others = () if missed is None else (missed,)

    assert holds(when, facts({}, submitted_at=NOW, hits=(held,)))
    assert not holds(when, facts({}, submitted_at=NOW, hits=others))


@pytest.mark.parametrize(("weight", "outcome"), [(299, "clear"), (300, "review"), (600, "refer")])
def test_the_score_decides_the_outcome(weight: int, outcome: str) -> None:
    decision = compile_rulebook(book(rule(weight=weight))).evaluate(seen(is_minor=True))

    assert (decision.outcome, decision.score) == (Outcome(outcome), weight)


def test_the_score_stays_within_0_and_1000() -> None:
    up = book(rule(weight=900), rule(weight=900, name="Another"))
    down = book(rule(weight=-900))

    assert compile_rulebook(up).evaluate(seen(is_minor=True)).score == 1_000
    assert compile_rulebook(down).evaluate(seen(is_minor=True)).score == 0


def test_reasons_come_heaviest_first_and_once_each() -> None:
    rules = book(
        rule(weight=50, reason="address"),
        rule(weight=80, reason="birth-date", name="B"),
        rule(weight=40, reason="address", name="C"),
        rule(weight=-20, reason="", name="D"),
    )

    assert compile_rulebook(rules).evaluate(seen(is_minor=True)).reasons == ("address", "birth-date")


def test_a_rule_that_is_switched_off_says_nothing() -> None:
    rules = book(rule(weight=500, is_on=False), rule(BOX, name="B"))

    assert compile_rulebook(rules).evaluate(seen(is_minor=True)).score == 0


def test_the_explanation_says_what_each_rule_saw() -> None:
    compiled = compile_rulebook(book(rule(), rule(BOX, name="B")))
    found = seen(is_minor=True)

    fired = {"rule": "A rule", "weight": 100, "reason": "birth-date", "values": {"is_minor": True}}
    silent = {"rule": "B", "weight": 100, "reason": "birth-date", "values": {"address_is_po_box": False}}
    assert compiled.evaluate(found).explanation == (fired,)
    assert compiled.explain(found) == [{**fired, "fired": True}, {**silent, "fired": False}]


def test_the_consortium_alone_leads_no_further_than_the_rulebook_says() -> None:
    rules = (rule(Hits(), weight=700), rule(name="B", weight=650))
    capped = compile_rulebook(book(*rules, consortium_alone=Outcome.REVIEW))
    both = facts({"is_minor": True}, submitted_at=NOW, hits=(hit(),))
    alone = facts({}, submitted_at=NOW, hits=(hit(),))

    assert capped.evaluate(alone).outcome is Outcome.REVIEW
    assert capped.evaluate(both).outcome is Outcome.REFER


def test_a_rule_about_a_silent_consortium_lends_no_weight_to_its_evidence() -> None:
    silent = Test(field="consortium_answered", operator=Operator.IS, value=False)
    rules = (rule(Hits(), weight=700), rule(silent, weight=650, name="B"))
    capped = compile_rulebook(book(*rules, consortium_alone=Outcome.REVIEW))

    assert capped.evaluate(facts({}, submitted_at=NOW, hits=(hit(),))).outcome is Outcome.REVIEW
    assert capped.evaluate(facts({}, submitted_at=NOW, hits=None)).outcome is Outcome.REFER


def test_nothing_is_graver_than_to_refer() -> None:
    assert list(Outcome)[-1] is Outcome.REFER


def test_a_decision_without_the_consortium_is_degraded() -> None:
    compiled = compile_rulebook(book(rule()))

    assert compiled.evaluate(facts({}, submitted_at=NOW, hits=None)).is_degraded
    assert not compiled.evaluate(facts({}, submitted_at=NOW, hits=())).is_degraded


def nested(depth: int) -> bytes:
    inner = b'{"is":"test","field":"is_minor","operator":"is"}'
    return (
        b'{"rules":[{"name":"a","weight":1,"reason":"address","when":'
        + b'{"is":"not","of":' * depth
        + inner
        + b"}" * depth
        + b"}]}"
    )


@pytest.mark.parametrize("depth", [6, 500, 9_000])
def test_refuses_conditions_that_are_nested_too_deeply(depth: int) -> None:
    with pytest.raises(RulebookError):
        compile_rulebook(from_json(nested(depth)))


def test_takes_conditions_as_deep_as_they_may_be() -> None:
    assert compile_rulebook(from_json(nested(5))).rules


@pytest.mark.parametrize(
    ("refused", "path"),
    [
        (book(), "rules"),
        (book(rule(is_on=False)), "rules"),
        (book(rule(), bands=Bands(review=700, refer=600)), "bands.review"),
        (book(rule(), rule()), "rules.1.name"),
        (book(rule(reason="no-such")), "rules.0.reason"),
        (book(rule(reason="")), "rules.0.reason"),
        (book(rule(Test(field="nobody", operator=Operator.IS))), "rules.0.when.field"),
        (book(rule(Test(field="is_minor", operator=Operator.AT_LEAST))), "rules.0.when.operator"),
        (book(rule(Test(field="age", operator=Operator.IS, value=True))), "rules.0.when.value"),
        (book(rule(Test(field="product", operator=Operator.IS, value="car"))), "rules.0.when.value"),
        (book(rule(AllOf(of=(MINOR, AnyOf(of=(BOX,), at_least=2))))), "rules.0.when.of.1.at_least"),
        (book(rule(Links(kinds=("phone",), days=8))), "rules.0.when.days"),
        (book(rule(Links(kinds=("shoe",), days=7))), "rules.0.when.kinds"),
        (book(*(rule(AllOf(of=(MINOR,) * 20), name=str(n)) for n in range(96))), "rules"),
        (book(*(rule(name=str(n)) for n in range(201))), "rules"),
        (book(*(rule(name=str(n), note="x" * 1_000) for n in range(200))), "rules"),
        (book(rule(AllOf(of=(MINOR,) * 21))), "rules.0.when"),
        (book(rule(Test(field="product", operator=Operator.IS_ONE_OF, value=()))), "rules.0.when.value"),
    ],
)
def test_says_where_a_rulebook_is_wrong(refused: RulebookDocument, path: str) -> None:
    assert [problem.path for problem in problems_of(refused)] == [path]
    with pytest.raises(RulebookError):
        compile_rulebook(refused)


@pytest.mark.parametrize("count", [200, 201])
def test_takes_as_many_rules_as_it_holds(count: int) -> None:
    found = problems_of(book(*(rule(name=str(number)) for number in range(count))))

    assert bool(found) == (count > 200)


@pytest.mark.parametrize("parts", [20, 21])
def test_takes_as_many_parts_as_a_group_holds(parts: int) -> None:
    assert bool(problems_of(book(rule(AllOf(of=(MINOR,) * parts))))) == (parts > 20)


def test_a_list_of_the_document_is_no_longer_than_it_may_be() -> None:
    choices = ",".join(['"loan"'] * 31)
    when = f'{{"is":"test","field":"product","operator":"is-one-of","value":[{choices}]}}'

    with pytest.raises(RulebookError):
        from_json(f'{{"rules":[{{"name":"a","weight":1,"reason":"address","when":{when}}}]}}')


def test_a_document_is_no_longer_than_it_may_be() -> None:
    with pytest.raises(RulebookError):
        from_json(" " * LONGEST_DOCUMENT + '{"rules":[]}')
