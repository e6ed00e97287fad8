"""The command that takes an existing file of known frauds into the registry."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from fraud.models import RegistryRecord
from fraud.rules.consortium import Question
from fraud.screening import consortium
from fraud.screening.consortium import Registry
from fraud.screening.tokens import consortium_tokens
from tests.fraud.registry.process import SECRET, registry_process
from tests.fraud.registry.scenes import BANK_A
from tests.makers_fraud import canonical, make_institution

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HEAD = "ID,FIRST,LAST,DOB,SIN,TYPE,CONFIRMED\n"
ROWS = [
    "R-1,Geneviève,Tremblay,1988-04-09,046454286,MU,2025-11-03\n",
    "R-2,John,Smith,1970-01-02,,ID,2025-12-03\n",
    # The same again, somebody without anything to find them by, a type and a month that nobody knows.
    "R-1,Geneviève,Tremblay,1988-04-09,046454286,MU,2025-11-03\n",
    "R-3,,Nobody,,,MU,2025-11-03\n",
    "R-4,Jane,Smith,1971-01-02,,??,2025-12-03\n",
    "R-5,Jane,Smith,1971-01-02,,MU,soon\n",
    "R-6,Jane,Smith,1971-99-02,,MU,2025-12-03\n",
]


def document() -> dict[str, object]:
    fields: list[tuple[str, str, list[dict[str, str]]]] = [
        ("reference", "ID", []),
        ("product", "", [{"step": "constant", "value": "loan"}]),
        ("amount", "", [{"step": "constant", "value": "0"}]),
        ("submitted_at", "", [{"step": "constant", "value": "2026-01-01T00:00:00Z"}]),
        ("parties[0].given_name", "FIRST", []),
        ("parties[0].family_name", "LAST", []),
        ("parties[0].birth_date", "DOB", []),
        ("parties[0].national_id", "SIN", []),
    ]
    return {
        "mapping": {
            "layout": {"kind": "csv"},
            "fields": [{"target": t, "source": s, "steps": steps} for t, s, steps in fields],
        },
        "facts": {
            "fraud_type": {"source": "TYPE", "codes": {"MU": "money-mule", "ID": "identity-theft"}},
            "role": {"default": "mule"},
            "month": {"source": "CONFIRMED"},
        },
    }


@pytest.fixture
def files(tmp_path) -> tuple[Path, Path]:
    mapping, records = tmp_path / "mapping.json", tmp_path / "records.csv"
    mapping.write_text(json.dumps(document()))
    records.write_text(HEAD + "".join(ROWS))
    return records, mapping


@pytest.fixture
def registry(monkeypatch):
    with registry_process() as url:
        made = Registry(url, SECRET)
        monkeypatch.setattr("fraud.management.commands.import_records.registry", lambda: made)
        yield made


def run(files: tuple[Path, Path]) -> str:
    said = io.StringIO()
    call_command("import_records", str(files[0]), mapping=files[1], institution="bank-a", stdout=said)
    return said.getvalue()


def test_a_file_is_taken_in_once_and_what_does_not_fit_is_given_back(files, registry) -> None:
    make_institution("bank-a")

    said = run(files)

    assert "7 rows, 2 new, 4 rejected" in said
    rejects = files[0].with_name("records.csv.rejects")
    codes = [line.split(",")[:3] for line in rejects.read_text().splitlines()]
    assert [line for line, _field, _code in codes] == ["5", "6", "7", "8"]
    assert rejects.stat().st_mode & 0o777 == 0o600
    assert RegistryRecord.objects.count() == 2
    files[0].with_name("records.csv.done").unlink()
    assert "2 new" not in run(files)
    assert RegistryRecord.objects.count() == 2


def test_a_run_goes_on_where_the_last_one_ended(files, registry) -> None:
    make_institution("bank-a")
    files[0].with_name("records.csv.done").write_text("1")

    assert "7 rows, 2 new" in run(files)


def test_imported_people_are_found_by_their_applications(files, registry) -> None:
    make_institution("bank-a")
    run(files)

    asked = Question(application="app_00000001", tokens=consortium_tokens(canonical()))
    (answer,) = registry.ask(BANK_A, [asked])

    assert [(hit.tier, hit.fraud_type, hit.month) for hit in answer.hits] == [
        ("strong", "money-mule", "2025-11")
    ]


def test_a_registry_that_is_away_leaves_the_rest_for_the_next_run(files, monkeypatch) -> None:
    make_institution("bank-a")
    away = consortium.Registry("http://127.0.0.1:9", SECRET)
    monkeypatch.setattr("fraud.management.commands.import_records.registry", lambda: away)

    with pytest.raises(CommandError, match="run this again"):
        run(files)

    assert not files[0].with_name("records.csv.done").exists()
