"""Files as they should not be, sent through a door: what is wrong costs its own row or is said of the whole file."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from fraud.models import Application, Institution, Submission
from fraud.operations.submissions.splitting import split_submission
from fraud.queries.submissions import rejects_by_code
from fraud.rules.submissions import SubmissionState as S
from portal.accounts.actors import SYSTEM
from portal.core import clock
from tests.fraud.submissions.conftest import fetched, finished, received
from tests.fraud.submissions.layouts import CSV_LAYOUT, csv_of, published, row

pytestmark = pytest.mark.django_db(transaction=True)


def sent(bank: Institution, body: bytes, **layout: Any) -> Submission:
    return received(bank, body, **published(bank, "own", **CSV_LAYOUT | layout))


@pytest.mark.parametrize(
    "recoded",
    [
        pytest.param(lambda body: body.decode().encode("latin-1"), id="latin-1"),
        pytest.param(lambda body: body.decode().encode("utf-16"), id="utf-16 with its mark"),
        pytest.param(lambda body: body.decode().encode("utf-16-le"), id="utf-16 without"),
        pytest.param(lambda body: b"\xef\xbb\xbf" + body, id="a byte order mark"),
        pytest.param(lambda body: body.replace(b"\r\n", b"\n"), id="lines of unix"),
        pytest.param(lambda body: body.rstrip(), id="no end of the last line"),
        pytest.param(gzip.compress, id="gzip"),
    ],
)
def test_a_file_is_read_however_its_system_writes_it(
    bank: Institution, recoded: Callable[[bytes], bytes]
) -> None:
    submission = finished(sent(bank, recoded(csv_of([row(1), row(2)]))))

    assert (submission.state, submission.rows) == (S.FINISHED, 2)
    assert Application.objects.count() == 2


@pytest.mark.parametrize(
    ("bad", "codes"),
    [
        pytest.param(row(2, Montant="9" * 40), {"too-large", "number", "out-of-range"}, id="40 digits"),
        pytest.param(row(2, Montant="-5.00"), set(), id="less than nothing"),
        pytest.param(row(2, Naissance="31/02/1988"), set(), id="a day that never was"),
        pytest.param(row(2, Naissance="09/04/2999"), set(), id="born in the future"),
        pytest.param(row(2, Naissance="32242"), {"excel-serial-date"}, id="a date as Excel keeps it"),
        pytest.param(row(2, NAS="4.64E+07"), {"excel-scientific"}, id="a number as Excel shows it"),
        pytest.param(row(2, NAS="#####"), {"excel-overflow"}, id="a column too narrow for Excel"),
        pytest.param(row(2, NAS="46454286"), {"leading-zeros-lost"}, id="zeros that Excel took"),
        pytest.param(row(2, Nom=""), set(), id="no name"),
        pytest.param(row(2, Nom="Trem\0blay"), {"nul-character"}, id="a NUL"),
        pytest.param(row(2, Nom="x" * 70_000), {"row-too-long"}, id="a very long line"),
        pytest.param(row(2, Nom="Trem;blay"), {"ragged-row"}, id="a cell too many"),
        pytest.param(row(2, Nom='"Tremblay'), {"quotes-wrong"}, id="a quote that never closes"),
        pytest.param(row(2, Produit="=1+1"), set(), id="a formula for a code"),
    ],
)
def test_a_bad_row_goes_back_with_a_code_and_costs_no_other(
    bank: Institution, bad: dict[str, str], codes: set[str]
) -> None:
    submission = finished(sent(bank, csv_of([row(1), bad, row(3)])))

    found = {code for code, _field, _count in rejects_by_code(submission)}
    assert (submission.state, submission.rows) == (S.FINISHED_WITH_REJECTS, 3)
    assert sorted(Application.objects.values_list("reference", flat=True)) == ["A-1", "A-3"]
    assert found
    assert not codes or codes & found


def test_a_cell_over_two_lines_is_one_row(bank: Institution) -> None:
    submission = finished(sent(bank, csv_of([row(1, Adresse='"123 rue\nPrincipale"'), row(2)])))

    assert (submission.state, submission.rows) == (S.FINISHED, 2)


def test_a_part_that_is_missing_where_a_field_is_divided_is_a_fault_of_its_row(bank: Institution) -> None:
    announced = published(bank, "own", **CSV_LAYOUT)
    for field in announced["mapping"]["fields"]:
        if field["target"] == "parties[0].given_name":
            field["steps"] = [{"step": "split", "separator": " ", "part": 1}]
    announced["mapping_checksum"] = "0" * 64
    body = csv_of([row(1, Prénom="Dr Geneviève"), row(2)])

    submission = finished(received(bank, body, **announced))

    assert list(Application.objects.values_list("reference", flat=True)) == ["A-1"]
    assert [(field, count) for _code, field, count in rejects_by_code(submission)] == [("Prénom", 1)]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param(csv_of([row(1)]).replace(b"Montant", b"Amount"), "", id="a header that changed"),
        pytest.param(csv_of([row(1)]).partition(b"\n")[2], "header", id="no header"),
        pytest.param(gzip.compress(csv_of([row(1)]) + b" " * (80 << 20)), "unpacks", id="a bomb"),
        pytest.param(gzip.compress(csv_of([row(1), row(2)]))[:-9], "cut off", id="gzip cut half-way"),
        pytest.param(b"PK\x03\x04" + bytes(99), "ZIP", id="a workbook"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_said_in_words(
    bank: Institution, body: bytes, says: str
) -> None:
    names = tuple(row(1))

    done = split_submission(sent(bank, body, columns=names), by=SYSTEM, clock=clock.now)

    assert done.state == S.FAILED
    assert says in str(done.problem)
    assert fetched(done).chunks.count() == 0 or Application.objects.count() == 0
