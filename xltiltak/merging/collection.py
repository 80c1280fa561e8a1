"""All returned files of a date together: rules about them, and a register made of them.

The rules are about missing areas, areas returned twice, and empty answers; and about areas of the
plan that cannot be sent out so. The register is for a merge without a plan; it comes from the
hidden records of the forms.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from xltiltak.merging.registry import rule
from xltiltak.model.errors import NothingReturned, PlanError
from xltiltak.model.field_types import Value
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.language import translate
from xltiltak.model.normalize import normalize
from xltiltak.model.recipients import scope_name
from xltiltak.model.register import Register, ReturnedFile, Submission
from xltiltak.model.report import Area, Node, Report, Slot
from xltiltak.model.template_content import describe_differences, has_same_content


def check_collection(register: Register, conflicts: Collection[Slot] = ()) -> Iterator[Finding]:
    """Yield the findings about the returned files as a whole; none if nothing was returned.

    `conflicts` are the slots with conflicting answers, which are not reported as empty too.
    """
    if not register.returned_files:
        return
    yield from area_missing(register)
    yield from area_twice_united(register)
    yield from mixed_rounds(register)
    yield from required_input_missing(register, conflicts)


def is_other_round(submission: Submission, current: date | None) -> bool:
    """Return True if the sheet was sent for another date than the open one."""
    return submission.round != current


@rule("M101")
def area_missing(register: Register) -> Iterator[Finding]:
    """Yield M101 for every form that was not returned; its values are the register's.

    It is that of an area, or of a recipient's part of one.
    """
    for ref, recipients in register.missing_recipients.items():
        for recipient in recipients:
            about = About(area=ref, what=scope_name(register.report, ref, recipient))
            whose = {"recipient": recipient} if recipient else {}
            yield Finding.create("M101", ANYWHERE, about, **whose)


def area_findings(report: Report) -> list[Finding]:
    """Return the findings about the areas of a plan that cannot be sent out as they are."""
    return [*area_empty(report), *area_name_twice(report)]


@rule("M122")
def area_empty(report: Report) -> Iterator[Finding]:
    """Yield M122 for every area without anything to answer at the open date, or at any date."""
    template, day = report.template, report.head.current
    area_level = template.area_level.id if template.area_level else ""
    answered = {f.of or template.leaf.id for f in template.fields if f.role == "input"}
    filled = {
        report.area_of[node.ref]
        for node in report.nodes
        if node.level in answered and node.level != area_level and node.is_active_on(day)
    }
    for ref in report.area_refs:
        if ref not in filled:
            about = About(area=ref, what=report.area_name(ref))
            yield Finding.create("M122", ANYWHERE, about, date=day or "–")


@rule("M125")
def area_name_twice(report: Report) -> Iterator[Finding]:
    """Yield M125 for each name that several areas have."""
    refs_of: dict[str, list[str]] = defaultdict(list)
    for ref in report.area_refs:
        refs_of[normalize(report.area_name(ref))].append(ref)
    for refs in refs_of.values():
        if len(refs) > 1:
            name = report.area_name(refs[0])
            about = About(area=refs[0], what=name)
            yield Finding.create("M125", ANYWHERE, about, value=name, codes=", ".join(refs))


@rule("M102", "M103", "M109")
def area_twice_united(register: Register) -> Iterator[Finding]:
    """Yield M103 for every area with several returned sheets, which are merged slot by slot.

    Conflicting answers are reported by the merge: M102, or M109 if a form that was sent again has
    settled them.
    """
    current = register.report.head.current
    returned: dict[str, list[Submission]] = {ref: [] for ref in register.report.area_refs}
    for submission in _submissions(register):
        is_of_round = submission.area in returned and not is_other_round(submission, current)
        if is_of_round and not _is_corrected(submission, register):
            returned[submission.area].append(submission)
    for ref, submissions in returned.items():
        if _overlap(submissions):
            names = list(dict.fromkeys(s.source.file for s in submissions))
            about = About(area=ref, what=register.report.area_name(ref))
            yield Finding.create("M103", Place(names[0]), about, value=", ".join(names))


def _overlap(submissions: Sequence[Submission]) -> bool:
    """Return True if several returned sheets are of the same nodes; not those of recipients."""
    covered = Counter(ref for s in submissions for ref in s.covers)
    are_whole = not all(s.covers for s in submissions)
    return len(submissions) > 1 and (are_whole or max(covered.values()) > 1)


@rule("M104")
def mixed_rounds(register: Register) -> Iterator[Finding]:
    """Yield M104 for every sheet that was sent for another date; its changes are only quoted.

    It is a note once the area has answered for the open date.
    """
    current = register.report.head.current
    for submission in _submissions(register):
        if is_other_round(submission, current):
            finding = Finding.create(
                "M104",
                Place(submission.source.file, submission.source.sheet),
                About(submission.area),
                round=submission.round or "–",
                current=current or "–",
                value=_quote_changes(submission),
            )
            sha256, area = submission.source.sha256, submission.area
            is_answered = area in register.answered_areas and (
                register.returned_refs.issuperset(submission.covers)
            )
            is_settled = register.is_replaced(sha256, area) or is_answered
            yield finding.with_severity("note") if is_settled else finding


@rule("V102")
def required_input_missing(
    register: Register, conflicts: Collection[Slot] = ()
) -> Iterator[Finding]:
    """Yield V102 for every empty required slot in an area that was returned.

    Slots that have an error already, or conflicting answers, are left out. A form may say more of
    an empty cell, for example that it is coloured.
    """
    report, area_of = register.report, register.report.area_of
    of_cells = _empty_cells(register)
    with_error = {
        Slot(finding.ref, finding.field, finding.date)
        for file in register.returned_files
        for finding in file.all_findings()
        if finding.severity == "error" and not register.is_replaced(file.sha256, finding.area)
    }
    for slot, node in report.empty_inputs(lambda f: f.required or f.required_when is not None):
        field = report.template.field_of(node.level, slot.field)
        if field is None or not report.requires(field, slot):
            continue
        area, is_told = area_of[node.ref], slot in with_error or slot in conflicts
        is_carried = slot in register.carried_steps
        if node.ref in register.returned_refs and not (is_told or is_carried):
            about = About(area, *slot, report.describe_in_area(slot))
            place, values = of_cells.get(slot, (ANYWHERE, {}))
            yield Finding.create("V102", place, about, **values)


def _empty_cells(register: Register) -> dict[Slot, tuple[Place, Mapping[str, str]]]:
    """Return place and values of V102 in the forms, without those that were corrected."""
    return {
        Slot(finding.ref, finding.field, finding.date): (finding.place, finding.values)
        for file in register.returned_files
        for finding in file.all_findings()
        if finding.code == "V102" and (file.sha256, finding.area) not in register.corrected_sheets
    }


@rule("F004")
def other_report(file: ReturnedFile, register: Register) -> Iterator[Finding]:
    """Yield F004 if a form is of another report, year, template or version of the template.

    A template with other content is another template, even if its version is the same.
    """
    sent, template = file.sent_report, register.report.template
    if sent is None or is_same_report(sent, register.report):
        return
    place = Place(file.file)
    quoted = "; ".join(filter(None, map(_quote_changes, file.submissions))) or "–"
    if is_about_same(sent, register.report) and sent.template.version == template.version:
        language = register.report.head.language
        yield Finding.create(
            "F004",
            place,
            reason="content",
            template=template.id,
            version=template.version,
            differences=describe_differences(sent.template, template, language),
            value=quoted,
        )
    elif is_about_same(sent, register.report):
        yield Finding.create(
            "F004",
            place,
            reason="version",
            template=template.id,
            met=sent.template.version,
            version=template.version,
            value=quoted,
        )
    else:
        head = sent.head
        origin = f"{head.title} ({head.organisation}, {head.year}, {sent.template.id})"
        yield Finding.create("F004", place, reason="another", made=origin, value=quoted)


@rule("F009", "F007")
def file_held(file: str, error: PlanError) -> Finding:
    """Return F007 for a file that is too large, or F009 for one that cannot be opened.

    Another program may have locked it, or a cloud drive may not have fetched it yet.
    """
    if error.key == "too_large":
        size, limit = error.values["size"], error.values["limit"]
        return Finding.create("F007", Place(file), reason="file", met=size, bound=limit)
    if error.key in ("special_file", "not_there"):
        special = error.key == "special_file"
        place = Place(file)
        return Finding.create("F009", place, reason="special_file" if special else "not_there")
    return Finding.create("F009", Place(file), error=error.values.get("error", error.key))


@rule("M106")
def ref_missing_in_plan(register: Register) -> tuple[Finding, ...]:
    """Return M106 for every row of the plan without a ref: it was never sent to a leader."""
    return register.rows_without_ref


def _submissions(register: Register) -> Iterator[Submission]:
    return (submission for file in register.returned_files for submission in file.submissions)


def _is_corrected(submission: Submission, register: Register) -> bool:
    """Return True if a correction form of the sheet has come back."""
    return (submission.source.sha256, submission.area) in register.corrected_sheets


def _quote_changes(submission: Submission) -> str:
    """Return the changed values of a sheet, each after its cell: "E13 4; F13 Godt i gang"."""
    changes = (change for change in submission.changes if change.value is not None)
    return "; ".join(f"{change.cell} {change.value}" for change in changes)


@rule("F012")
def register_from_forms(files: Sequence[ReturnedFile]) -> Register:
    """Return the plan as it was sent, as far as the hidden records of the forms have it.

    It is of the report with the latest open date. Its title, dates, contact and the names of the
    areas are those that most forms have; a finding (F012) says whose word was taken. A form brings
    the measures of its own areas only; an area that was not returned only has its name. Raise
    NothingReturned if no file is a form.
    """
    forms = sorted((file for file in files if file.sent_report), key=_sort_key)
    if not forms or forms[-1].sent_report is None:
        raise NothingReturned([finding for file in files for finding in file.all_findings()])
    latest = forms[-1].sent_report
    same = [
        (file, sent)
        for file in forms
        if (sent := file.sent_report)
        and is_same_report(sent, latest)
        and sent.head.current == latest.head.current
    ]
    spokesman, report, agree = _most_common_word(same)
    names, parts = dict(spokesman.area_names), _own_parts(same)
    names |= {ref: part.area_name(ref) for ref, part in parts.items()}
    whose = {"file": spokesman.file, "agree": agree, "count": len(same)}
    found = Finding.create("F012", ANYWHERE, **whose)
    return Register(_joined(report, names, parts), findings=(found,))


def _most_common_word(
    forms: Sequence[tuple[ReturnedFile, Report]],
) -> tuple[ReturnedFile, Report, int]:
    """Return the form whose report details and area names most forms have, and how many these are.

    Of two words that as many forms have, the one of the last sending is taken.
    """
    words = [(sent.head, *file.area_names.items()) for file, sent in forms]
    said, agree = Counter(reversed(words)).most_common(1)[0]
    alike = [form for form, word in zip(forms, words, strict=True) if word == said]
    return *min(alike, key=lambda form: form[0].file), agree


def _own_parts(forms: Iterable[tuple[ReturnedFile, Report]]) -> dict[str, Report]:
    """Return the part of each area that a returned sheet is of, from its last sending.

    A form may have taken along a row of another area: a ref in two parts belongs to the area that
    it begins with, and the other part is not believed.
    """
    parts: dict[str, Report] = {}
    for file, sent in forms:
        returned = {submission.area for submission in file.submissions}
        for ref, part in sent.parts().items():
            if ref in returned:
                is_whole = ref not in parts or not part.template.recipient_field
                parts[ref] = part if is_whole else _united(parts[ref], part)
    owners: dict[str, list[str]] = defaultdict(list)
    for area, part in parts.items():
        for node in part.nodes:
            owners[node.ref].append(area)
    wrong = {
        area
        for ref, areas in owners.items()
        for area in areas
        if len(areas) > 1 and area != ref.partition("-")[0]
    }
    return {area: part for area, part in parts.items() if area not in wrong}


def _united(one: Report, other: Report) -> Report:
    """Return an area of the forms of several recipients: groups and measures in order of refs."""
    by_ref = {**one.by_ref, **other.by_ref}
    children: dict[str | None, list[Node]] = defaultdict(list)
    for ref in sorted(by_ref, key=lambda ref: (len(ref), ref)):
        children[by_ref[ref].parent].append(by_ref[ref])
    nodes: list[Node] = []
    left = children[None][::-1]
    while left:
        nodes.append(left.pop())
        left += children[nodes[-1].ref][::-1]
    values = {**one.values, **other.values}
    again = one.asked_again | other.asked_again
    return replace(other, nodes=tuple(nodes), values=values, asked_again=again)


@rule("F013")
def foreign_answers(file: ReturnedFile, report: Report) -> ReturnedFile:
    """Return the file without answers to measures of areas that its sheets are not of.

    Without a plan nothing of one form decides about another area. The answers are quoted.
    """
    submissions = tuple(_own_answers(submission, report) for submission in file.submissions)
    return replace(file, submissions=submissions)


def _own_answers(submission: Submission, report: Report) -> Submission:
    area, area_of = submission.area, report.area_of
    others = [change for change in submission.changes if area_of.get(change.slot.ref, area) != area]
    if not others:
        return submission
    names = {report.area_name(area_of[change.slot.ref]) for change in others}
    finding = Finding.create(
        "F013",
        Place(submission.source.file, submission.source.sheet),
        About(area),
        reason="foreign",
        other=", ".join(sorted(names)),
        value=_quote_changes(replace(submission, changes=tuple(others))),
    ).with_severity("error")
    own = tuple(change for change in submission.changes if change not in others)
    return replace(submission, changes=own, findings=(*submission.findings, finding))


def is_same_report(one: Report, other: Report) -> bool:
    """Return True if both are of one report and year, and of one content of the template."""
    return (
        is_about_same(one, other)
        and one.template.version == other.template.version
        and has_same_content(one.template, other.template)
    )


def is_about_same(one: Report, other: Report) -> bool:
    """Return True if both are of one report and year, with any version of one template."""
    return _identity(one) == _identity(other)


@rule("M126")
def proposal_undecided(register: Register) -> Iterator[Finding]:
    """Report the texts beside proposals that are neither yes nor no."""
    sheet = translate("book.proposals", register.report.head.language)
    for proposal in register.proposals:
        if text := register.undecided.get(proposal.key):
            words = " · ".join(value for *_, value in proposal.values if isinstance(value, str))
            about = About(proposal.area, what=words)
            yield Finding.create("M126", Place("", sheet), about, value=text)


def _identity(report: Report) -> tuple[str, str, int]:
    return (report.template.id, report.head.code, report.head.year)


def _sort_key(file: ReturnedFile) -> tuple[str, int, str]:
    """Return the open date, the number of the sending, and the SHA-256 to break ties."""
    if file.sent_report is None:
        return "", 0, file.sha256
    sending = max((area.sent for area in file.sent_report.areas.values()), default=0)
    return str(file.sent_report.head.current), sending, file.sha256


def _joined(latest: Report, names: Mapping[str, str], parts: Mapping[str, Report]) -> Report:
    """Return one report of all areas in `names`, in that order."""
    level = latest.template.area_level
    if level is None:
        return replace(next(iter(parts.values()), latest), head=latest.head)
    nodes: list[Node] = []
    values: dict[Slot, Value] = {}
    areas: dict[str, Area] = {}
    again = frozenset[Slot]()
    for ref, name in names.items():
        if part := parts.get(ref):
            nodes += part.nodes
            values |= part.values
            areas |= part.areas
            again |= part.asked_again
        else:
            nodes.append(Node(ref, level.id))
            values[Slot(ref, "name")] = name
    return replace(latest, nodes=tuple(nodes), values=values, areas=areas, asked_again=again)
