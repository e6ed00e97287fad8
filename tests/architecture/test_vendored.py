"""What lies under static/vendor is exactly what the list says, and small enough to serve."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
PACKAGES = json.loads((STATIC / "vendor" / "vendored.json").read_text())
LISTED = {path: digest for package in PACKAGES for path, digest in package["files"].items()}


def test_each_vendored_file_has_the_hash_in_the_list() -> None:
    found = {path: hashlib.sha256((STATIC / path).read_bytes()).hexdigest() for path in LISTED}

    assert found == LISTED


def test_no_file_lies_in_the_vendor_folder_unlisted() -> None:
    lying = {path.relative_to(STATIC).as_posix() for path in (STATIC / "vendor").rglob("*") if path.is_file()}

    assert lying - set(LISTED) == {"vendor/vendored.json"}


def test_each_package_names_version_licence_and_source() -> None:
    named = [{"package", "version", "licence", "source"} <= set(package) for package in PACKAGES]

    assert all(named)


def test_no_static_file_is_over_a_megabyte_and_a_half() -> None:
    big = [path.name for path in STATIC.rglob("*") if path.is_file() and path.stat().st_size > 1_500_000]

    assert big == []


def test_templates_point_only_at_vendored_files_that_are_there() -> None:
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    used = {part.split('"')[0] for part in templates.split('static "')[1:]}

    assert {path for path in used if not (STATIC / path).is_file()} == set()
