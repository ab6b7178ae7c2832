"""Case files: what is written reads back as the same case, and every mistake is named where it stands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priorauth.formats.case_file import (
    case_from_json,
    case_id_for,
    case_json,
    case_sha256,
    read_case_file,
    write_case_file,
)
from priorauth.formats.unreadable import FaultCode, Unreadable
from priorauth.knowledge import load_knowledge
from schemas.case import Case, Referral
from schemas.vocabulary import FactDefinition, FactKind


ROOT = Path(__file__).parents[2]
KNOWLEDGE = load_knowledge(ROOT / "knowledge")

GOOD = """\
referral: {system: clinic, identifier: "17"}
condition: cidp
patient: {given_name: José, family_name: "O'Neil", born: 1960-02-03, sex: male}
coverage: {payer: aetna, member_id: "W123456789"}
request:
  phase: initiation
  icd10: "G61.81"
  orders:
    - {phase: loading, grams_per_kg: 2.0, over_days: 5}
chart:
  facts:
    - fact: weight
      value: 72.40
      unit: kg
      dated: 2026-10-01
      source: {document: note, page: 2}
    - {fact: course_pattern, value: progressive, dated: 2026-10-01, source: {recorded_by: Dr. Adams}}
documents:
  - {document: note, title: Visit note, kind: visit_note, file: note.pdf}
"""


def read(text: str) -> Case:
    return read_case_file(text.encode(), "case.yaml", KNOWLEDGE.vocabulary)


def mistake(text: str) -> str:
    with pytest.raises(Unreadable) as refused:
        read(text)
    return str(refused.value)


def test_a_case_file_is_a_case_whose_id_comes_from_its_referral() -> None:
    case = read(GOOD)

    assert case.case_id == case_id_for(Referral(system="clinic", identifier="17"))
    assert case.chart.facts[0].value == Decimal("72.40")
    assert case.request is not None
    assert case.request.orders[0].grams_per_kg == 2


def test_the_same_case_in_json_is_the_same_case() -> None:
    case = read(GOOD)
    text = case.model_dump_json(exclude_defaults=True, exclude={"case_id"})

    assert read(text) == case


def test_the_case_id_of_a_referral_never_changes() -> None:
    """Prefect, letters and file names hold these ids; another algorithm would orphan them."""
    assert case_id_for(Referral(system="clinic", identifier="17")) == "PA-ZZWSFD0A"


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("fact: weight", "fact: weigth", "case.yaml:12, chart.facts[0].fact: found the unknown fact 'weigth'; expected a key of knowledge/facts.yaml. Did you mean 'weight'?"),
        ("value: progressive", "value: progresive", "found 'progresive' for 'course_pattern'; expected one of: progressive, relapsing, stepwise_progressive, monophasic, stable, improving. Did you mean 'progressive'?"),
        ("value: 72.40", "value: true", "case.yaml:13, chart.facts[0].value: found true for 'weight'; expected a number in kg."),
        ("unit: kg", "unit: stone", "found the unit 'stone' for 'weight'; expected one of: kg, lb, lbs, g."),
        ("fact: weight", "fact: age", "found the computed fact 'age'; expected a fact that the record states."),
        ("page: 2", "page: 0", "case.yaml:16, chart.facts[0].source.page: found the number 0; expected greater than 0"),
        ("document: note, page", "document: letter, page", "cites the document 'letter', which is not listed under documents: ['note']"),
        ("1960-02-03", "7", "case.yaml:3, patient.born: found the number 7; expected a date such as 2026-01-31"),
        ("1960-02-03", "03/02/1960", "case.yaml:3, patient.born: found the date 03/02/1960; expected a date written YYYY-MM-DD"),
        ("1960-02-03", "1960-02-30", "found the date 1960-02-30; expected a day that exists"),
        ("phase: initiation", "phase: initiation\n  ends: 9999-12-31", "case.yaml:7, request.ends: found 9999-12-31; expected a day from 1900 to 2100; leave it empty where there is no end."),
        ("sex: male", "sex: man", "patient.sex: found 'man'; expected 'female', 'male', 'other' or 'unknown'. Use one of these words."),
        ('"G61.81"', "6181", "request.icd10: found the unquoted value 6181; expected a code in quotes, such as '6181'."),
        ('"W123456789"', "123456789", "coverage.member_id: found the unquoted value 123456789; expected a code in quotes"),
        ("payer: aetna", "payor: aetna", "coverage.payor: found the unknown key 'payor'; expected one of: active,"),
        ("condition: cidp", "condition: cidp\ncondition: mmn", "found the key 'condition' a second time (first on line 2)"),
        ("condition: cidp", "case_id: PA-00000000", "case_id: found a case id; expected none, since it is computed from the referral. Remove the line."),
        ('referral: {system: clinic, identifier: "17"}', "referral: {system: clinic}", "found no 'identifier'; expected a value for 'identifier'."),
        ("grams_per_kg: 2.0", "grams_per_kg: 2e0", "found the number 2e0; expected a number such as 12 or 0.5"),
        ("grams_per_kg: 2.0", "grams_per_kg: 20", "request.orders[0].grams_per_kg: found the number 20; expected less than or equal to 4"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_what_was_found_and_what_is_expected(
    wrong: str, right: str, said: str
) -> None:
    assert wrong in GOOD

    line = mistake(GOOD.replace(wrong, right, 1))

    assert said in line
    assert "\n" not in line


def test_several_mistakes_are_all_kept_and_counted_in_the_line() -> None:
    with pytest.raises(Unreadable) as refused:
        read(GOOD.replace("sex: male", "sex: man").replace("page: 2", "page: 0"))

    assert len(refused.value.problems) == 2
    assert str(refused.value).endswith("(1 more mistake in this file.)")


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", FaultCode.EMPTY, "an empty file"),
        (b" \n\t ", FaultCode.EMPTY, "an empty file"),
        (b'{"referral": {"system": "a", "ident', FaultCode.TRUNCATED, "found the end of the file inside an entry"),
        (b'{"referral": {"system": "a"', FaultCode.TRUNCATED, "The file was cut off: send it again."),
        (b'{"patient": {} "referral": {}}', FaultCode.WRONG_VALUES, "text that is not JSON"),
        (b'{"patient": {}, "patient": {}}', FaultCode.WRONG_VALUES, "the key 'patient' twice in one object"),
        (b'{"patient": NaN}', FaultCode.WRONG_VALUES, "the number NaN"),
        (b'{"patient": 3, "referral": []}', FaultCode.WRONG_VALUES, "expected keys and values"),
        (b'{"patient": "x", "referral": {"system": "a", "identifier": "b"}, "chart": [1]}', FaultCode.WRONG_VALUES, "case.yaml, chart: found a list of 1"),
        (b"[1, 2]", FaultCode.NOT_A_REFERRAL, "found a list"),
        (b"just words", FaultCode.NOT_A_REFERRAL, "found text without keys and values"),
        (b"name: a recipe\nserves: 4\n", FaultCode.NOT_A_REFERRAL, "found the keys name, serves"),
        (b"%PDF-1.7 something", FaultCode.NOT_A_REFERRAL, "found a PDF document"),
        (b"PK\x03\x04 something", FaultCode.NOT_A_REFERRAL, "found a ZIP archive"),
        (b"<ClinicalDocument/>", FaultCode.NOT_A_REFERRAL, "found XML or HTML"),
        (b"patient: \xff\xfe", FaultCode.NOT_TEXT, "a byte that is not UTF-8 text at position 9"),
        ("patient: é".encode("utf-16"), FaultCode.NOT_TEXT, "not UTF-8"),
        (b"patient: \x00\x00", FaultCode.NOT_TEXT, "binary content"),
        (b"[" * 200_000, FaultCode.WRONG_VALUES, "brackets nested"),
        (b'{"a":' * 200_000, FaultCode.WRONG_VALUES, "brackets nested"),
        (b"a: " + b"{b: " * 500, FaultCode.WRONG_VALUES, "case.yaml"),
        (b"a: *x\n", FaultCode.WRONG_VALUES, "the alias '*x'"),
        (b"a: !!python/object:os.system x\n", FaultCode.WRONG_VALUES, "the tag"),
        (b"a: {b: [1}\n", FaultCode.WRONG_VALUES, "case.yaml:1"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_case_is_refused_in_one_line(content: bytes, code: FaultCode, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_case_file(content, "case.yaml", KNOWLEDGE.vocabulary)

    assert refused.value.code is code
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500


@settings(max_examples=200)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_at_all_raise_anything_but_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_case_file(content, "case.yaml", KNOWLEDGE.vocabulary)


AWKWARD = [
    "yes",
    "No",
    "null",
    "~",
    "true",
    "1e3",
    "0123",
    "1_000",
    "2026-01-01",
    "12:30",
    "- a",
    "#x",
    "a: b",
    "'",
    '"',
    "\\",
    "{",
    "|",
    "é\u2028x",
    "\x85z",
    "a\tb",
    "😀",
    "G61.81",
    "=",
    "<<",
]
# What strips to nothing cannot be entered at all, and a NUL is no character of a line.
WORDS = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40
).filter(lambda text: text.strip(" \t\n\r") == text and bool(text.strip()))
DAYS = st.dates(date(1930, 1, 1), date(2030, 1, 1))
NUMBERS = st.decimals("-1000", "1000", places=3) | st.integers(-1000, 1000).map(Decimal)
SOURCES = st.fixed_dictionaries({"recorded_by": WORDS}) | st.fixed_dictionaries(
    {"document": st.just("note")}, optional={"page": st.integers(1, 40)}
)


def values_of(definition: FactDefinition) -> st.SearchStrategy[Any]:
    match definition.kind:
        case FactKind.YES_NO:
            return st.booleans()
        case FactKind.CHOICE:
            return st.sampled_from(definition.choices)
        case FactKind.NUMBER:
            return NUMBERS
        case FactKind.DATE:
            return DAYS
        case FactKind.TEXT:
            return st.sampled_from(["privigen", "gamunex_c"])


ENTERED = {key: definition for key, definition in KNOWLEDGE.vocabulary.items() if not definition.derived}
FACTS = st.sampled_from(sorted(ENTERED)).flatmap(
    lambda key: st.fixed_dictionaries(
        {"fact": st.just(key), "value": values_of(ENTERED[key]), "source": SOURCES},
        optional={
            "dated": DAYS,
            "note": WORDS,
            "unit": st.sampled_from([ENTERED[key].unit, *ENTERED[key].also_in]),
        },
    )
)
GRAMS = st.decimals("0.5", "900", places=2)
INFUSIONS = st.fixed_dictionaries(
    {"on": DAYS, "product": st.just("privigen"), "grams": GRAMS, "source": SOURCES},
    optional={"lot": WORDS, "reaction": WORDS},
)
ORDERS = st.fixed_dictionaries(
    {"phase": st.sampled_from(["loading", "maintenance"]), "grams": GRAMS},
    optional={"over_days": st.integers(1, 5), "every_days": st.integers(1, 60)},
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    referral = Referral(system=draw(WORDS), identifier=draw(WORDS))
    return Case.model_validate({
        "case_id": case_id_for(referral),
        "referral": referral,
        "condition": draw(st.sampled_from(["cidp", "mmn", "gbs", None])),
        "patient": {"given_name": draw(WORDS), "family_name": draw(WORDS), "born": draw(st.none() | DAYS)},
        "request": draw(st.none() | st.fixed_dictionaries({"phase": st.just("initiation"), "icd10": st.just("G61.81"), "orders": st.lists(ORDERS, max_size=2), "ndc": st.just("00944270002")})),
        "chart": {"facts": draw(st.lists(FACTS, max_size=5)), "infusions": draw(st.lists(INFUSIONS, max_size=3))},
        "documents": [{"document": "note", "title": draw(WORDS), "sha256": draw(st.sampled_from([None, "1" * 64])), "pages": 3}],
        "intake_notes": draw(st.lists(st.fixed_dictionaries({"where": WORDS, "found": WORDS}), max_size=2)),
    })  # fmt: skip


@settings(max_examples=60)
@given(case=cases())
def test_what_is_written_reads_back_as_the_same_case(case: Case) -> None:
    written = write_case_file(case)

    again = read_case_file(written, "case.yaml", KNOWLEDGE.vocabulary)

    assert again == case
    assert write_case_file(again) == written


@settings(max_examples=60)
@given(case=cases())
def test_what_is_stored_comes_back_as_the_same_case_with_the_same_hash(case: Case) -> None:
    again = case_from_json(case_json(case))

    assert again == case
    assert case_sha256(again) == case_sha256(case)


def test_the_annotated_example_is_a_case_file_that_shows_every_section() -> None:
    content = (ROOT / "examples" / "case_file_annotated.yaml").read_bytes()

    case = read_case_file(content, "case_file_annotated.yaml", KNOWLEDGE.vocabulary)

    shown = case.model_fields_set
    assert shown == set(Case.model_fields) - {"intake_notes"}
    for part in (case.chart, case.course, case.request, case.coverage):
        assert part is not None
    assert case.chart.model_fields_set == set(type(case.chart).model_fields)
