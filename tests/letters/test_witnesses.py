"""No evidence, no sentence: every factual sentence of a letter falls with the facts it rests on."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from priorauth.letters.compose import compose_letter
from priorauth.verification import verify
from schemas.case import Case
from schemas.vocabulary import FactKind
from tests.letters.samples import letter
from tests.samples import AS_OF, NAMES, ROOT, assessment, cases, knowledge


def _sentences(claims) -> set[tuple]:
    """Return the sentences with what witnesses them; two sentences may have the same words."""
    return {
        (claim.text, tuple(witness.fact.key for witness in claim.witnesses if witness.fact))
        for claim in claims
    }


def _claims(case: Case):
    assessed = verify(case, as_of=AS_OF, knowledge=knowledge())
    return compose_letter(case, assessed, knowledge=knowledge()).record.claims


def _rests_on(claim, fact) -> bool:
    cited = (witness.fact for witness in claim.witnesses if witness.fact)
    return any((one.key, one.dated, one.source) == (fact.fact, fact.dated, fact.source) for one in cited)


def _without_fact(case: Case, number: int) -> Case:
    facts = case.chart.facts[:number] + case.chart.facts[number + 1 :]
    return case.model_copy(update={"chart": case.chart.model_copy(update={"facts": facts})})


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_names_the_entries_or_publications_it_rests_on(name):
    claims = letter(name).record.claims

    assert claims
    assert all(claim.witnesses for claim in claims)


@pytest.mark.parametrize("name", NAMES)
def test_every_cited_page_exists_in_the_exhibit(name):
    pages = {document.document: document.pages for document in cases()[name].documents}

    for claim in letter(name).record.claims:
        for witness in claim.witnesses:
            if witness.fact and witness.fact.source.page:
                assert witness.fact.source.page <= (pages[witness.fact.source.document] or 0), claim.text


@pytest.mark.parametrize("name", ["01_cidp_initial", "03_mmn_initial", "05_gbs_inpatient"])
def test_taking_a_fact_away_takes_or_changes_every_sentence_that_used_it(name):
    case = cases()[name]
    claims = letter(name).record.claims
    for number, fact in enumerate(case.chart.facts):
        witnessed = [claim for claim in claims if _rests_on(claim, fact)]
        if not witnessed:
            continue
        survivors = _sentences(witnessed) & _sentences(_claims(_without_fact(case, number)))
        # Another entry that says the same witnesses the same sentence; then nothing was lost.
        same = [
            one
            for one in case.chart.facts
            if one is not fact and (one.fact, one.value) == (fact.fact, fact.value)
        ]

        assert not survivors or same, fact.fact


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_an_outcome_measure_in_the_letter_is_in_the_chart(name):
    documented = {str(measurement.value.normalize()) for measurement in cases()[name].chart.measurements}
    cited = [
        witness.fact
        for claim in letter(name).record.claims
        for witness in claim.witnesses
        if witness.fact and witness.fact.key.startswith("response.")
    ]

    for fact in cited:
        number = re.match(r"[\d.]+", fact.value)
        if number:
            assert str(Decimal(number[0]).normalize()) in documented, fact


@pytest.mark.parametrize("name", NAMES)
def test_no_unverified_identifier_and_no_leftover_is_printed(name):
    html = letter(name).html
    unverified = [
        identifier.value
        for publication in knowledge().publications.values()
        for identifier in (publication.doi, publication.other_doi, publication.pmid, publication.registration)
        if identifier is not None and not identifier.verified
    ]

    assert not [value for value in unverified if value in html]
    text = re.sub(r"<[^>]+>", " ", html)
    assert not re.search(r"\bNone\b|\{\{|\}\}|\bnan\b|Undefined|\bTrue\b|\bFalse\b", text)


def test_every_choice_of_a_fact_that_letters_word_has_words():
    source = (ROOT / "templates" / "letters" / "words.html.j2").read_text()
    tables = {
        "COURSE": "course_pattern",
        "WEAKNESS": "weakness_pattern",
        "SENSORY": "sensory_loss",
        "REFLEXES": "reflexes",
        "REACTION": "prior_immunoglobulin_reaction",
        "TAPER": "taper_result",
        "RESPONSE": "response.objective",
        "SITE": "request.site_of_care",
    }
    for table, key in tables.items():
        definition = knowledge().vocabulary[key]
        body = re.search(rf"set {table} = {{(.*?)}} %}}", source, re.DOTALL)
        assert definition.kind is FactKind.CHOICE
        assert body
        assert all(f'"{choice}"' in body[1] for choice in definition.choices), table


@pytest.mark.parametrize(
    "part", ["evidence_cidp", "evidence_mmn", "evidence_gbs", "evidence_subcutaneous", "brief_evidence"]
)
def test_every_figure_about_a_publication_stands_in_its_record(part):
    source = (ROOT / "templates" / "letters" / "parts" / f"{part}.html.j2").read_text()
    for cited, sentence in re.findall(r"call cite\((.*?)\) %}(.*?){% endcall", source, re.DOTALL):
        records = [knowledge().publications[name] for name in re.findall(r'"(\w+)"', cited)]
        known = " ".join(f"{record.showed} {record.year}" for record in records)
        for figure in re.findall(r"\d+(?:\.\d+)?", sentence):
            assert re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d]|\.\d)", known), (sentence, figure)


def test_criteria_of_an_unconfirmed_profile_are_said_to_be_our_own_words():
    assert assessment("01_cidp_initial").policy.confirmed is False
    assert "not yet compared with the plan" in letter("01_cidp_initial").html


def test_a_sentence_keeps_a_quantity_with_its_unit_and_a_month_with_its_day_on_one_line():
    html = letter("01_cidp_initial").html

    for kept in ("72 kg", "33.4 °C", "November 12, 2026"):
        assert kept.replace(" ", "\N{NO-BREAK SPACE}", 1) in html, kept


def test_a_long_date_is_a_value_of_its_sentence():
    weighed = next(
        claim for claim in letter("01_cidp_initial").record.claims if "dosing weight" in claim.text
    )

    assert {"72", "November 12, 2026"} <= set(weighed.values)
