"""Forms: counts as people type them, refusals beside fields, questions, wall-clock times."""

from datetime import datetime

import pytest
from django import forms
from django.http import HttpResponse
from django.test import RequestFactory

from portal.core.errors import InvalidError
from portal.web.exports import harmless
from portal.web.forms import CountField, Form, LocalDateTimeField, Section, form_page
from portal.web.pieces import Chart, Progress, Question, QuestionForm, Series
from portal.web.states import Family


class OrderForm(Form):
    sections = (Section("What", "How many codes.", ("quantity",)),)
    units = {"quantity": "codes"}
    quantity = CountField(min_value=1, help_text="At most a million.")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1000000", 1_000_000),
        ("1,000,000", 1_000_000),
        ("1 000 000", 1_000_000),
        ("1\u202f000\u202f000", 1_000_000),
        ("1.000.000", 1_000_000),
        ("12", 12),
    ],
)
def test_reads_a_count_with_any_thousands_separator(typed: str, number: int) -> None:
    assert CountField().clean(typed) == number


@pytest.mark.parametrize("typed", ["", "1,00", "1,000 000", "12.5", "1e6", "ten", "1" * 100, "０x1", "\x00"])
def test_refuses_what_is_no_count(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        CountField().clean(typed)


@pytest.mark.parametrize("typed", ["0", "-1", "-1,000"])
def test_refuses_a_count_below_the_least(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        CountField(min_value=1).clean(typed)


def test_reads_a_wall_clock_time_without_a_zone() -> None:
    assert LocalDateTimeField().clean("2026-03-29T02:30") == datetime(2026, 3, 29, 2, 30)


def test_draws_label_unit_help_and_error_of_a_field() -> None:
    drawn = OrderForm({"quantity": "0"})["quantity"].as_field_group()

    assert '<label for="id_quantity">' in drawn
    assert '<span class="input-group-text">codes</span>' in drawn
    assert 'aria-describedby="id_quantity_helptext id_quantity_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'id="id_quantity_error"' in drawn


def test_puts_a_refusal_beside_the_field_that_caused_it(rf: RequestFactory) -> None:
    form = OrderForm({"quantity": "5"})

    def act() -> HttpResponse:
        raise InvalidError.of("quantity", "The space holds only 4 codes.")

    answer = form_page(rf.post("/"), form, act, template="parts/form.html")

    assert answer.status_code == 422
    assert form.errors["quantity"] == ["The space holds only 4 codes."]


def test_puts_a_refusal_without_a_field_above_the_form(rf: RequestFactory) -> None:
    form = OrderForm({"quantity": "5"})

    def act() -> HttpResponse:
        raise InvalidError("The campaign has ended.")

    answer = form_page(rf.post("/"), form, act, template="parts/form.html")

    assert form.non_field_errors() == ["The campaign has ended."]
    assert "The campaign has ended." in answer.content.decode()


def test_puts_a_refusal_of_a_field_that_is_not_shown_above_the_form(rf: RequestFactory) -> None:
    form = OrderForm({"quantity": "5"})

    def act() -> HttpResponse:
        raise InvalidError.of("printer", "The printer has no recipient.")

    form_page(rf.post("/"), form, act, template="parts/form.html")

    assert form.non_field_errors() == ["The printer has no recipient."]


def question(word: str) -> Question:
    return Question("Recall?", ["It ends."], "Recall", "/", word=word, asks_reason=True)


def test_takes_the_word_that_an_act_asks_for() -> None:
    form = QuestionForm(question("RECALL"), {"word": "RECALL", "reason": "Stolen reel"})

    assert form.is_valid()


def test_refuses_another_word_than_the_one_asked_for() -> None:
    form = QuestionForm(question("RECALL"), {"word": "recall", "reason": "Stolen reel"})

    assert not form.is_valid()


def test_asks_for_no_word_where_nothing_is_destroyed() -> None:
    form = QuestionForm(question(""), {"reason": "Stolen reel"})

    assert form.is_valid()


@pytest.mark.parametrize(("done", "total", "percent"), [(0, 0, "0.0"), (7, 12, "58.3"), (13, 12, "100.0")])
def test_says_how_much_is_done_in_numbers_that_html_reads(done: int, total: int, percent: str) -> None:
    assert Progress(done, total, "codes", Family.WORKING, "Writing").percent == percent


def test_gives_a_chart_the_same_figures_as_its_table() -> None:
    chart = Chart("left", "How many?", ["1 Jun", "2 Jun"], [Series("Redeemed", [1, None])], "codes")

    assert chart.drawn["series"] == [{"name": "Redeemed", "values": [1, None]}]
    assert chart.lines == [("1 Jun", [1]), ("2 Jun", [None])]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", "\n=1"])
def test_makes_a_formula_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_leaves_negative_numbers_as_numbers() -> None:
    assert harmless(-1) == -1
