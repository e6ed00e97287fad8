"""Operations alike: one transaction each, actor and clock by keyword, a docstring that says what it does."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path
    for pattern in ("*/operations/*.py", "*/operations/*/*.py", "*/*/operations/*.py", "*/*/operations.py")
    for path in ROOT.glob(pattern)
    if any(path.is_relative_to(ROOT / room) for room in ("campaigns", "fraud", "portal"))
)

# Longer work: a loop of operations around network and S3, which stay outside every transaction.
PROCESSES = {
    "anchor_head",
    "run_backtest",
    "put_anchors",
    "assemble_result",
    "begin_upload",
    "carry_out",
    "carry_out_rotation",
    "collect_drops",
    "delete_erased_files",
    "delete_files",
    "complete_upload",
    "deliver_file",
    "finish_delivery",
    "read_receipt",
    "check_printer",
    "look_up_applications",
    "look_up_member",
    "deliver_test_file",
    "receive_stream",
    "return_result",
    "send_mails",
    "send_events",
    "answer_inquiry",
    "split_submission",
    "take_change",
    "take_withdrawal",
    "take_record",
}
# One short transaction of raw SQL, tried again when two first redemptions of a member meet.
WITH_OWN_TRANSACTION = {"redeem_code"}
# What operations are made of: within their transaction, or facts in and an answer out.
PARTS = {
    "arrived_parts",
    "check_parts",
    "drop_folder",
    "erase_files",
    "identities",
    "file_name_of",
    "folder_of",
    "holding",
    "move_submission",
    "nudge_workers",
    "part_addresses",
    "plain_blocks",
    "result_pieces",
    "same_file",
    "signed_line",
    "submission_bucket",
    "anchor_key",
    "anchor_object",
    "trail_bucket",
    "keep_holds_still",
    "place_of",
    "account_of",
    "unknown_account",
    "approve",
    "ask",
    "beating",
    "begin_rotation",
    "bucket_of",
    "check_activation_time",
    "check_address",
    "check_deactivated",
    "check_not_ended",
    "check_sound",
    "check_own",
    "contribute",
    "take_back",
    "check_reason",
    "check_place",
    "check_mapping_in_use",
    "checked_recipients",
    "next_mapping_version",
    "end_batch",
    "end_sessions",
    "file_content",
    "file_name",
    "given_reason",
    "held_operators",
    "keep",
    "manifest_of",
    "manifest_public_key",
    "member_reference",
    "move_batch",
    "move_case",
    "move_file",
    "new_member_values",
    "no_role",
    "odds_in_words",
    "open_cases",
    "post",
    "record",
    "record_alone",
    "record_retirement",
    "remove_keys",
    "retirable_keys",
    "refuse",
    "pause_after",
    "report_progress",
    "withdraw",
    "tell",
    "hand_over",
    "feed_folder",
    "check_hook_address",
    "write_note",
    "unwatch",
    "join_member_within",
    "count_records_within",
    "end_disputes_within",
    "take_away",
    "correct_within",
    "retract_within",
}
# Done for nobody in particular, and not worth an entry in the trail.
WITHOUT_ACTOR = {
    "add_drift",
    "count_work",
    "claim_chunk",
    "claim_mail",
    "give_up_chunks",
    "nudge_left_submissions",
    "put_off_chunk",
    "settle_screened",
    "settle_stored",
    "nudge_left_work",
    "put_off_mail",
    "seal_entries",
    "seal_run",
    "settle_mail",
    "touch_key",
    "claim_stream",
    "release_stream",
    "touch_session",
    # Rows too many for an entry each: sealed in runs.
    "put_earlier_rows",
    "store_applications",
    "store_screenings",
    "claim_delivery",
    "settle_delivery",
    "claim_case_file",
    "settle_case_file",
    "put_off_case_file",
    # The registry keeps what it was asked as rows of its own.
    "acknowledge_notices",
    "compare_records",
    "forget_inquiries",
    "forget_notices",
    "forget_records",
    "forget_disputes",
    "hear_disputes",
    "lapse_disputes",
    "join_member",
    "move_sweep",
    "keep_standing",
    "note_quota_told",
    "put_off_dispute",
    "set_quota",
}

# Reads like `record`, which it is in a transaction of its own: the actor first.
ACTOR_FIRST = {"record_reading"}


def public_functions() -> Iterator[ast.FunctionDef]:
    for path in FILES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node


FUNCTIONS = {node.name: node for node in public_functions()}
OPERATIONS = sorted(set(FUNCTIONS) - PROCESSES - PARTS - WITH_OWN_TRANSACTION)


def keywords(node: ast.FunctionDef) -> set[str]:
    return {argument.arg for argument in node.args.kwonlyargs}


def test_every_exception_still_exists() -> None:
    assert set(FUNCTIONS) >= PROCESSES | PARTS | WITHOUT_ACTOR | WITH_OWN_TRANSACTION


def test_no_two_operations_have_one_name() -> None:
    names = [node.name for node in public_functions()]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_one_durable_transaction(name: str) -> None:
    decorators = [ast.unparse(decorator) for decorator in FUNCTIONS[name].decorator_list]

    assert decorators == ["transaction.atomic(durable=True)"]


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - WITHOUT_ACTOR - ACTOR_FIRST))
def test_each_operation_takes_the_actor_and_the_time_by_keyword(name: str) -> None:
    assert {"by", "now"} <= keywords(FUNCTIONS[name])


@pytest.mark.parametrize("name", sorted(PROCESSES | WITH_OWN_TRANSACTION))
def test_each_process_takes_the_actor_and_a_clock_by_keyword(name: str) -> None:
    found = keywords(FUNCTIONS[name])

    assert "by" in found
    assert {"now", "clock"} & found


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_no_process_holds_a_transaction_open(name: str) -> None:
    assert FUNCTIONS[name].decorator_list == []


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - WITHOUT_ACTOR))
def test_each_operation_leaves_an_entry_in_the_trail(name: str) -> None:
    assert called_by(FUNCTIONS[name]) & {
        "record",
        "record_retirement",
        "end_batch",
        "approve",
        "refuse",
        "begin_rotation",
    } or any(called_by(part) & {"record"} for part in parts_called_by(FUNCTIONS[name]))


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - WITHOUT_ACTOR))
def test_each_docstring_begins_with_an_imperative_sentence(name: str) -> None:
    first = (ast.get_docstring(FUNCTIONS[name]) or "").partition("\n")[0]
    verb = first.partition(" ")[0]

    assert first.endswith("."), first
    assert verb[:1].isupper()
    assert not verb.endswith("s") or verb in {"Pass", "Process", "Discuss"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_operations_do_not_read_the_clock(path: Path) -> None:
    tree = ast.parse(path.read_text())
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}

    assert not calls & {"clock.now", "datetime.now", "timezone.now", "time.time", "date.today"}


def called_by(node: ast.FunctionDef) -> set[str]:
    return {
        call.func.id
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }


def parts_called_by(node: ast.FunctionDef) -> list[ast.FunctionDef]:
    """The private functions of the same file that an operation calls."""
    for path in FILES:
        body = ast.parse(path.read_text()).body
        functions = {each.name: each for each in body if isinstance(each, ast.FunctionDef)}
        if node.name in functions:
            return [functions[name] for name in called_by(node) & set(functions) if name.startswith("_")]
    return []
