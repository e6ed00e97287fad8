"""Steps of a mapping as forms: what a document says is what its form posts."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from fraud.forms.mapping_words import STEP_NAMES, field_words, step_words, tag_of
from fraud.forms.steps import CONTROLS, Given, StepForm, changed, step_forms, steps_given, steps_posted
from fraud.rules.translation import document as d
from fraud.rules.translation.targets import TARGETS

STEPS: list[d.Step] = [
    d.Trim(also="0"),
    d.ChangeCase(to=d.Case.TITLE),
    d.Concat(sources=("unit", "street"), separator="-"),
    d.Split(separator=" ", part=-1, is_optional=True),
    d.Constant(value="web"),
    d.ReadDate(format=d.DateFormat.DMY),
    d.Codes(codes={"M": "main", "J": "joint"}),
    d.Codes(codes={"M": "main"}, otherwise="guarantor"),
    d.Number(decimal=d.Decimal.COMMA, times=3),
    d.Money(decimal=d.Decimal.COMMA, decimals=0, times=12),
    d.ReadPhone(country="US"),
    d.ReadSin(),
    d.PostalCode(country=d.Country.US),
    d.Default(value="CA"),
    d.WhenEqual(source="has_joint", equals=("Y", "O"), otherwise="none"),
    d.FirstOf(sources=("mobile", "home")),
]


def posted(steps: list[StepForm]) -> QueryDict:
    """What a browser sends of these steps."""
    fields = [("steps", str(len(steps)))]
    for step in steps:
        values = [(field.html_name, field.value()) for field in step]
        fields += [(name, str(value)) for name, value in values if value is not None and value is not False]
    return QueryDict(urlencode(fields))


@pytest.mark.parametrize("step", STEPS, ids=tag_of)
def test_a_step_comes_back_from_its_form_as_it_was(step: d.Step) -> None:
    query = posted(step_forms(steps_given([step])))

    (form,) = step_forms(steps_posted(query), query)

    assert form.is_valid(), form.errors
    document = {"layout": {"kind": "csv"}, "fields": [{"target": "reference", "steps": [form.step()]}]}
    assert d.from_builtins(document).fields[0].steps == (step,)


def test_every_step_of_the_closed_list_has_controls_and_words() -> None:
    assert {tag_of(step) for step in STEPS} == set(CONTROLS) == set(STEP_NAMES)
    assert all(step_words(step) for step in STEPS)


def test_every_field_has_words() -> None:
    names = {field_words(path.replace("[]", "[0]"))[1] for path in TARGETS}

    assert not names & {path.replace("[]", "[0]") for path in TARGETS}
    assert field_words("parties[1].phones[*].number") == ("Party 2 · Each telephone", "Number")


def test_a_pair_of_codes_without_an_equals_sign_is_refused_beside_it() -> None:
    query = QueryDict("steps=1&step-0-kind=codes&step-0-codes=M+main")

    (form,) = step_forms(steps_posted(query), query)

    assert not form.is_valid()
    assert list(form.errors) == ["codes"]


def test_buttons_add_remove_and_move_steps() -> None:
    steps = steps_given(STEPS[:3])

    assert [kind for kind, _given in changed(steps, "add")] == ["trim", "case", "concat", "trim"]
    assert [kind for kind, _given in changed(steps, "remove:0")] == ["case", "concat"]
    assert [kind for kind, _given in changed(steps, "up:2")] == ["trim", "concat", "case"]
    assert changed(steps, "up:0") == changed(steps, "remove:9") == changed(steps, "explode") == steps


def test_a_field_has_no_more_steps_than_a_document_takes() -> None:
    most: list[Given] = [("trim", {})] * d.MOST_STEPS

    assert changed(most, "add") == most
    assert len(steps_posted(QueryDict("steps=99"))) == d.MOST_STEPS
