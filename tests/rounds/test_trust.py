"""Test that a form is not believed about its own rules (docs/reading/trust.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import small
from tests.forms import KEY, typed
from tests.tampering import record_of, with_record
from xltiltak import flows
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Report, Slot
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.forms import correction_form, write_form
from xltiltak.snapshot.proof import KEY_VARIABLE

REMARK, TITLE = Slot("OPP-001", "remark"), Slot("OPP-001", "name")
STATUS, OTHER = Slot("OPP-001", "status", small.LAST), Slot("TEK-001", "status", small.LAST)
Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def plan(tmp_path: Path) -> Report:
    """Return a plan of two areas, each sent once."""
    report = small.report(tmp_path)
    return replace(report, areas={ref: Area(sent=1) for ref in report.area_refs})


def form_of(plan: Report, area: str, answers: dict[Slot, Any], key: str = KEY) -> bytes:
    """Return the form of an area with these values typed in it."""
    names = {ref: plan.area_name(ref) for ref in plan.area_refs}
    return typed(write_form(plan.parts()[area], area, names, key), answers)


def forged(form: bytes, edit: Edit, *, proof: bool = True) -> bytes:
    """Return the form after an edit of the JSON in its hidden sheet."""
    texts = record_of(form)
    content = {
        name: json.loads(texts[name]) for name in texts if name not in ("_xltiltak", "proof")
    }
    edit(content)
    proofs = {"proof": texts["proof"]} if proof and "proof" in texts else {}
    changed = {name: json.dumps(value) for name, value in content.items()}
    return with_record(form, {"_xltiltak": texts["_xltiltak"], **changed, **proofs})


def checked(folder: Path, plan: Report | None, *forms: bytes, key: str = KEY) -> flows.Result:
    """Check forms, called a.xlsx, b.xlsx …, with a plan or without."""
    paths = [folder / f"{'abc'[n]}.xlsx" for n in range(len(forms))]
    for path, content in zip(paths, forms, strict=True):
        path.write_bytes(content)
    if plan is None:
        return flows.check(paths)
    sent = folder / "sent.xlsx"
    sent.write_bytes(write_appendix(Register(plan, key=key)))
    return flows.check(paths, plan=sent)


def codes(findings: Iterable[Finding], file: str = "a.xlsx") -> set[str]:
    """Return the codes of the findings about a file that are no notes."""
    return {f.code for f in findings if f.place.file == file and f.severity != "note"}


def remark_field(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(f for f in content["template"]["fields"] if f["id"] == "remark")
    return found


def open_title(content: dict[str, Any]) -> None:
    """Let the leader fill in the title."""
    for field in content["template"]["fields"]:
        if field["id"] == "name":
            field["role"] = "input"


def say_nothing_changed(slot: Slot, value: Any) -> Edit:
    """Return an edit that lets the record say that a slot was sent with a value."""

    def edit(content: dict[str, Any]) -> None:
        key = f"{slot.field}@{slot.date}" if slot.date else slot.field
        keys = content["sent"]["keys"]["measure"]
        for block in content["sent"]["blocks"]:
            level, refs = block[0], block[5]
            if level == "measure" and key not in keys:
                block.append([None] * len(refs))
            if slot.ref in refs:
                block[6 + keys.index(key) if key in keys else -1][refs.index(slot.ref)] = value
        if key not in keys:
            keys.append(key)

    return edit


# The template


@pytest.mark.parametrize("proof", [True, False])
@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (open_title, "role"),
        (lambda c: c["template"]["scales"]["progress"].append({"value": 77, "label": "x"}), "77 x"),
        (lambda c: remark_field(c).update(required=True), "required"),
        (lambda c: c["template"].update(version=c["template"]["version"] + 1), ""),
    ],
)
def test_a_form_with_other_rules_is_refused_and_quoted_as_it_looks(
    plan: Report, tmp_path: Path, edit: Edit, named: str, *, proof: bool
) -> None:
    answers = {STATUS: 4, REMARK: "Graves i vår.", TITLE: "FALSK tittel"}
    form = forged(form_of(plan, "OPP", answers), edit, proof=proof)
    done = checked(tmp_path, plan, form, form_of(plan, "TEK", {OTHER: 3}))
    values = done.register.report.values
    assert (values[TITLE], values.get(STATUS)) == (plan.values[TITLE], None)
    assert values[OTHER] == 3
    refusal = next(f for f in done.findings if f.code == "F004")
    assert refusal.severity == "error"
    assert named in refusal.message("nb")
    quoted = " ".join(f.values.get("value", "") for f in done.findings)
    assert all(str(value) in quoted for value in answers.values())


def test_a_template_that_was_edited_without_a_new_version_is_told(
    plan: Report, tmp_path: Path
) -> None:
    """Nothing is forged: the form is proven to be ours, and the plan was made anew since."""
    steps = {
        name: tuple(step for step in found if step.value != 4)
        for name, found in plan.template.scales.items()
    }
    edited = replace(plan, template=replace(plan.template, scales=steps))
    done = checked(tmp_path, edited, form_of(plan, "OPP", {STATUS: 4}))
    assert done.register.report.values.get(STATUS) is None
    assert "F004" in codes(done.findings)


def test_looks_are_the_forms_own_business(plan: Report, tmp_path: Path) -> None:
    wider = tuple(replace(field, width=field.width + 3) for field in plan.template.fields)
    edited = replace(plan, template=replace(plan.template, fields=wider))
    done = checked(tmp_path, edited, form_of(plan, "OPP", {STATUS: 5}))
    assert done.register.report.values[STATUS] == 5
    assert not codes(done.findings)


# What was sent


@pytest.mark.parametrize("proof", [True, False])
def test_a_record_that_says_nothing_changed_hides_nothing(
    plan: Report, tmp_path: Path, *, proof: bool
) -> None:
    form = form_of(plan, "OPP", {STATUS: 4, TITLE: "FALSK tittel"})
    for slot, value in ((STATUS, 4), (TITLE, "FALSK tittel")):
        form = forged(form, say_nothing_changed(slot, value), proof=proof)
    done = checked(tmp_path, plan, form)
    assert done.register.report.values[TITLE] == plan.values[TITLE]
    quoted = " ".join(f.values.get("value", "") for f in done.findings if f.severity != "note")
    assert "FALSK tittel" in quoted
    assert "4" in quoted


def test_an_answer_that_the_record_denies_was_changed_is_told(plan: Report, tmp_path: Path) -> None:
    form = forged(form_of(plan, "OPP", {STATUS: 4}), say_nothing_changed(STATUS, 4))
    done = checked(tmp_path, plan, form)
    assert codes(done.findings) >= {"M105"}


def test_a_record_without_a_proof_that_is_right_is_read_like_a_proven_one(
    plan: Report, tmp_path: Path
) -> None:
    answers = {STATUS: 4, REMARK: "Graves i vår."}
    proven, older = (
        checked(tmp_path, plan, form_of(plan, "OPP", answers, key)).register for key in (KEY, "")
    )
    assert older.report.values == proven.report.values
    assert older.findings == proven.findings


@pytest.mark.parametrize("slot", [REMARK, TITLE])
def test_a_plan_that_was_changed_after_sending_gives_no_finding_about_a_proven_form(
    plan: Report, tmp_path: Path, slot: Slot
) -> None:
    changed = replace(plan, values={**plan.values, slot: "Endret i planen"})
    done = checked(tmp_path, changed, form_of(plan, "OPP", {STATUS: 4}))
    assert done.register.report.values[slot] == "Endret i planen"
    assert done.register.report.values[STATUS] == 4
    assert not codes(done.findings)


def test_an_answer_to_a_measure_that_the_plan_has_ended_since_is_quoted(
    plan: Report, tmp_path: Path
) -> None:
    nodes = tuple(n._replace(last=small.DATES[0]) if n.ref == "OPP-001" else n for n in plan.nodes)
    done = checked(tmp_path, replace(plan, nodes=nodes), form_of(plan, "OPP", {STATUS: 4}))
    assert done.register.report.values.get(STATUS) is None
    (told,) = [f for f in done.findings if f.code == "L105"]
    assert (told.ref, told.severity) == ("OPP-001", "warning")
    assert told.values["until"] == f"{small.DATES[0]:%d.%m.%Y}"


# Records of earlier answers


def correction(plan: Report, answers: dict[Slot, Any], key: str = KEY) -> bytes:
    """Return the form that goes back for a return with these answers."""
    from xltiltak.intake.returned_file import parse_return
    from xltiltak.merging.merge import merge

    came = parse_return("OPP.xlsx", form_of(plan, "OPP", answers, key), key=key)
    return correction_form(merge(Register(plan, key=key), [came]), [came], ["OPP"])


def claim(slot: Slot, value: Any) -> Edit:
    """Return an edit that adds an answer to the records that a correction form carries."""

    def edit(content: dict[str, Any]) -> None:
        area = slot.ref.partition("-")[0]
        sheet = {
            "source": ["Ark", "Rektor", "", 1],
            "area": area,
            "round": str(small.LAST),
            "findings": [],
            "proposals": [],
            "claims": [[slot.ref, f"{slot.field}@{slot.date}", None, value, "E13", 1]],
        }
        content["mended"]["carried"].append(
            {"file": "x.xlsx", "sha256": "0", "outcome": "read", "findings": [], "sheets": [sheet]}
        )

    return edit


def test_a_proven_correction_carries_its_answers_and_a_forged_one_none(
    plan: Report, tmp_path: Path
) -> None:
    form = correction(plan, {STATUS: 4})
    assert checked(tmp_path, plan, form).register.report.values[STATUS] == 4
    done = checked(tmp_path, plan, forged(form, claim(OTHER, 5)))
    assert done.register.report.values.get(OTHER) is None
    assert "TEK" not in done.register.answered_areas
    assert "F013" in codes(done.findings)
    assert done.register.report.values[STATUS] == 4  # it stands in the form for all to see


@pytest.mark.parametrize(
    "records",
    [[], [1], "x", {"carried": 3}, {"carried": [None, {"sheets": [[], {"area": []}]}]}],
    ids=str,
)
def test_carried_records_may_be_anything(records: Any, plan: Report, tmp_path: Path) -> None:
    form = forged(correction(plan, {STATUS: 4}), lambda content: content.update(mended=records))
    for known in (plan, None):
        done = checked(tmp_path, known, form)
        assert not done.traces
        told = [f.values.get("value", "") for f in done.findings]
        assert done.register.report.values.get(STATUS) == 4 or any("4" in text for text in told)


def test_without_a_key_the_visible_answers_of_a_correction_are_taken(
    plan: Report, tmp_path: Path
) -> None:
    done = checked(tmp_path, plan, correction(plan, {STATUS: 4}), key="")
    assert done.register.report.values[STATUS] == 4
    assert codes(done.findings) >= {"F013"}


# Without a plan


def test_a_plan_without_a_key_gets_one_and_keeps_it(
    plan: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    (tmp_path / "plan.xlsx").write_bytes(write_appendix(Register(plan)))
    (tmp_path / "a.xlsx").write_bytes(form_of(plan, "OPP", {STATUS: 4}))
    appendix, contents = tmp_path / "v.xlsx", set()
    for _ in range(3):
        flows.merge([tmp_path / "a.xlsx"], appendix, plan=tmp_path / "plan.xlsx", force=True)
        contents.add(appendix.read_bytes())
    assert len(contents) == 1
    assert len(flows.read_plan(appendix).key) == 64


def test_without_a_plan_a_form_brings_only_its_own_area(plan: Report, tmp_path: Path) -> None:
    def rename_the_other(content: dict[str, Any]) -> None:
        content["areas"]["TEK"] = "FALSKT område"
        columns = [[None]] * len(content["sent"]["keys"]["measure"])
        content["sent"]["blocks"] += [
            ["area", None, None, None, None, ["TEK"], ["FALSKT område"]],
            ["measure", "TEK", None, None, None, ["TEK-001"], *columns],
        ]

    forms = [form_of(plan, ref, {slot: 4}) for ref, slot in (("OPP", STATUS), ("TEK", OTHER))]
    done = checked(tmp_path, None, forged(forms[0], rename_the_other), forms[1])
    assert done.register.report.values == checked(tmp_path, None, *forms).register.report.values


def test_without_a_plan_a_sheet_of_an_area_that_no_form_knows_is_an_error(
    plan: Report, tmp_path: Path
) -> None:
    own, other = form_of(plan, "TEK", {OTHER: 3}), form_of(plan, "OPP", {STATUS: 4})
    foreign = with_record(other, record_of(own))
    done = checked(tmp_path, None, foreign, own)
    assert {f.severity for f in done.findings if f.place.file == "a.xlsx"} >= {"error"}
    assert done.register.report.values[OTHER] == 3
    assert any("4" in f.values.get("value", "") for f in done.findings if f.place.file == "a.xlsx")


def test_without_a_plan_a_measure_of_another_area_is_not_answered(
    plan: Report, tmp_path: Path
) -> None:
    def take_over(content: dict[str, Any]) -> None:
        for *_, refs in (block[:6] for block in content["sent"]["blocks"]):
            refs[:] = ["TEK-001" if ref == "OPP-001" else ref for ref in refs]

    def rename_row(sheet: Any) -> None:
        sheet.cell(small.cell_of(sheet, "OPP-001", small.STATUS).row, 1).value = "TEK-001"

    form = small.edited(form_of(plan, "OPP", {STATUS: 5}), rename_row)
    done = checked(tmp_path, None, forged(form, take_over), form_of(plan, "TEK", {OTHER: 3}))
    assert done.register.report.values[OTHER] == 3
    quoted = [f for f in done.findings if f.place.file == "a.xlsx" and f.severity == "error"]
    assert any("5" in f.values.get("value", "") for f in quoted)


def test_the_first_thing_said_without_a_plan_is_whose_word_was_taken(
    plan: Report, tmp_path: Path
) -> None:
    forms = [form_of(plan, ref, {}) for ref in ("OPP", "TEK")]
    alone = forged(forms[0], lambda content: content["head"].update(title="FALSK tittel"))
    done = checked(tmp_path, None, alone, *[forms[1]] * 2)
    assert done.register.report.head.title == plan.head.title  # as most forms have it
    assert done.without_plan
    assert dict(done.without_plan.values) == {"file": "b.xlsx", "agree": "2", "count": "3"}
    assert checked(tmp_path, plan, *forms).without_plan is None


# The plan


def test_a_plan_uses_the_template_that_it_was_made_with(tmp_path: Path) -> None:
    """Its folder may change or disappear: no command after the import reads it."""
    from xltiltak.importers.import_flow import import_plan
    from xltiltak.templates import catalogue

    small.source(tmp_path)
    template = catalogue.find("tiltaksstatus")
    own = replace(template, id="eget", title="Vårt eget")
    import_plan(tmp_path / "tiltak.csv", own, tmp_path / "plan.xlsx")
    flows.split(tmp_path / "plan.xlsx", tmp_path / "ut", day=small.LAST)
    sent = next(tmp_path.glob("plan *.xlsx"))
    done = flows.check([tmp_path / "ut"], plan=sent)
    assert done.register.report.template.without_report() == own
    assert not [f for f in done.findings if f.code == "F004"]


@pytest.mark.parametrize("key", [KEY, "another plan's key"])
def test_a_measure_that_was_renamed_since_keeps_its_answer(
    key: str, plan: Report, tmp_path: Path
) -> None:
    """The row is as the form says it was sent: the coordinator renamed the measure later."""
    form = form_of(plan, "OPP", {STATUS: 4}, key)
    renamed = replace(plan, values={**plan.values, TITLE: "Et helt annet navn"})
    done = checked(tmp_path, renamed, form)
    assert done.register.report.values[STATUS] == 4
    assert done.register.report.values[TITLE] == "Et helt annet navn"
    assert not [finding for finding in done.findings if finding.severity == "error"]


def test_a_row_with_the_name_of_another_measure_is_not_taken_for_a_renamed_one(
    plan: Report, tmp_path: Path
) -> None:
    """The form claims that its row was sent with a name that another measure has now."""
    form = form_of(plan, "OPP", {STATUS: 4}, "another plan's key")
    second = Slot("OPP-002", "name")
    swapped = {**plan.values, TITLE: plan.values[second], second: plan.values[TITLE]}
    done = checked(tmp_path, replace(plan, values=swapped), form)
    assert STATUS not in done.register.report.values
    assert done.register.report.values[Slot("OPP-002", "status", small.LAST)] == 4
