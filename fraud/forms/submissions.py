"""Forms of submissions: what is going to be sent, and the file itself."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fraud.models import Institution
from portal.web.forms import Form


class AnnounceForm(Form):
    """Whose file it is, how it is laid out, and what it says it holds."""

    button = _("Continue to the file")
    institution = forms.ModelChoiceField(
        Institution.objects.none(), label=_("Institution"), to_field_name="public_id"
    )
    layout = forms.CharField(
        label=_("Layout"),
        max_length=64,
        required=False,
        help_text=_("Name of a published mapping; empty for the default of the institution."),
    )
    rows = forms.IntegerField(
        label=_("Rows"),
        required=False,
        min_value=1,
        help_text=_(
            "A control total, if you know it: a file with another number of rows is refused as a whole."
        ),
    )

    def __init__(self, institutions: QuerySet[Institution], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["institution"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = institutions


class FileForm(Form):
    """The file; it is sealed as it comes in, and not kept by the form."""

    button = _("Send file")
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, JSON Lines, fixed width or XML; packed by gzip or encrypted by age if you like."),
    )
