"""Pages of printers: the layout of a row without JavaScript and with it, and the test of the bucket in words."""

import pytest
from django.test import Client as Browser

from campaigns.models import Printer
from portal.accounts.actors import Actor
from tests import makers

COLUMNS = {
    "column-TOTAL_FORMS": "3",
    "column-INITIAL_FORMS": "2",
    "column-0-source": "grouped",
    "column-0-name": "code",
    "column-0-ORDER": "2",
    "column-1-source": "control",
    "column-1-name": "control",
    "column-1-ORDER": "1",
    "column-2-source": "",
}
PRINTER = {
    "name": "Imprenta Sur",
    "contact_email": "press@example.com",
    "bucket": "imprenta-sur",
    "prefix": "codes/in",
    "recipients": makers.RECIPIENT,
    "rows_per_file": "250,000",
    "kind": "csv",
    "newline": "crlf",
    "header": "on",
    **COLUMNS,
}


def test_an_operator_sets_up_a_printer_with_its_columns_in_order(operator_browser: Browser) -> None:
    answer = operator_browser.post("/printers/new/", PRINTER)

    printer = Printer.objects.get()
    assert answer.status_code == 302
    assert [column["name"] for column in printer.layout["columns"]] == ["control", "code"]
    assert (printer.layout["newline"], printer.rows_per_file) == ("crlf", 250_000)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"recipients": "ssh-nothing"}, "recipients"),
        ({"rows_per_file": "0"}, "rows_per_file"),
        ({"column-0-source": "serial"}, "__all__"),
        ({"column-0-source": "url", "url_template": "https://x.example/no-place"}, "url_template"),
        ({"column-0-name": "control"}, "__all__"),
        ({"column-0-DELETE": "on"}, "__all__"),
        ({"contact_email": "nobody"}, "contact_email"),
    ],
)
def test_a_printer_that_could_not_work_is_refused(
    operator_browser: Browser, changes: dict[str, str], field: str
) -> None:
    answer = operator_browser.post("/printers/new/", PRINTER | changes)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Printer.objects.exists()


def test_the_preview_button_adds_empty_rows_and_saves_nothing(operator_browser: Browser) -> None:
    answer = operator_browser.post("/printers/new/", PRINTER | {"preview": "1"})

    assert answer.status_code == 200
    assert len(answer.context["columns"].forms) == 4
    assert answer.context["form"]["name"].value() == "Imprenta Sur"
    assert not Printer.objects.exists()


def test_the_live_preview_shows_rows_as_they_would_be(operator_browser: Browser) -> None:
    answer = operator_browser.post("/printers/preview/", PRINTER)

    assert answer.context["lines"][0] == "control,code"
    assert answer.context["lines"][1].startswith("0000000001,")


def test_the_live_preview_says_what_is_wrong(operator_browser: Browser) -> None:
    answer = operator_browser.post("/printers/preview/", PRINTER | {"column-0-source": ""})

    assert "No column holds the code" in answer.content.decode()


def test_an_operator_changes_a_printer_and_has_to_test_it_again(
    operator_browser: Browser, press: Printer
) -> None:
    operator_browser.post(f"/printers/{press.public_id}/test/")
    answer = operator_browser.post(f"/printers/{press.public_id}/edit/", PRINTER)

    press.refresh_from_db()
    assert answer.status_code == 302
    assert press.name == "Imprenta Sur"
    assert press.test_passed is None


def test_testing_a_printer_tells_each_step_in_words(printer_browser: Browser, press: Printer) -> None:
    answer = printer_browser.post(f"/printers/{press.public_id}/test/", headers={"hx-request": "true"})

    press.refresh_from_db()
    page = answer.content.decode()
    assert press.test_passed is True
    assert "Write" in page
    assert "Read back the same bytes." in page


def test_a_bucket_that_does_not_exist_fails_the_test_in_words(operator_browser: Browser) -> None:
    printer = makers.make_printer(has_bucket=False)

    page = operator_browser.post(f"/printers/{printer.public_id}/test/", follow=True).content.decode()

    printer.refresh_from_db()
    assert printer.test_passed is False
    assert printer.bucket in page


def test_a_marketer_may_not_change_a_printer(marketer_browser: Browser, press: Printer) -> None:
    answer = marketer_browser.post(f"/printers/{press.public_id}/edit/", PRINTER)

    assert answer.status_code == 403


def test_a_printer_sees_itself_and_no_other(printer: Actor, printer_browser: Browser, press: Printer) -> None:
    other = makers.make_printer()

    answer = printer_browser.get(f"/printers/{other.public_id}/")

    assert printer_browser.get(f"/printers/{press.public_id}/").status_code == 200
    assert answer.status_code == 404
