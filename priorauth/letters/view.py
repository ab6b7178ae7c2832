"""What a letter's template may see: evidence by key, the request, and rows for its tables. No arithmetic, no words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from priorauth.billing import claim_modifiers
from priorauth.dosing import grams_for, to_a_tenth
from priorauth.electrodiagnosis.levels import level_of_certainty
from priorauth.electrodiagnosis.sensory import sural_spared
from priorauth.facts.authorization import cite_authorization
from priorauth.facts.clinical import duration_words
from priorauth.facts.context import Context, stated_words
from priorauth.facts.dose import dosing_weight, product_asked
from priorauth.facts.policy import other_diagnosis
from priorauth.facts.request import cite_request, date_of_service, request_of
from priorauth.facts.resolution import Known, Resolution
from priorauth.letters.conduction import features, nerves_shown
from priorauth.letters.continuing import (
    change_words,
    compared,
    findings_named,
    healthier_side,
    latest_score,
    measured_on,
    score_list,
    told,
)
from priorauth.letters.grounds import (
    diagnosis_ground,
    nerve_row_ground,
    strength_row,
    study_ground,
    therapy_row,
    words_ground,
)
from priorauth.letters.infusions import InfusionRecord, infusion_record
from priorauth.letters.practice import (
    contradiction_notes,
    notes_for_practice,
    to_get_before_first_dose,
    vein_precautions,
)
from priorauth.letters.reasons import caveats, mentioned, spoken, tabled
from priorauth.letters.refusals import LetterRefused
from priorauth.letters.rows import (
    CriterionRow,
    NerveRow,
    StrengthRow,
    TherapyRow,
    criterion_row,
    diagnosis_words,
    nerve_rows,
    without_repetition,
)
from priorauth.letters.witnesses import ClaimBook, Evidence, Ground, Missing
from priorauth.rendering.filters import listing
from priorauth.response.courses import MeasureCourse, measure_courses
from priorauth.response.treatment_start import first_dose_day
from priorauth.wording import plain, slug_words, value_words
from schemas.assessment import Assessment, Finding, Recommendation, Status
from schemas.base import ConditionId, FactKey, Phase, SiteOfCare
from schemas.billing import BillingCode
from schemas.chart import (
    Entry,
    GivenInfusion,
    NerveKind,
    NerveStudy,
    Source,
)
from schemas.letter_matter import Stated
from schemas.policy import Effect, Topic, questions
from schemas.product import Product
from schemas.treatment import Authorization


_PHYSICIAN = re.compile(r"\b(?:MD|DO|MBBS|MBBCh)\b")


@dataclass(frozen=True, slots=True)
class LetterView:
    """Everything a letter may say about a case, behind functions that answer Evidence or Missing."""

    context: Context
    assessment: Assessment
    book: ClaimBook

    def fact(self, key: FactKey) -> Ground:
        """Look up one fact of the vocabulary, recorded or derived, as of the day of the letter."""
        resolution = self.context.resolve(key)
        ground = self._ground(resolution, key)
        if isinstance(ground, Evidence) and self.context.definition(key).derived:
            return replace(ground, facts=mentioned(resolution.reason, ground.facts))
        return ground

    def positive(self, key: FactKey) -> Ground:
        """Look up a yes-or-no fact, and count it as missing unless it is documented as present."""
        return self._only(key, lambda value: value is True)

    def negative(self, key: FactKey) -> Ground:
        """Look up a yes-or-no fact, and count it as missing unless it was looked for and not found."""
        return self._only(key, lambda value: value is False)

    def choice(self, key: FactKey, *values: str) -> Ground:
        """Look up a choice, and count it as missing unless it is one of the values."""
        return self._only(key, lambda value: value in values)

    def reason(self, key: FactKey) -> str:
        """Say how a derived fact follows from the record, for a sentence that has the fact as its ground."""
        resolution = self.context.resolve(key)
        return spoken(resolution.reason, resolution.facts)

    def features(self, key: FactKey) -> str:
        """Name the findings of the nerve study that carry a result of a rule set."""
        resolution = self.context.resolve(key)
        return features(resolution.facts, caveats(resolution.reason))

    def nerves(self, key: FactKey) -> str:
        """Name the nerves that show what a result of a rule set rests on."""
        return listing(nerves_shown(self.context.resolve(key).facts))

    @property
    def product(self) -> Product | None:
        """The product asked for."""
        return product_asked(self.context)

    @property
    def claim_modifiers(self) -> tuple[BillingCode, ...]:
        """The modifiers of the drug's claim line on the first date of service, as far as route and vials say."""
        if self.product is None:
            return ()
        return claim_modifiers(
            self.product,
            request_of(self.context).route,
            self.assessment.doses,
            day=date_of_service(self.context),
            knowledge=self.context.knowledge,
        )

    @property
    def dose_above_label(self) -> bool:
        """Whether the label of the product sets a lower dose."""
        return self.context.value("dose.within_label") is False

    @property
    def label_status(self) -> Ground:
        """Whether the label of the product names the condition, and where it does not, what stands in for it."""
        ground, condition, product = self.fact("product.labelled"), self.context.case.condition, self.product
        if self.other_diagnosis:
            return Missing(f"The label is not about {self.other_diagnosis}")
        if isinstance(ground, Missing) or condition is None or product is None:
            return ground
        products = self.context.knowledge.products.values()
        name = "Guillain-Barré syndrome" if condition is ConditionId.GBS else condition.value.upper()
        labelled = {other.brand for other in products if other.is_labelled_for(condition)}
        if labelled == {product.brand}:
            words = f"{product.brand} is the only immunoglobulin labeled for {name} in the United States"
        elif ground.value is True:
            words = f"{product.brand} is labeled for {name} in the United States"
        elif labelled:
            words = f"{product.brand} is not labeled for {name} in the United States; its use rests on the guideline cited below"
        else:
            words = f"No immunoglobulin is labeled for {name} in the United States; its use rests on the guideline cited below"
        return replace(ground, words=words)

    @property
    def label_limits(self) -> tuple[str, ...]:
        """What the label of the product says was not studied in the condition, for the one who signs."""
        condition = self.context.case.condition
        if self.product is None or condition is None or self.other_diagnosis:
            return ()
        name = condition.value.upper()
        return tuple(limit for limit in self.product.label_limits if name in limit)

    @staticmethod
    def weekly(grams: Decimal, every_days: int) -> Decimal:
        """Grams a week of a dose given every so many days, to a hundredth of a gram."""
        return (grams / every_days * 7).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @staticmethod
    def ratio(one: Decimal, other: Decimal) -> str:
        """How many times one amount is another, to two decimals."""
        return plain((one / other).quantize(Decimal("0.01"), ROUND_HALF_UP))

    @property
    def route_start(self) -> str:
        """How the label begins treatment by the route asked for; empty where it says nothing."""
        condition, product = self.context.case.condition, self.product
        dosing = product.dosing.get(condition) if product and condition else None
        return (dosing and dosing.start) or ""

    @property
    def precautions(self) -> Ground:
        """The precautions of the record; those for an infusion into a vein are none of a dose under the skin."""
        if vein_precautions(self.context):
            return Missing("The precautions on record are those of an infusion into a vein")
        return self.positive("mitigation_plan")

    @property
    def last_authorization(self) -> Authorization | None:
        """The authorization of the plan asked that ends last, whose number a renewal refers to."""
        return self._ends_last(of_plan_asked=True)

    @property
    def former_authorization(self) -> Authorization | None:
        """The authorization of a former plan that ends last, where the plan asked has given none; its number is none here."""
        return None if self.last_authorization else self._ends_last(of_plan_asked=False)

    def _ends_last(self, *, of_plan_asked: bool) -> Authorization | None:
        coverage = self.context.case.coverage
        if coverage is None or coverage.payer is None:
            return None
        found = [
            grant
            for grant in self.context.case.course.authorizations
            if (grant.payer == coverage.payer) is of_plan_asked
        ]
        return max(found, key=lambda grant: grant.ends, default=None)

    @property
    def weight(self) -> Ground:
        """The dosing weight."""
        ground = self._ground(dosing_weight(self.context), "weight")
        if not isinstance(ground, Evidence):
            return ground
        # Height is looked at to decide which weight counts; it witnesses the number only where it entered it.
        number = plain(ground.number)
        stated = tuple(fact for fact in ground.facts if number in fact.value.split())
        return replace(ground, facts=stated or ground.facts)

    @property
    def measured_weight(self) -> Ground:
        """The weight on the scale, where it does not settle the weight to dose on."""
        return (
            self.fact("weight") if isinstance(self.weight, Missing) else Missing("The dosing weight is known")
        )

    @staticmethod
    def per_kilogram(grams: Decimal, weight: Evidence) -> Decimal:
        """Grams for each kg of a weight, to a hundredth."""
        return (grams / weight.number).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def kilograms(self, weight: Evidence) -> Decimal:
        """The dosing weight as it is printed, to 0.1 kg."""
        return to_a_tenth(weight.number)

    @property
    def grams_as_ordered(self) -> bool:
        """Whether the order rounds a dose that g/kg and the weight would make a little more or less."""
        weight = dosing_weight(self.context)
        return isinstance(weight, Known) and any(
            line.grams_per_kg is not None
            and line.ordered_grams is None
            and line.grams != grams_for(line.grams_per_kg, weight.number)
            for line in self.assessment.doses
        )

    @property
    def criteria(self) -> tuple[CriterionRow, ...]:
        """The payer's criteria for the phase in the order of the policy, then its exclusions and site rules."""
        of_phase = (
            {criterion.id for criterion in self.context.phase_rules.criteria}
            if self.context.phase_rules
            else set()
        )
        findings = [
            finding
            for finding in self.assessment.findings
            # An exclusion that nobody had reason to test for is no question the plan waits for an answer to.
            if finding.policy is not None
            and finding.criterion not in self._of_the_profile
            and (finding.status is not Status.UNDOCUMENTED or finding.effect is not Effect.ADVISE)
        ]
        findings.sort(key=lambda finding: finding.criterion not in of_phase)
        return without_repetition(
            criterion_row(number, finding) for number, finding in enumerate(findings, start=1)
        )

    def findings_named(self, ground: Evidence) -> str:
        """Name what a conclusion rests on, with the values."""
        return findings_named(ground)

    @property
    def level(self) -> str:
        """The level of certainty by the guideline of the condition; empty while nothing is decided."""
        level = level_of_certainty(self.context)
        return level.words if level else ""

    @property
    def supported(self) -> bool:
        """Whether the letter may argue for the condition: the diagnosis is one of it and nothing documented excludes it."""
        return not self.contradiction and not self.stops

    @property
    def contradiction(self) -> str:
        """Say what in the record excludes the condition the letter is for; empty where nothing does."""
        mimic, condition = self.context.resolve("diagnosis.mimic"), self.context.case.condition
        if isinstance(mimic, Known) and mimic.value != "none":
            return f"{tabled(mimic.reason, mimic.facts)}."
        if condition and self.other_diagnosis:
            return f"The diagnosis of the record is {self.other_diagnosis}, not {condition.value.upper()}."
        return ""

    @property
    def other_diagnosis(self) -> str:
        """Name the diagnosis of the record where its code is none of the condition's; empty otherwise."""
        named = other_diagnosis(self.context)
        return diagnosis_words(named) if named else ""

    @property
    def sural_sparing(self) -> Ground:
        """The nerve study, where arm nerves are abnormal and the sural nerve is not."""
        spared = sural_spared(self.context)
        return self.study_ground if spared else Missing("No sural sparing is shown")

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What keeps treatment or request from going on at all, whatever the plan says."""
        return tuple(
            finding
            for finding in self.assessment.findings
            if finding.topic is Topic.SAFETY and finding.effect is Effect.ESCALATE
        )

    @property
    def _of_the_profile(self) -> frozenset[str]:
        """Criteria that ask about our profile and not about the patient; they are no business of the plan."""
        criteria = self.context.phase_rules.criteria if self.context.phase_rules else ()
        return frozenset(
            criterion.id
            for criterion in criteria
            if all(question.fact.startswith("policy.") for question in questions(criterion.require))
        )

    @property
    def confirmed(self) -> bool:
        """Whether the policy profile has been compared with the payer's text, so that its clauses may be quoted."""
        return self.assessment.policy is not None and self.assessment.policy.confirmed

    def argued(self, key: FactKey) -> bool:
        """Whether the criteria table already says what carries this fact."""
        resolution = self.context.resolve(key)
        return any(set(resolution.facts) <= set(row.facts) for row in self.criteria if resolution.facts)

    @property
    def diagnoses(self) -> tuple[Evidence, ...]:
        """Diagnoses of the record, the principal one first."""
        ordered = sorted(
            filter(self._counts, self.context.case.chart.diagnoses),
            key=lambda entry: (not entry.principal, entry.code),
        )
        return tuple(diagnosis_ground(entry) for entry in ordered)

    @property
    def diagnosis_name(self) -> str:
        """The diagnosis of the record without its code."""
        named = self.diagnoses[0]
        return named.words.removesuffix(f"({named.value})").strip()

    @property
    def next_infusion(self) -> date | None:
        """The next infusion on the calendar of the practice."""
        ahead = [planned.on for planned in self.context.case.course.planned if planned.stands]
        return min((day for day in ahead if day >= self.context.as_of), default=None)

    @property
    def measures(self) -> tuple[MeasureCourse, ...]:
        """Outcome measures with baseline, best and latest value."""
        return measure_courses(self.context)

    @property
    def study(self) -> NerveStudy | None:
        """The newest nerve study that counts on the day of the letter."""
        usable = [
            study
            for study in self.context.case.chart.nerve_studies
            if study.dated and study.dated <= self.context.as_of
        ]
        return max(usable, key=lambda study: study.dated or date.min) if usable else None

    @property
    def examiner(self) -> str:
        """The physician who made the study; empty where none signed it."""
        name = (self.study and self.study.performed_by) or ""
        return name if _PHYSICIAN.search(name) else ""

    @property
    def conclusion(self) -> Ground:
        """The conclusion of the nerve study in the words of its report."""
        study = self.study
        if study is None or study.dated is None or not study.interpretation:
            return Missing("The nerve conduction study has no conclusion")
        return words_ground(
            study.interpretation, study.dated, study.source, "Conclusion of the study", key="nerve_study"
        )

    @property
    def study_ground(self) -> Ground:
        """The nerve study as evidence for sentences about it."""
        return study_ground(self.study)

    def asked(self, name: str) -> Ground:
        """Look up a field of the order, such as ``follow_up``, as evidence."""
        request = request_of(self.context)
        value = getattr(request, name)
        label = name.replace("_", " ")
        if value in (None, ()):
            return Missing(f"The order states no {label}")
        words = (
            "; ".join(value)
            if isinstance(value, tuple)
            else plain(value)
            if isinstance(value, Decimal)
            else str(value)
        )
        return Evidence(words, words, cite_request(self.context, "order", label.capitalize(), words))

    def nerve_rows(self, kind: str) -> tuple[NerveRow, ...]:
        """Return the rows of the motor or the sensory table."""
        study = self.study
        if study is None:
            return ()
        wanted = NerveKind(kind)
        return tuple(
            row for recording in study.recordings if recording.kind is wanted for row in nerve_rows(recording)
        )

    def nerve_ground(self, row: NerveRow) -> Ground:
        """One row of the nerve conduction table as evidence."""
        return nerve_row_ground(self.study, row)

    @property
    def strength(self) -> tuple[StrengthRow, ...]:
        """Muscle by muscle, the newest examination that graded them."""
        graded = [entry for entry in self.context.case.chart.muscle_strength if self._counts(entry)]
        newest = max((entry.dated for entry in graded if entry.dated), default=None)
        return tuple(strength_row(entry) for entry in graded if entry.dated == newest)

    @property
    def graded_before_treatment(self) -> bool:
        """Whether the newest grades of single muscles are from before the first dose of a course under way."""
        earlier, rows = self.before, self.strength
        return earlier is not None and bool(rows) and rows[0].ground.on <= earlier.context.as_of

    @property
    def therapies(self) -> tuple[TherapyRow, ...]:
        """Earlier and present treatments other than the product asked for, oldest first."""
        ordered = sorted(
            filter(self._counts, self.context.case.chart.therapies),
            key=lambda entry: (entry.started or date.min, entry.treatment),
        )
        products = self.context.knowledge.products
        return tuple(
            therapy_row(
                entry,
                products[entry.treatment].brand
                if entry.treatment in products
                else slug_words(entry.treatment),
            )
            for entry in ordered
        )

    @property
    def infusions(self) -> tuple[date, ...]:
        """Days on which immunoglobulin was given, up to the day of the letter."""
        return tuple(sorted(entry.on for entry in self._given))

    @property
    def infusion_record(self) -> InfusionRecord | None:
        """What was given, summed up; None where nothing is documented."""
        return infusion_record(self._given)

    @property
    def before(self) -> LetterView | None:
        """The same view as of the first dose, for what was found before treatment; None for a course that begins."""
        day = first_dose_day(self.context)
        if day is None or request_of(self.context).phase is not Phase.CONTINUATION:
            return None
        return replace(self, context=replace(self.context, as_of=day, _answers={}))

    def on_treatment(self, key: FactKey) -> Ground:
        """Look up a fact, and count it as missing where it was last documented before treatment."""
        ground, day = self.fact(key), first_dose_day(self.context)
        if isinstance(ground, Evidence) and day is not None and ground.on <= day:
            return Missing(f"{self.context.definition(key).title} is documented only from before treatment")
        return ground

    @property
    def compared(self) -> tuple[MeasureCourse, ...]:
        """The measures that a continuation compares with those before treatment."""
        return compared(self.measures)

    @property
    def not_compared(self) -> tuple[Ground, ...]:
        """The newest values of measures nobody took before treatment."""
        left = [course for course in self.measures if course not in self.compared]
        return tuple(latest_score(course, self.context) for course in left)

    def healthier_side(self, course: MeasureCourse) -> bool:
        """Whether the measure stayed the same because it was taken on the side less affected."""
        return healthier_side(course, self.measures)

    def measured_on(self, day: date) -> Ground:
        """The values of one day that the table of measures does not show."""
        return measured_on(day, self.measures, self.context)

    def change(self, key: FactKey) -> str:
        """Say from where to where the measures went that decide a derived fact."""
        reason = self.context.resolve(key).reason
        told = [course for course in self.measures if course.why and course.why in reason]
        return change_words(sorted(told, key=lambda course: reason.index(course.why)))

    @property
    def disability_scores(self) -> str:
        """Tell the scores that a grade of disability rests on."""
        resolution = self.context.resolve("function.moderate_to_severe")
        return score_list(fact for fact in resolution.facts if fact.key != "functional_disability")

    def told(self, ground: Evidence) -> str:
        """List what a conclusion rests on in the record's own wording."""
        return told(ground)

    @property
    def grant(self) -> Ground:
        """The present authorization as evidence; where there is none, that of the former plan."""
        granted = self.last_authorization or self.former_authorization
        if granted is None:
            return Missing("No authorization is on file")
        cited = cite_authorization("authorization", granted)
        return Evidence(granted.number, cited.value, (cited,))

    def duration(self, since: date) -> str:
        """Say how long before the letter a day was."""
        return duration_words(since, self.context.as_of)

    @property
    def notes_for_practice(self) -> tuple[str, ...]:
        """What the practice should know or mend before it sends the letter."""
        return notes_for_practice(self.context, self.assessment, self.book.exhibits)

    @property
    def contradictions(self) -> tuple[str, ...]:
        """Where entries of one day contradict each other."""
        return tuple(contradiction_notes(self.context, self.book.exhibits))

    @property
    def to_get_before_first_dose(self) -> tuple[str, ...]:
        """What should be known before a course begins and is not documented."""
        return to_get_before_first_dose(self.context)

    def stated(self, statement: Stated, label: str = "Statement") -> Evidence:
        """Something stated about the letter's matter, as evidence."""
        return self.written(statement.words, statement.dated, statement.source, label)

    def written(self, words: str, dated: date, source: Source, label: str) -> Evidence:
        """Words of a notice of the plan, or of a statement, as evidence."""
        return words_ground(words, dated, source, label)

    def row(self, criterion: str) -> CriterionRow:
        """The finding of one criterion, the product's own checks among them; LetterRefused where there is none."""
        for number, finding in enumerate(self.assessment.findings, start=1):
            if finding.criterion == criterion:
                return criterion_row(number, finding)
        known = ", ".join(finding.criterion for finding in self.assessment.findings)
        raise LetterRefused(f"the letter refers to the criterion '{criterion}', expected one of: {known}")

    @property
    def needs_authorization(self) -> bool:
        """Whether the plan asks for authorization at all; where nothing is known it may."""
        return self.assessment.recommendation is not Recommendation.NOT_REQUIRED

    @property
    def for_the_record(self) -> bool:
        """Whether the program knows no authorization at all, so that the letter supports claims and asks for nothing."""
        return self.context.policy is not None and self.context.policy.no_authorization_at_all

    @property
    def inpatient_notice(self) -> bool:
        """Whether the letter tells the plan of a treatment in the hospital that needs no authorization of its own."""
        return (
            request_of(self.context).site_of_care is SiteOfCare.INPATIENT_HOSPITAL
            and self.assessment.recommendation is Recommendation.NOT_REQUIRED
        )

    def settled(self, course: MeasureCourse) -> bool:
        """Whether the smallest important change of the measure is settled enough to be told to a reviewer."""
        return self.context.knowledge.measures[course.measure].tell_smallest_change

    def short(self, finding: Finding) -> str:
        """The reason of a finding for a narrow column."""
        return tabled(finding.reason, finding.facts)

    def answering(self, criteria: tuple[str, ...]) -> tuple[CriterionRow, ...]:
        """Return the criteria that answer a denial and are met; without any named, those of the plan in its order."""
        rows = tuple(map(self.row, criteria)) or self.criteria
        return tuple(row for row in rows if row.status is Status.MET and row.facts)

    def measure_ground(self, course: MeasureCourse) -> Evidence:
        """One measure's values as evidence; before the first dose, every value of it."""
        compared = [point for point in (course.baseline, course.best, course.latest) if point is not None]
        facts = tuple(
            self.context.cite(
                "response.objective", course.title, f"{plain(point.value)} {course.unit}", point.entry
            )
            for point in compared or course.points
        )
        return Evidence(course.verdict.value, course.why, tuple(dict.fromkeys(facts)))

    def _only(self, key: FactKey, accept: Callable[[object], bool]) -> Ground:
        ground = self.fact(key)
        if isinstance(ground, Evidence) and not accept(ground.value):
            return Missing(f"{self.context.definition(key).title} is {ground.words}")
        return ground

    def _ground(self, resolution: Resolution, key: FactKey) -> Ground:
        if not isinstance(resolution, Known):
            return Missing(resolution.reason)
        definition = self.context.definition(key)
        words = (
            value_words(resolution.value, definition)
            if definition.derived
            else stated_words(resolution.value, resolution.facts[0], definition)
        )
        return Evidence(resolution.value, words, resolution.facts)

    def _counts(self, entry: Entry) -> bool:
        return entry.dated is not None and entry.dated <= self.context.as_of

    @property
    def _given(self) -> tuple[GivenInfusion, ...]:
        return tuple(entry for entry in self.context.case.chart.infusions if entry.on <= self.context.as_of)
