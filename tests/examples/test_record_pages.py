"""What a case file cites stands on the page it cites."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest

from schemas.case import Case, DocumentKind
from schemas.chart import Diagnosis, Entry, Fact, GivenInfusion, Measurement, NerveStudy, Therapy


pytestmark = pytest.mark.needs_tool("pdftotext")

PagesOf = Callable[[str, str], tuple[str, ...]]
CaseOf = Callable[[str], Case]
DATE_FORMS = ("%m/%d/%Y", "%d-%b-%Y", "%B %-d, %Y", "%Y-%m-%d")
PICTURES = (".jpg", ".tif", ".png")


def printed(words: str, text: str) -> bool:
    """Whether a number or phrase stands in the text as a whole, not as part of a longer one."""
    return re.search(rf"(?<![\w.]){re.escape(words)}(?![\w]|\.\d)", text) is not None


def says(phrase: str, text: str) -> bool:
    """Whether a phrase stands in the text, wherever a line of it was broken."""
    return _unbroken(phrase) in _unbroken(text)


def _unbroken(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def day_printed(day: date, text: str) -> bool:
    return any(day.strftime(form) in text for form in DATE_FORMS)


def text_at(entry: Entry, case: Case, pages: Callable[[str], tuple[str, ...]]) -> str | None:
    """Return the text of the page the entry cites, or None where the exhibit is a picture or a person."""
    source = entry.source
    document = next((each for each in case.documents if each.document == source.document), None)
    if document is None or document.file is None or document.file.endswith(PICTURES):
        return None
    found = pages(document.file)
    text = found[(source.page or 1) - 1]
    return text or None


def fact_missing(fact: Fact, text: str) -> Iterator[str]:
    if isinstance(fact.value, Decimal):
        if not (printed(str(fact.value), text) or (fact.note and says(fact.note, text))):
            yield f"{fact.fact} {fact.value}"
    elif fact.note is None:
        yield f"{fact.fact} has no wording of the record"
    elif not says(fact.note, text) and not all(says(part, text) for part in fact.note.split(": ")):
        yield f"{fact.fact}: {fact.note}"


def entry_missing(entry: Entry, text: str) -> list[str]:
    match entry:
        case Fact():
            return list(fact_missing(entry, text))
        case Measurement():
            return [] if printed(str(entry.value), text) else [f"{entry.measure} {entry.value}"]
        case Therapy():
            days = [str(day) for day in (entry.started, entry.stopped) if day and not day_printed(day, text)]
            return days + [dose for dose in [entry.dose] if dose and not says(dose, text)]
        case GivenInfusion():
            days = [] if day_printed(entry.on, text) else [str(entry.on)]
            return days + [words for words in [f"{entry.grams} g", entry.lot] if words and words not in text]
        case Diagnosis():
            return [] if entry.code in text else [entry.code]
        case _:
            raise AssertionError(f"no rule says how {type(entry).__name__} is printed")


def test_every_chart_entry_stands_on_the_page_it_cites(
    referral: str, case_of: CaseOf, pages_of: PagesOf
) -> None:
    case = case_of(referral)
    chart = case.chart
    missing, read = [], 0
    for entry in (*chart.facts, *chart.measurements, *chart.therapies, *chart.infusions, *chart.diagnoses):
        text = text_at(entry, case, lambda file: pages_of(referral, file))
        if text is not None:
            read += 1
            where = f"{entry.source.document} p.{entry.source.page}"
            missing += [f"{where}: {words}" for words in entry_missing(entry, text)]

    assert missing == []
    assert read > 10


def values_of(study: NerveStudy) -> Iterator[Decimal]:
    yield from filter(None, (study.temperature_arm_c, study.temperature_leg_c, study.low_frequency_filter_hz))
    for recording in study.recordings:
        yield from filter(None, (recording.f_wave_ms, recording.f_wave_upper_ms))
        for segment in recording.segments:
            numbers = segment.model_dump(exclude={"segment", "distal", "entrapment_site"}).values()
            yield from (number for number in numbers if number)


def test_the_nerve_study_in_the_case_has_the_numbers_of_the_report(
    referral: str, case_of: CaseOf, pages_of: PagesOf
) -> None:
    case = case_of(referral)
    for study in case.chart.nerve_studies:
        document = next(each for each in case.documents if each.document == study.source.document)
        text = " ".join(pages_of(referral, str(document.file)))

        assert [number for number in values_of(study) if not printed(str(number), text)] == []
        assert study.interpretation is None or says(study.interpretation, text)
        assert study.performed_by is None or says(study.performed_by, text)


def test_the_order_says_what_the_request_says(referral: str, case_of: CaseOf, pages_of: PagesOf) -> None:
    case = case_of(referral)
    request = case.request
    assert request is not None
    assert request.source is not None
    document = next(each for each in case.documents if each.document == request.source.document)
    text = pages_of(referral, str(document.file))[(request.source.page or 1) - 1]
    if not text:  # one order came as a picture
        return
    stated = [request.hcpcs, request.icd10, request.infusion_provider]
    stated += [f"{order.grams} g" for order in request.orders]
    stated += [f"({order.units} billing units)" for order in request.orders]

    assert [words for words in stated if words and not says(words, text)] == []
    assert [day for day in (request.starts, request.ends) if day and not day_printed(day, text)] == []
    assert request.ndc is None or request.ndc in text.replace("-", "")


def test_an_authorization_stands_in_the_letter_of_the_plan(
    referral: str, case_of: CaseOf, pages_of: PagesOf
) -> None:
    case = case_of(referral)
    letters = [each for each in case.documents if each.kind is DocumentKind.AUTHORIZATION_LETTER]
    assert len(case.course.authorizations) == len(letters)
    for granted in case.course.authorizations:
        document = next(each for each in case.documents if each.document == granted.source.document)
        text = pages_of(referral, str(document.file))[0]

        assert granted.number in text
        assert granted.hcpcs in text
        assert day_printed(granted.starts, text)
        assert day_printed(granted.ends, text)
        assert granted.units is None or printed(str(granted.units), text)


def test_every_page_says_that_the_patient_is_not_real(
    referral: str, case_of: CaseOf, pages_of: PagesOf
) -> None:
    for document in case_of(referral).documents:
        if str(document.file).endswith(".pdf"):
            pages = pages_of(referral, str(document.file))

            assert len(pages) == document.pages
            assert all("SYNTHETIC – not a real patient" in text for text in pages if text)
