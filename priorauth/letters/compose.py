"""From a case and its assessment to a letter: render the template, collect the sentences, make the PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from priorauth.charts import Measurement, OutcomeSeries, TreatmentCourse, outcome_charts
from priorauth.knowledge import Knowledge
from priorauth.letters.comparing import letter_lines
from priorauth.letters.exhibits import LabelledDocument, label_exhibits, labels_by_document
from priorauth.letters.glyphs import check_glyphs
from priorauth.letters.kinds import (
    answered_by,
    check_matter,
    contested_by,
    kind_of,
    reference_of,
    site_for_part,
    title_of,
)
from priorauth.letters.readiness import gaps_of
from priorauth.letters.refusals import FinalRefused
from priorauth.letters.refusals import LetterRefused as LetterRefused  # noqa: PLC0414  # imported from here elsewhere
from priorauth.letters.sealing import sealed
from priorauth.letters.view import LetterView
from priorauth.letters.witnesses import ClaimBook, ExhibitPage
from priorauth.rendering.environment import environment
from priorauth.rendering.filters import sentence_case, shortdate
from priorauth.rendering.isolation import render_pdf_isolated
from priorauth.rendering.metadata import DocumentMetadata, Letterhead, page_frame
from priorauth.rendering.pdf import TEMPLATES
from priorauth.rendering.record_text import clean
from priorauth.renewal_tasks import owner_at
from priorauth.response.courses import MeasureCourse
from priorauth.verification import context_for
from priorauth.wording import slug_words
from schemas.assessment import Assessment
from schemas.base import SiteOfCare
from schemas.case import Address, Case, Practice
from schemas.letter import Citation, ExhibitEntry, LetterKind, LetterRecord, Review
from schemas.letter_matter import Matter
from schemas.measure import Direction
from schemas.renewal import RenewalPlan


@dataclass(frozen=True, slots=True)
class ComposedLetter:
    """A letter as HTML with all that it says and rests on; the PDF is made from it."""

    html: str
    metadata: DocumentMetadata
    letterhead: Letterhead
    record: LetterRecord
    exhibits: tuple[LabelledDocument, ...]


def compose_letter(  # noqa: PLR0913  # what each caller knows of the case differs
    case: Case,
    assessment: Assessment,
    *,
    knowledge: Knowledge,
    kind: LetterKind | None = None,
    matter: Matter | None = None,
    review: Review | None = None,
    parts: Mapping[ExhibitPage, int] | None = None,
    renewal: RenewalPlan | None = None,
    templates_root: Path = TEMPLATES,
) -> ComposedLetter:
    """Write a letter as of the day of the assessment: a draft, or with a recorded review the final.

    Without a kind it is the letter of medical necessity that fits the phase of therapy. Raises LetterRefused
    where there is no request, practice or prescriber to write for, or not the matter the kind needs; raises
    FinalRefused, which names every gap, where a draft would do but a final may not be made. ``parts`` are the exhibit
    pages that do not lie in the same part of the packet as the letter; a reference to one says which part. ``renewal``
    is the plan of the course, from which the case summary says by when to submit.
    """
    practice = _checked(case)
    kind = kind or kind_of(case)
    check_matter(kind, matter, case)
    as_of = assessment.assessed_on
    context = context_for(case, as_of, knowledge)
    exhibits = label_exhibits(case.documents, cited=assessment.exhibits)
    book = ClaimBook(labels_by_document(exhibits), knowledge.publications, parts or {})
    view = LetterView(context, assessment, book)
    _check_patient_letter(kind, view)
    if review is not None and (gaps := gaps_of(view, kind, matter, review)):
        raise FinalRefused(gaps)
    metadata = _metadata(case, kind, as_of, view)
    running_head = _running_head(case, practice)
    letterhead = letterhead_of(practice)
    series, course = chart_series(view), treatment_course(view)
    html = _template(_environment(templates_root), kind, case).render(
        **page_frame(
            metadata,
            letterhead,
            case_number=case.case_id,
            running_head=running_head,
            draft=review is None,
        ),
        case=case,
        kind=kind.value,
        matter=matter,
        review=review,
        plan_reference=reference_of(matter),
        answered=answered_by(matter),
        contested=contested_by(matter),
        part=site_for_part(kind, matter),
        v=view,
        claim=book.claim,
        cite=book.cite,
        sources=book.sources,
        book=book,
        renewal=renewal,
        owner=slug_words(owner_at(renewal.first.level).value) if renewal and renewal.first else "",
        charts=outcome_charts(series, course),
        exhibits=exhibits,
        today=as_of,
    )
    html = book.grouped(html)
    check_glyphs(html, case, matter, fonts=templates_root / "fonts")
    record = LetterRecord(
        case_id=case.case_id,
        kind=kind,
        written_on=as_of,
        draft=review is None,
        review=review,
        title=metadata.title,
        running_head=running_head.striptags(),
        lines=letter_lines(html),
        claims=tuple(book.claims),
        left_out=tuple(dict.fromkeys(book.omitted)),
        exhibits=tuple(ExhibitEntry(label=exhibit.label, document=exhibit.document) for exhibit in exhibits),
        references=tuple(
            Citation(number=number, publication=cited.id, identifiers=tuple(cited.printable_identifiers()))
            for number, cited in enumerate(book.references, start=1)
        ),
        case_sha256=assessment.case_sha256,
        policy_sha256=context.policy.content_sha256 if context.policy else None,
    )
    return ComposedLetter(html, metadata, letterhead, record, exhibits)


def letter_pdf(letter: ComposedLetter) -> bytes:
    """Render the PDF, sealed with the sentences, their witnesses and the text of its pages."""
    pdf = render_pdf_isolated(letter.html, metadata=letter.metadata)
    return sealed(pdf, letter.record, created=letter.metadata.created)


def letterhead_of(practice: Practice) -> Letterhead:
    """Make the letterhead of the practice from what is on file."""
    contact = [
        f"{name} {value}"
        for name, value in (("Tel", practice.phone), ("Fax", practice.fax), ("NPI", practice.npi))
        if value
    ]
    return Letterhead(
        name=practice.name,
        address=address_line(practice.address),
        contact=" · ".join(contact),
        tagline=practice.tagline or "",
    )


def address_line(address: Address | None) -> str:
    """Write an address on one line; empty when it is not on file."""
    if address is None:
        return ""
    return f"{', '.join(address.lines)}, {address.city}, {address.state} {address.postal_code}"


def chart_series(view: LetterView) -> tuple[OutcomeSeries, ...]:
    """Turn the courses of the measures into series for charts; a single value is no course and stays in the table."""
    return tuple(_series(course, view) for course in view.measures if len(course.points) > 1)


def treatment_course(view: LetterView) -> TreatmentCourse:
    """Return what was given over the time of the charts."""
    return TreatmentCourse(infusions=view.infusions)


def _series(course: MeasureCourse, view: LetterView) -> OutcomeSeries:
    measure = view.context.knowledge.measures[course.measure]
    scale = measure.scale_of(out_of=course.out_of, unit=course.unit) or measure
    baseline = Measurement(course.baseline.on, course.baseline.value) if course.baseline else None
    return OutcomeSeries(
        title=course.title,
        points=tuple(Measurement(point.on, point.value) for point in course.points),
        higher_is_better=course.direction is Direction.HIGHER_IS_BETTER,
        lowest=scale.minimum,
        highest=scale.maximum,
        baseline=baseline,
        smallest_change=course.needed if view.settled(course) else None,
        unit=course.unit,
    )


@cache
def _environment(templates_root: Path) -> ImmutableSandboxedEnvironment:
    return environment(templates_root)


def _template(jinja: ImmutableSandboxedEnvironment, kind: LetterKind, case: Case) -> Template:
    payer = case.coverage.payer if case.coverage else None
    name = f"letters/{kind.value}.html.j2"
    return jinja.get_template(f"payers/{payer}/{name}" if payer else name)


def _checked(case: Case) -> Practice:
    if case.request is None:
        raise LetterRefused(
            "The case has no request: add the order (product, dose, dates) before a letter can be written"
        )
    if case.practice is None or case.prescriber is None:
        raise LetterRefused(
            "The case names no practice or no prescriber: a letter needs somebody who writes it"
        )
    return case.practice


def _check_patient_letter(kind: LetterKind, view: LetterView) -> None:
    if kind is not LetterKind.PATIENT_LETTER:
        return
    if view.stops:
        raise LetterRefused(
            f"no letter to the patient while treatment must not go on: {view.stops[0].reason}; the prescriber tells the patient"
        )
    request = view.context.case.request
    if request is not None and request.site_of_care is SiteOfCare.INPATIENT_HOSPITAL:
        raise LetterRefused(
            "request.site_of_care: found inpatient_hospital; a patient in the hospital is told at the bedside"
        )


def _metadata(case: Case, kind: LetterKind, as_of: date, view: LetterView) -> DocumentMetadata:
    condition = case.condition.value.upper() if case.condition else "an immune neuropathy"
    if view.other_diagnosis:
        condition = sentence_case(view.other_diagnosis)
    return DocumentMetadata(
        title=title_of(
            kind, condition, for_the_record=view.for_the_record, inpatient_notice=view.inpatient_notice
        ),
        author=case.prescriber.name if case.prescriber else "",
        created=datetime.combine(as_of, time(12), tzinfo=UTC),
        subject=f"Prior authorization, case {case.case_id}",
        keywords=("prior authorization", "immunoglobulin", condition),
    )


def _running_head(case: Case, practice: Practice) -> Markup:
    patient = case.patient
    name = " ".join(part for part in (patient.given_name, patient.family_name) if part)
    parts = [escape(clean(practice.name)), escape(f"Case {case.case_id}")]
    if name:
        # A name written from right to left must not turn what stands around it.
        parts.append(Markup("<bdi>{}</bdi>").format(clean(name)))
    if patient.born:
        parts.append(escape(f"DOB {shortdate(patient.born)}"))
    return Markup(" · ").join(parts)
