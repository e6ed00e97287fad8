"""Records in, applications or faults out: every fault with its field and code, nothing raised, nothing lost."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.rules.canonical import from_json, to_json
from fraud.rules.translation import (
    MappingError,
    canonical_mapping,
    checksum,
    compile_mapping,
)
from fraud.rules.translation import document as d
from tests.fraud.rules.translation.sample import ROW, document, field
from tests.makers_fraud import canonical

BANK = compile_mapping(document())


def faults_of(**cells: Any) -> list[tuple[str, str]]:
    return [(each.field, each.code) for each in BANK.translate(ROW | cells).faults]


def test_a_row_becomes_an_application() -> None:
    application = BANK.translate(ROW).application

    assert application is not None
    assert (application.reference, application.amount, application.currency) == ("A-77", 500_000, "CAD")
    assert application.submitted_at == datetime(2026, 3, 2, 14, 59, tzinfo=UTC)
    party = application.main
    assert (party.family_name, party.birth_date) == ("Tremblay", date(1988, 4, 9))
    assert (party.national_id, party.income) == ("046454286", 5_199_996)
    assert [each.line for each in party.addresses] == ["123 rue Principale app. 5"]
    assert [(each.kind, each.number) for each in party.phones] == [("home", "+15145550123")]
    assert from_json(to_json(application)) == application


def test_a_second_applicant_is_there_when_a_name_is() -> None:
    application = BANK.translate(ROW | {"Co-nom": "Roy"}).application

    assert [(each.role, each.family_name) for each in application.parties] == [
        ("main", "Tremblay"),
        ("joint", "Roy"),
    ]


def test_canonical_json_passes_unchanged() -> None:
    application = canonical()

    assert canonical_mapping().translate(msgspec.json.decode(to_json(application))).application == application


@pytest.mark.parametrize(
    ("cell", "value", "where", "code"),
    [
        ("NAS", "046454287", "parties[0].national_id", "sin-check-digit"),
        ("NAS", "46454286", "parties[0].national_id", "leading-zeros-lost"),
        ("NAS", "4.6454E+07", "parties[0].national_id", "excel-scientific"),
        ("NAS", "######", "parties[0].national_id", "excel-overflow"),
        ("NAS", "12345", "parties[0].national_id", "sin-length"),
        ("Naissance", "32242", "parties[0].birth_date", "excel-serial-date"),
        ("Naissance", "31/02/1988", "parties[0].birth_date", "impossible-date"),
        ("Naissance", "09/04/88", "parties[0].birth_date", "two-digit-year"),
        ("Naissance", "soon", "parties[0].birth_date", "date-format"),
        ("Naissance", "09/04/2031", "parties[0].birth_date", "date-in-future"),
        ("Montant", "9" * 40, "amount", "too-large"),
        ("Montant", "-5", "amount", "negative"),
        ("Montant", "5,00.00", "amount", "number-format"),
        ("Montant", "5.005", "amount", "too-many-decimals"),
        ("Montant", "#REF!", "amount", "excel-error"),
        ("Montant", "much", "amount", "not-a-number"),
        ("Montant", "", "amount", "missing"),
        ("Date", "02/03/2026 25:00", "submitted_at", "impossible-date"),
        ("Produit", "??", "product", "not-in-list"),
        ("Nom", "a\x00b", "parties[0].family_name", "control-character"),
        ("Nom", "a" * 201, "parties[0].family_name", "too-long"),
        ("Nom", "a" * 5_000, "parties[0].family_name", "too-long"),
        ("Nom", ["a"], "parties[0].family_name", "not-a-value"),
        ("Tel", "call me", "parties[0].phones[0].number", "phone-invalid"),
        ("CP", "D1D 1D1", "parties[0].addresses[0].postal_code", "postal-code-invalid"),
        ("Transit", "1234", "parties[0].bank_account.transit", "leading-zeros-lost"),
        ("Compte", "12A4", "parties[0].bank_account.number", "digits-only"),
        ("Compte", "", "parties[0].bank_account.number", "missing"),
        ("Co-prénom", "Jean", "parties[1].family_name", "missing"),
    ],
)
def test_what_is_wrong_has_its_field_and_code(cell: str, value: Any, where: str, code: str) -> None:
    assert faults_of(**{cell: value}) == [(where, code)]


def test_all_faults_of_a_row_are_told_at_once_and_without_its_values() -> None:
    faults = BANK.translate(ROW | {"NAS": "123456789", "Montant": "x17", "Nom": ""}).faults

    assert {each.code for each in faults} == {"sin-check-digit", "not-a-number", "missing"}
    assert {each.source for each in faults} == {"NAS", "Montant", "Nom"}
    assert not any("123456789" in each.words or "x17" in each.words for each in faults)


def test_a_mapping_that_splits_a_missing_field_says_what_is_missing() -> None:
    split = {"step": "split", "separator": ",", "part": 1}
    mapping = compile_mapping(document([field("parties[0].family_name", "Nom complet", split)]))

    assert [each.code for each in mapping.translate(ROW).faults] == ["missing"]
    assert [each.code for each in mapping.translate(ROW | {"Nom complet": "Roy"}).faults] == ["no-such-part"]
    assert mapping.translate(ROW | {"Nom complet": "Jean, Roy"}).application.main.family_name == "Roy"


def test_what_the_sender_writes_for_nothing_is_nothing() -> None:
    mapping = compile_mapping(document(empty_values=["N/A"]))

    assert mapping.translate(ROW | {"Naissance": "n/a"}).application.main.birth_date is None
    assert faults_of(Naissance="n/a") == [("parties[0].birth_date", "date-format")]


def test_a_step_can_ask_another_column_or_take_the_first_that_is_filled() -> None:
    mapping = compile_mapping(
        document(
            [
                field(
                    "parties[0].employer", "Emp", {"step": "when-equal", "source": "Actif", "equals": ["O"]}
                ),
                field("parties[0].phones[0].number", "Tel", {"step": "first-of", "sources": ["Tel2"]}),
                field("channel", "Canal", {"step": "default", "value": "branch"}),
            ]
        )
    )

    here = mapping.translate(
        ROW | {"Emp": "Roy inc.", "Actif": "o", "Tel": "", "Tel2": "5145550199", "Canal": ""}
    )
    elsewhere = mapping.translate(ROW | {"Emp": "Roy inc.", "Actif": "N", "Canal": ""})

    assert (here.application.main.employer, elsewhere.application.main.employer) == ("Roy inc.", "")
    assert here.application.main.phones[0].number == "+15145550199"
    assert here.application.channel == "branch"


def test_lists_are_read_item_by_item_and_faults_say_which() -> None:
    record = msgspec.to_builtins(canonical())
    second = record["parties"][0] | {"role": "joint", "birth_date": "1988-02-31", "phones": [{"number": "1"}]}

    faults = canonical_mapping().translate(record | {"parties": [record["parties"][0], second]}).faults

    assert [(each.field, each.code) for each in faults] == [
        ("parties[1].birth_date", "impossible-date"),
        ("parties[1].phones[0].number", "phone-invalid"),
    ]


@pytest.mark.parametrize(
    ("parties", "code"),
    [
        ([], "missing"),
        ("Roy", "not-a-list"),
        ([{"family_name": "Roy"}] * 7, "too-many"),
        (["Roy"], "not-a-value"),
    ],
)
def test_lists_that_are_none_are_faults(parties: Any, code: str) -> None:
    record = msgspec.to_builtins(canonical()) | {"parties": parties}

    assert code in {each.code for each in canonical_mapping().translate(record).faults}


def test_one_element_of_xml_is_a_list_of_one() -> None:
    record = msgspec.to_builtins(canonical())

    translated = canonical_mapping().translate(record | {"parties": record["parties"][0]})

    assert translated.application == canonical()


def test_a_field_that_nobody_knows_is_not_lost_in_silence() -> None:
    record = msgspec.to_builtins(canonical())
    misspelt = [record["parties"][0] | {"birthdate": "1988-04-09"}]

    faults = canonical_mapping().translate(record | {"parties": misspelt, "note": {"a": 1}}).faults

    assert {(each.field, each.code) for each in faults} == {
        ("parties[0].birthdate", "unknown-field"),
        ("note", "unknown-field"),
    }
    assert BANK.translate(ROW | {"Neu": "x"}).faults == ()


def test_a_document_with_problems_is_not_compiled() -> None:
    with pytest.raises(MappingError) as refused:
        compile_mapping(document([field("reference", "")]))

    assert [each.code for each in refused.value.problems] == ["source-missing"]


def test_the_checksum_is_of_the_canonical_json() -> None:
    kept = d.to_builtins(document())

    assert checksum(d.from_builtins(kept)) == checksum(document()) == BANK.checksum
    assert checksum(document(empty_values=["-"])) != BANK.checksum
    assert d.from_json(d.to_json(document())) == document()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=400)
@given(
    st.dictionaries(st.sampled_from(sorted(ROW)), JSON | st.sampled_from(["1e5", "#" * 9, "٣", "1,5", "²"]))
)
def test_no_row_raises_and_each_is_an_application_or_has_faults(cells: dict[str, Any]) -> None:
    translated = BANK.translate(ROW | cells)

    assert (translated.application is None) == bool(translated.faults)
    if translated.application is not None:
        assert from_json(to_json(translated.application)) == translated.application


@settings(max_examples=150, deadline=400)
@given(st.dictionaries(st.sampled_from(sorted(msgspec.to_builtins(canonical()))), JSON), JSON)
def test_no_tree_raises_and_each_is_an_application_or_has_faults(fields: dict[str, Any], whole: Any) -> None:
    record = msgspec.to_builtins(canonical()) | fields

    for translated in (canonical_mapping().translate(record), canonical_mapping().translate(whole)):
        assert (translated.application is None) == bool(translated.faults)
        if translated.application is not None:
            assert from_json(to_json(translated.application)) == translated.application
