"""Whether a mapping document can work: every problem with its place, for the studio and before anything compiles."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from fraud.rules.translation import document as d
from fraud.rules.translation.assembly import Leaf, Tree, grown
from fraud.rules.translation.faults import UnfitError
from fraud.rules.translation.paths import STAR, PathError, Segment, parsed, stars
from fraud.rules.translation.problems import Problem, Trouble, problem
from fraud.rules.translation.reading import sources_of
from fraud.rules.translation.step_types import step_problems
from fraud.rules.translation.targets import TARGETS, fit, general, target_of

# Looking through the files of all zones takes a while.
_zones = cache(available_timezones)
_EMPTY_LEAF = Leaf(lambda _scopes, _faults: None)


def validate_mapping(document: d.MappingDocument) -> list[Problem]:
    """List what keeps a document from being compiled; nothing where it can be."""
    problems = [*_layout_problems(document.layout), *_zone_problems(document)]
    if len(d.to_json(document)) > d.MOST_BYTES:
        problems.append(problem("", Trouble.TOO_LONG))
    is_inbound = document.direction is d.Direction.INBOUND
    for index, field in enumerate(document.fields):
        place = f"fields[{index}]"
        found = list(_field_problems(document, field, place))
        problems += found
        if not found and is_inbound:
            problems += _constant_problems(document, field, place)
    if not any(each.code == Trouble.TARGET_UNKNOWN for each in problems):
        problems += _tree_problems(document)
        problems += _missing_problems(document) if is_inbound else []
    return problems


def _zone_problems(document: d.MappingDocument) -> Iterator[Problem]:
    if document.time_zone not in _zones():
        yield problem("time_zone", Trouble.ZONE_UNKNOWN, document.time_zone)


def _layout_problems(layout: d.Layout) -> Iterator[Problem]:
    if layout.kind is d.Kind.CSV and layout.delimiter == layout.quote:
        yield problem("layout.delimiter", Trouble.DELIMITER)
    if layout.kind is d.Kind.CSV and not layout.has_header and not layout.columns:
        yield problem("layout.columns", Trouble.COLUMNS_MISSING)
    if layout.kind is d.Kind.XML and not layout.record_element:
        yield problem("layout.record_element", Trouble.RECORD_MISSING)
    if layout.kind is d.Kind.FIXED and not layout.fixed_columns:
        yield problem("layout.fixed_columns", Trouble.COLUMNS_MISSING)
    yield from _control_problems(layout)
    columns = sorted(layout.fixed_columns, key=lambda column: (column.start, column.width))
    for before, column in pairwise(columns):
        if before.start + before.width > column.start:
            yield problem("layout.fixed_columns", Trouble.COLUMNS_OVERLAP, column.name)
    names = column_names(layout)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield problem("layout.columns", Trouble.COLUMNS_TWICE, name)


def _control_problems(layout: d.Layout) -> Iterator[Problem]:
    for name in ("header_record", "trailer"):
        control: d.ControlRecord | None = getattr(layout, name)
        places = filter(None, (control.rows, control.total)) if control else ()
        if layout.kind is d.Kind.FIXED and not all(place.width for place in places):
            yield problem(f"layout.{name}", Trouble.CONTROL_WIDTH)
    names = column_names(layout)
    if layout.sum_column and names and layout.sum_column not in names:
        yield problem("layout.sum_column", Trouble.SOURCE_UNKNOWN, layout.sum_column)


def column_names(layout: d.Layout) -> tuple[str, ...]:
    """List the columns that a flat layout names; none where its header will tell."""
    if layout.kind is d.Kind.FIXED:
        return tuple(column.name for column in layout.fixed_columns)
    return layout.columns


def _field_problems(document: d.MappingDocument, field: d.FieldMapping, place: str) -> Iterator[Problem]:
    is_inbound = document.direction is d.Direction.INBOUND
    target_segments = _segments(field.target, is_flat=not is_inbound and document.layout.kind.is_flat)
    if target_segments is None or (is_inbound and target_of(field.target) is None):
        yield problem(f"{place}.target", Trouble.TARGET_UNKNOWN, field.target)
        return
    is_constant = bool(field.steps) and isinstance(field.steps[0], d.Constant)
    if not field.source and not is_constant and not _is_put_together(field):
        yield problem(f"{place}.source", Trouble.SOURCE_MISSING, field.target)
    most_stars = stars(target_segments)
    for source in sources_of(field):
        yield from _source_problems(document, source, most_stars, place)
    for index, step in enumerate(field.steps):
        if index and isinstance(step, d.Constant):
            yield problem(f"{place}.steps[{index}]", Trouble.CONSTANT_FIRST)
    if is_inbound:
        yield from step_problems(field, place)


def _is_put_together(field: d.FieldMapping) -> bool:
    return bool(field.steps) and isinstance(field.steps[0], d.Concat | d.FirstOf)


def _source_problems(
    document: d.MappingDocument, source: str, most_stars: int, place: str
) -> Iterator[Problem]:
    is_inbound = document.direction is d.Direction.INBOUND
    is_flat = is_inbound and document.layout.kind.is_flat
    segments = _segments(source, is_flat=is_flat)
    if segments is None:
        yield problem(f"{place}.source", Trouble.SOURCE_UNREADABLE, source)
        return
    if stars(segments) > most_stars:
        yield problem(f"{place}.source", Trouble.STARS, source)
    names = column_names(document.layout)
    if is_flat and names and source not in names:
        yield problem(f"{place}.source", Trouble.SOURCE_UNKNOWN, source)
    if not is_inbound and general(segments) not in TARGETS:
        yield problem(f"{place}.source", Trouble.SOURCE_UNKNOWN, source)


def _segments(path: str, *, is_flat: bool) -> tuple[Segment, ...] | None:
    if is_flat:
        return (path,) if path else None
    try:
        return parsed(path)
    except PathError:
        return None


def _tree_problems(document: d.MappingDocument) -> list[Problem]:
    """Check the fields against each other: none twice, no list both by number and by star, one source for each list."""
    is_flat = document.direction is not d.Direction.INBOUND and document.layout.kind.is_flat
    problems: list[Problem] = []
    kept: list[tuple[tuple[Segment, ...], Leaf]] = []
    for index, field in enumerate(document.fields):
        segments = (field.target,) if is_flat else parsed(field.target)
        try:
            tree = grown([*kept, (segments, _EMPTY_LEAF)])
        except ValueError:
            problems.append(problem(f"fields[{index}].target", Trouble.TARGET_TWICE, field.target))
            continue
        if _is_mixed(tree):
            problems.append(problem(f"fields[{index}].target", Trouble.TARGET_MIXED, field.target))
            continue
        kept.append((segments, _EMPTY_LEAF))
    return problems or list(_array_problems(document, is_flat=is_flat))


def _is_mixed(tree: Tree) -> bool:
    if isinstance(tree, Leaf):
        return False
    kinds = {type(segment) for segment in tree}
    return len(kinds) > 1 or any(_is_mixed(below) for below in tree.values())


def _array_problems(document: d.MappingDocument, *, is_flat: bool) -> Iterator[Problem]:
    lists: dict[tuple[Segment, ...], tuple[Segment, ...] | None] = {}
    for index, field in enumerate(() if is_flat else document.fields):
        target = parsed(field.target)
        ends = [at + 1 for at, segment in enumerate(target) if segment is STAR]
        for end in ends:
            lists.setdefault(target[:end], None)
        for source in sources_of(field):
            segments = _segments(source, is_flat=document.layout.kind.is_flat) or ()
            places = [at + 1 for at, segment in enumerate(segments) if segment is STAR]
            for end, place in zip(ends, places, strict=False):
                if (lists[target[:end]] or segments[:place]) != segments[:place]:
                    yield problem(f"fields[{index}].source", Trouble.ARRAYS)
                lists[target[:end]] = segments[:place]
    if None in lists.values():
        yield problem("fields", Trouble.ARRAYS)


def _missing_problems(document: d.MappingDocument) -> Iterator[Problem]:
    """Find what an application, or a group that is filled in part, cannot be without."""
    found = {general(parsed(field.target)) for field in document.fields}
    for path, target in TARGETS.items():
        group = path.rpartition(".")[0]
        is_always = group in {"", "parties[]"}
        is_begun = any(each.startswith(f"{group}.") for each in found)
        if target.is_required and path not in found and (is_always or is_begun):
            yield problem("fields", Trouble.TARGET_MISSING, path)


def _constant_problems(document: d.MappingDocument, field: d.FieldMapping, place: str) -> Iterator[Problem]:
    """Check the values that a document itself puts in, where no step changes them further."""
    target = target_of(field.target)
    if target is None or document.time_zone not in _zones():
        return
    check: Callable[[object], object] = fit(target, ZoneInfo(document.time_zone))
    for index, step in enumerate(field.steps):
        values = _last_values(step) if index == len(field.steps) - 1 else ()
        code = Trouble.CODES_UNKNOWN if isinstance(step, d.Codes) else Trouble.VALUE_UNFIT
        for value in sorted(set(values) - {""}):
            try:
                check(value)
            except UnfitError:
                yield problem(f"{place}.steps[{index}]", code, value)


def _last_values(step: d.Step) -> tuple[str, ...]:
    if isinstance(step, d.Constant | d.Default):
        return (step.value,)
    if isinstance(step, d.WhenEqual):
        return (step.otherwise,)
    if isinstance(step, d.Codes):
        return (*step.codes.values(), step.otherwise or "")
    return ()
