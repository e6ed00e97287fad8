"""What can be wrong with a mapping document: a stable code and words for each."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from portal.core.phrases import Phrase, marked


class Trouble(StrEnum):
    """Codes of problems; never renamed."""

    TARGET_UNKNOWN = "target-unknown"
    TARGET_TWICE = "target-twice"
    TARGET_MIXED = "target-mixed"
    TARGET_MISSING = "target-missing"
    SOURCE_MISSING = "source-missing"
    SOURCE_UNREADABLE = "source-unreadable"
    SOURCE_UNKNOWN = "source-unknown"
    STARS = "stars"
    ARRAYS = "arrays"
    STEP_TYPE = "step-type"
    STEP_ORDER = "step-order"
    CONSTANT_FIRST = "constant-first"
    CODES_EMPTY = "codes-empty"
    CODES_UNKNOWN = "codes-unknown"
    VALUE_UNFIT = "value-unfit"
    ZONE_UNKNOWN = "zone-unknown"
    COLUMNS_OVERLAP = "columns-overlap"
    COLUMNS_MISSING = "columns-missing"
    COLUMNS_TWICE = "columns-twice"
    RECORD_MISSING = "record-missing"
    CONTROL_WIDTH = "control-width"
    DELIMITER = "delimiter"
    TOO_LONG = "too-long"


WORDS: Mapping[Trouble, str] = {
    Trouble.TARGET_UNKNOWN: marked("There is no field named {name}."),
    Trouble.TARGET_TWICE: marked("The field {name} is filled twice."),
    Trouble.TARGET_MIXED: marked("The field {name} is filled both item by item and from a list."),
    Trouble.TARGET_MISSING: marked("The field {name} has to be filled."),
    Trouble.SOURCE_MISSING: marked("Choose a column for {name}, or give it a constant."),
    Trouble.SOURCE_UNREADABLE: marked("The path {name} cannot be read."),
    Trouble.SOURCE_UNKNOWN: marked("The layout has no column named {name}."),
    Trouble.STARS: marked("The path {name} has more lists than the field it fills."),
    Trouble.ARRAYS: marked("The fields of one record come from two lists."),
    Trouble.STEP_TYPE: marked("The step {name} gives what this field cannot hold."),
    Trouble.STEP_ORDER: marked("The step {name} needs text, but a step before it has read something else."),
    Trouble.CONSTANT_FIRST: marked("A constant is the first step: what stands before it is lost."),
    Trouble.CODES_EMPTY: marked("The list of codes is empty."),
    Trouble.CODES_UNKNOWN: marked("The list of codes gives {name}, which this field does not know."),
    Trouble.VALUE_UNFIT: marked("The value {name} does not fit this field."),
    Trouble.ZONE_UNKNOWN: marked("There is no time zone named {name}."),
    Trouble.COLUMNS_OVERLAP: marked("The column {name} overlaps another."),
    Trouble.COLUMNS_MISSING: marked("Say where the columns of a row stand."),
    Trouble.COLUMNS_TWICE: marked("Two columns are named {name}."),
    Trouble.RECORD_MISSING: marked("Say which element is one record."),
    Trouble.CONTROL_WIDTH: marked(
        "Say of each control total where it begins and how many characters it has, such as 2:9."
    ),
    Trouble.DELIMITER: marked("The delimiter and the quotation mark are one character."),
    Trouble.TOO_LONG: marked("The mapping is too long."),
}


class Problem(Struct, frozen=True):
    """What is wrong with a document: *path* is where in it, such as `fields[3].steps[0]`."""

    path: str
    code: str
    words: str


def problem(path: str, code: Trouble, name: str = "") -> Problem:
    """Make a problem with its words; *name* is what the words speak of."""
    template = WORDS[code]
    words = Phrase(template, name=name) if "{name}" in template else Phrase(template)
    return Problem(path, code, words)
