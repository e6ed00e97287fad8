"""Forms of what files an institution sends: the layouts that count by default, and a new key."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fraud.operations.submissions.keys import LONGEST_OVERLAP
from portal.accounts.models import Client
from portal.web.forms import CountField, Form

CANONICAL_LINES = _("canonical JSON Lines")
AS_INSTITUTION = _("as the institution")


class DefaultLayoutsForm(Form):
    """By which mapping files are read whose sender names none: of all, and of single API clients."""

    button = _("Save default layouts")
    layout = forms.ChoiceField(
        label=_("All files"),
        required=False,
        help_text=_("Counts for the portal, the drop folder and every client that has none of its own."),
    )

    def __init__(
        self, layouts: Sequence[str], clients: Sequence[tuple[Client, str]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.clients = [client for client, _layout in clients]
        named = [(name, name) for name in layouts]
        self.fields["layout"].choices = [("", CANONICAL_LINES), *named]  # type: ignore[attr-defined]
        for client, own in clients:
            self.fields[f"client_{client.pk}"] = forms.ChoiceField(
                label=client.name,
                required=False,
                choices=[("", AS_INSTITUTION), *named],
                initial=own,
                widget=forms.Select({"class": "form-select"}),
            )

    def by_client(self) -> dict[int, str]:
        """Give the layout that was chosen for each client, by its row."""
        return {client.pk: self.cleaned_data[f"client_{client.pk}"] for client in self.clients}


class ReplaceKeyForm(Form):
    """For how long the replaced key still opens files."""

    button = _("Replace key")
    overlap_days = CountField(
        label=_("The key until now opens files for another"),
        initial=30,
        min_value=0,
        max_value=LONGEST_OVERLAP,
        help_text=_("Until whoever sends has changed to the new one. With 0 it opens none from now on."),
    )
    units = {"overlap_days": _("days")}
