"""The form of a printer: where files go, for whose key, and how a row is laid out."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Printer
from campaigns.operations.parties import PrinterFacts
from campaigns.rules.layout import (
    MOST_COLUMNS,
    MOST_WIDTH,
    Align,
    Kind,
    LayoutError,
    Newline,
    RowLayout,
    Source,
)
from portal.core.phrases import Phrase
from portal.web.forms import CountField, Form, Section

KINDS = [(Kind.CSV.value, _("CSV: columns parted by commas")), (Kind.FIXED.value, _("Fixed width"))]
NEWLINES = [(Newline.LF.value, "LF"), (Newline.CRLF.value, "CR/LF")]
SOURCES = [
    ("", "–"),
    (Source.CODE.value, _("Code")),
    (Source.GROUPED.value, _("Code in groups")),
    (Source.SERIAL.value, _("Serial")),
    (Source.CONTROL.value, _("Control number")),
    (Source.FILE.value, _("File number")),
    (Source.URL.value, _("URL for a QR code")),
    (Source.LOT.value, _("Lot")),
]
ALIGNS = [(Align.LEFT.value, _("Left")), (Align.RIGHT.value, _("Right"))]
_FACTS = (
    "name",
    "bucket",
    "prefix",
    "endpoint_url",
    "region",
    "credentials",
    "contact_email",
    "rows_per_file",
)


class PrinterForm(Form):
    """A printer's set-up but for the columns of its rows, which are a set of forms of their own."""

    name = forms.CharField(label=_("Name"), max_length=100)
    contact_email = forms.EmailField(
        label=_("Contact"), required=False, help_text=_("Whom to write to when a delivery fails.")
    )
    bucket = forms.CharField(label=_("Bucket"), max_length=63)
    prefix = forms.CharField(  # type: ignore[assignment]
        label=_("Prefix"),
        max_length=200,
        required=False,
        help_text=_("Folder within the bucket, such as codes/in/."),
    )
    endpoint_url = forms.CharField(
        label=_("S3 address"),
        max_length=200,
        required=False,
        help_text=_("Only for a store other than our own, such as https://s3.eu-west-1.amazonaws.com."),
    )
    region = forms.CharField(label=_("Region"), max_length=32, required=False)
    credentials = forms.CharField(
        label=_("Credentials reference"),
        max_length=64,
        required=False,
        help_text=_(
            "The name under which an operator keeps this printer's access key; empty for our own. No secret."
        ),
    )
    recipients = forms.CharField(
        label=_("age recipients"),
        widget=forms.Textarea({"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text=_(
            "Public keys of the printer, one a line, each beginning with age1. Only their owners can open the files."
        ),
    )
    rows_per_file = CountField(
        label=_("Codes per file"), initial=1_000_000, help_text=_("At most 10,000,000.")
    )
    kind = forms.ChoiceField(label=_("Kind of rows"), choices=KINDS, initial=Kind.CSV.value)
    newline = forms.ChoiceField(label=_("End of a row"), choices=NEWLINES, initial=Newline.LF.value)
    header = forms.BooleanField(label=_("First row names the columns"), required=False, initial=True)
    url_template = forms.CharField(
        label=_("Address in the QR code"),
        max_length=200,
        required=False,
        help_text=_("Only for a column with a URL: begins with https:// and contains {code} once."),
    )

    sections = (
        Section(_("Printer"), _("Who it is."), ["name", "contact_email"]),
        Section(
            _("Bucket"),
            _("Where files are put. Test the printer afterwards: it says whether files would arrive."),
            ["bucket", "prefix", "endpoint_url", "region", "credentials"],
        ),
        Section(_("Encryption"), _("Files are encrypted for these keys before they leave."), ["recipients"]),
        Section(
            _("Files"), _("Every file holds the same number of codes, but for the last."), ["rows_per_file"]
        ),
        Section(
            _("Row layout"),
            _("What stands in a row. Batches planned before keep their layout."),
            ["kind", "newline", "header", "url_template"],
        ),
    )
    units = {"rows_per_file": _("codes")}

    def facts(self, columns: "forms.BaseFormSet[ColumnForm]") -> PrinterFacts:
        """Give what the operation takes."""
        given = self.cleaned_data
        recipients = tuple(line.strip() for line in given["recipients"].splitlines() if line.strip())
        plain = {name: given[name] for name in _FACTS}
        return PrinterFacts(**plain, recipients=recipients, layout=layout_json(given, columns))

    @staticmethod
    def initial_of(printer: Printer) -> dict[str, object]:
        """Give the values of a printer that exists."""
        layout = RowLayout.from_json(printer.layout)
        return {
            **{name: getattr(printer, name) for name in _FACTS},
            "recipients": "\n".join(printer.recipients),
            "kind": layout.kind.value,
            "newline": layout.newline.value,
            "header": layout.has_header,
            "url_template": layout.url_template,
        }


class ColumnForm(Form):
    """One column; a row of the form without a source is left out."""

    source = forms.ChoiceField(label=_("Holds"), choices=SOURCES, required=False)
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    width = forms.IntegerField(label=_("Width"), required=False, min_value=0, max_value=MOST_WIDTH)
    align = forms.ChoiceField(label=_("Align"), choices=ALIGNS, required=False, initial=Align.LEFT.value)
    pad = forms.CharField(label=_("Fill"), max_length=1, required=False, strip=False)

    def clean_name(self) -> str:
        """Name a column after its source unless it has a name."""
        return str(self.cleaned_data["name"]).strip() or str(self.cleaned_data.get("source", ""))


class BaseColumns(forms.BaseFormSet):  # type: ignore[type-arg]
    """The columns of a layout, with a place and a box to remove each."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        """Label and dress the two fields that a set of forms adds."""
        super().add_fields(form, index)
        form.fields["ORDER"].widget = forms.TextInput({"inputmode": "numeric", "class": "form-control"})
        form.fields["DELETE"].widget.attrs["class"] = "form-check-input"
        for name, label in {"ORDER": pgettext_lazy("of a column", "Place"), "DELETE": _("Remove")}.items():
            form.fields[name].label = label
        for field in form.fields.values():
            # The heading of the table is far away for those who hear the page.
            field.widget.attrs["aria-label"] = format_lazy(
                "{label} {number}", label=field.label, number=(index or 0) + 1
            )


COLUMNS = forms.formset_factory(
    ColumnForm,
    formset=BaseColumns,
    extra=2,
    can_order=True,
    can_delete=True,
    max_num=MOST_COLUMNS + 2,
    absolute_max=MOST_COLUMNS + 2,
)
FIRST_COLUMNS: list[dict[str, object]] = [
    {"source": Source.CONTROL.value, "name": "control"},
    {"source": Source.GROUPED.value, "name": "code"},
]


def columns_of(printer: Printer) -> list[dict[str, object]]:
    """Give the columns of a printer that exists."""
    return [
        {
            "source": column.source.value,
            "name": column.name,
            "width": column.width or None,
            "align": column.align.value,
            "pad": column.pad.strip(),
        }
        for column in RowLayout.from_json(printer.layout).columns
    ]


def kept_columns(columns: "forms.BaseFormSet[ColumnForm]") -> list[dict[str, Any]]:
    """Give the columns that hold something and are not removed, in their order; those without a place come last."""
    kept = [form.cleaned_data for form in columns.forms if form.cleaned_data.get("source")]
    kept = [column for column in kept if not column.get("DELETE")]
    return sorted(kept, key=lambda column: (column.get("ORDER") is None, column.get("ORDER")))


def layout_json(given: Mapping[str, Any], columns: "forms.BaseFormSet[ColumnForm]") -> dict[str, object]:
    """Put a layout together from the form and its columns, in their order."""
    return {
        "kind": given.get("kind"),
        "newline": given.get("newline"),
        "header": bool(given.get("header")),
        "url_template": given.get("url_template", ""),
        "columns": [
            {
                "name": column["name"],
                "source": column["source"],
                "width": column.get("width") or 0,
                "align": column.get("align") or Align.LEFT.value,
                "pad": column.get("pad") or " ",
            }
            for column in kept_columns(columns)
        ],
    }


def read_layout(form: PrinterForm, columns: "forms.BaseFormSet[ColumnForm]") -> RowLayout:
    """Read the layout of a form that has been checked.

    :raises LayoutError: it makes no sense, or one of its columns is not complete
    """
    if not columns.is_valid():
        raise LayoutError("columns", Phrase("Look at the columns: one of them is not complete."))
    return RowLayout.from_json(layout_json(form.cleaned_data, columns))
