"""Results in the sender's own layout, and what an outsider needs to check their signature: openssl and sha256sum."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from django.test import Client as Browser

from fraud.models import Application, Institution, Submission
from fraud.operations.submissions.assembling import file_name_of, result_pieces
from fraud.operations.submissions.splitting import split_submission
from fraud.rules.submissions import SubmissionState as S
from portal.accounts.actors import SYSTEM
from portal.core import clock
from tests.fraud.submissions.conftest import fetched, finished, received
from tests.fraud.submissions.layouts import (
    CSV_LAYOUT,
    FIXED_LAYOUT,
    XML_LAYOUT,
    csv_of,
    fixed_of,
    published,
    row,
    xml_of,
)

pytestmark = pytest.mark.django_db(transaction=True)

LAYOUTS = [
    pytest.param(CSV_LAYOUT, csv_of, "csv", id="csv"),
    pytest.param(FIXED_LAYOUT, fixed_of, "txt", id="fixed width"),
    pytest.param(XML_LAYOUT, xml_of, "xml", id="xml"),
]


def whole(submission: Submission, kind: str) -> bytes:
    return b"".join(result_pieces(submission, kind))


def checked_by_openssl(folder: Path, submission: Submission, kind: str) -> str:
    """Do what docs/screening.md tells an institution to do, and give what openssl says."""
    result, name = whole(submission, kind), file_name_of(submission, kind)
    (folder / name).write_bytes(result)
    document = Browser().get("/keys/public.json").json()
    pems = [each["public_key"] for each in document["keys"] if each["purpose"] == "results"]
    (folder / "key.pem").write_text(pems[0])
    (folder / "signature").write_text(getattr(submission, f"{kind}_signature"))
    script = (
        f"sha256sum {name} > signed && base64 --decode signature > raw && "
        "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile raw"
    )
    done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() + done.stderr.strip()


@pytest.mark.skipif(which("openssl") is None, reason="needs openssl")
@pytest.mark.parametrize(("layout", "written", "ending"), LAYOUTS)
def test_an_outsider_checks_the_signature(
    bank: Institution, tmp_path: Path, layout: dict[str, Any], written: Callable[..., bytes], ending: str
) -> None:
    body = written([row(1), row(2, NAS="1"), row(3)])

    submission = finished(received(bank, body, **published(bank, "own", **layout)))

    assert submission.state == S.FINISHED_WITH_REJECTS
    assert file_name_of(submission, "result").endswith(f"result.{ending}")
    for kind in ("result", "rejects"):
        assert checked_by_openssl(tmp_path, submission, kind) == "Signature Verified Successfully"


@pytest.mark.parametrize(("layout", "written", "ending"), LAYOUTS)
def test_rows_come_back_as_they_were_sent_and_rejects_can_be_sent_again(
    bank: Institution, layout: dict[str, Any], written: Callable[..., bytes], ending: str
) -> None:
    announced = published(bank, "own", **layout)
    good, bad = row(1), row(2, NAS="046 454 287")
    submission = finished(received(bank, written([good, bad]), **announced))
    rejects = whole(submission, "rejects")

    again = finished(received(bank, rejects.replace(b"046 454 287", b"046 454 286"), **announced))

    line = written([good]).splitlines()[-1].removeprefix(b"<applications>").removesuffix(b"</applications>")
    assert line.removeprefix(b"<application>").rstrip() in whole(submission, "result")
    assert b"sin-checksum" in rejects or b"NAS" in rejects
    assert (again.state, again.rows) == (S.FINISHED, 1)
    assert b"A-2" in whole(again, "result")


def test_a_cell_that_is_a_formula_is_the_senders_own_and_comes_back_unchanged(bank: Institution) -> None:
    formula = '=HYPERLINK("http://x")'
    quoted = '"' + formula.replace('"', '""') + '"'
    announced = published(bank, "own", **CSV_LAYOUT)

    submission = finished(received(bank, csv_of([row(1, Compte=quoted), row(2, Emploi=quoted)]), **announced))

    written = whole(submission, "result") + whole(submission, "rejects")
    ours = [line.split(b";")[:5] for line in written.splitlines()]
    assert quoted.encode() in written
    assert not [
        cell for cells in ours for cell in cells[:4] if cell.strip(b'"').startswith((b"=", b"+", b"-", b"@"))
    ]


@pytest.mark.parametrize(
    ("said", "state"),
    [pytest.param("END;2", S.WORKING, id="holds"), pytest.param("END;3", S.FAILED, id="does not hold")],
)
def test_a_trailer_is_checked_before_any_row_counts(bank: Institution, said: str, state: S) -> None:
    announced = published(bank, "own", **CSV_LAYOUT, trailer={"prefix": "END", "rows": {"start": 2}})
    submission = received(bank, csv_of([row(1), row(2)]) + f"{said}\r\n".encode(), **announced)

    split_submission(submission, by=SYSTEM, clock=clock.now)

    found = fetched(submission)
    assert found.state == state
    assert ("has 2" in str(found.problem)) is (state == S.FAILED)
    assert Application.objects.count() == 0
