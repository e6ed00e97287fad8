"""Endpoints alike: all of one kind, guarded and counted; changes repeatable; one file for each resource."""

import ast
from pathlib import Path
from typing import Any

import pytest
from rest_framework.permissions import IsAuthenticated

from campaigns.api import urls
from portal.api.authentication import ClientKeyAuthentication
from portal.api.views import ApiView

HERE = Path(urls.__file__).parent
# Checking a code changes nothing, so that repeating it needs no key.
READS_BY_POST = {"codes/check"}

ENDPOINTS: dict[str, Any] = {str(entry.pattern): entry.callback for entry in urls.urlpatterns}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_endpoint_is_of_one_kind_and_guarded(path: str) -> None:
    view = ENDPOINTS[path].cls

    assert issubclass(view, ApiView)
    assert view.permission_classes == [IsAuthenticated]
    assert [type(guard) for guard in view().get_authenticators()] == [ClientKeyAuthentication]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_change_is_repeatable(path: str) -> None:
    view = ENDPOINTS[path].cls

    assert not {"put", "patch", "delete"} & set(vars(view))
    if hasattr(view, "post") and path not in READS_BY_POST:
        assert getattr(view.post, "is_idempotent", False)


@pytest.mark.parametrize("path", sorted(HERE.glob("*.py")), ids=lambda path: path.stem)
def test_endpoints_write_nothing_themselves(path: Path) -> None:
    """A door makes one call; what changes rows lies in operations."""
    tree = ast.parse(path.read_text())
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")
    }

    assert not called & {"save", "create", "update", "delete", "bulk_create", "get_or_create", "atomic"}
