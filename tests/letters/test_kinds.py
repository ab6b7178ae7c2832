"""Every kind of letter has a template, an occasion and a golden, and says what its golden says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from priorauth.letters.checking import stands
from priorauth.letters.comparing import diff_letters, diff_lines
from priorauth.letters.compose import compose_letter, letter_pdf
from priorauth.letters.kinds import KINDS
from priorauth.letters.refusals import LetterRefused
from priorauth.letters.sealing import page_texts, squeezed
from schemas.letter import LetterKind
from tests.letters.occasions import OCCASIONS, REVIEW, written
from tests.letters.samples import letter
from tests.samples import ROOT, knowledge


GOLDENS = Path(__file__).parent / "goldens"
PRINTED = sorted(LetterKind)


def test_every_kind_has_rules_a_template_an_occasion_and_a_golden():
    templates = {
        path.name.removesuffix(".html.j2") for path in (ROOT / "templates" / "letters").glob("*.html.j2")
    }
    goldens = [{path.stem for path in GOLDENS.glob(f"*.{form}")} for form in ("txt", "html")]
    kinds = {kind.value for kind in LetterKind}

    assert set(KINDS) == set(LetterKind) == set(OCCASIONS)
    assert templates - {"words"} == kinds
    assert goldens == [kinds, kinds]


def changed_lines(golden: Path, now: Iterable[str]) -> str:
    """Return what changed against a golden, line by line.

    `UPDATE_GOLDENS=1 pytest tests/letters/test_kinds.py` writes them anew; read the diff before committing it.
    """
    lines = tuple(now)
    if os.environ.get("UPDATE_GOLDENS"):
        golden.write_text("\n".join(lines) + "\n")
    return "\n".join(map(str, diff_lines(tuple(golden.read_text().splitlines()), lines)))


@pytest.mark.parametrize("kind", PRINTED)
def test_a_letter_says_what_its_golden_says(kind):
    changes = changed_lines(GOLDENS / f"{kind.value}.txt", written(kind).record.lines)

    assert not changes, "the letter changed:\n" + changes


@pytest.mark.parametrize("kind", PRINTED)
def test_the_html_of_a_letter_is_its_golden(kind):
    lines = (line.strip() for line in written(kind).html.splitlines())
    changes = changed_lines(GOLDENS / f"{kind.value}.html", filter(None, lines))

    assert not changes, "the HTML changed:\n" + changes


@pytest.mark.rendering
@pytest.mark.parametrize("kind", PRINTED)
def test_the_pdf_can_be_read_word_for_word(kind):
    """The golden has each line; here each sentence and each cell of it is read off the finished pages."""
    running_head, *lines = written(kind).record.lines
    pages = [squeezed(page) for page in page_texts(letter_pdf(written(kind)))]
    parts = [squeezed(part) for line in lines for part in re.split(r"[|/]", line)]

    assert len(parts) > 10
    assert all(squeezed(running_head) in page for page in pages[1:])
    assert [part for part in parts if not stands(part, pages)] == []


@pytest.mark.parametrize("kind", PRINTED)
def test_headings_begin_with_the_title_and_skip_no_level(kind):
    """A screen reader makes its way by them."""
    levels = [int(level) for level in re.findall(r"<h(\d)", written(kind).html)]

    assert levels[:1] == [1]
    assert levels.count(1) == 1
    assert all(following <= level + 1 for level, following in pairwise(levels))


@pytest.mark.parametrize("kind", PRINTED)
def test_no_paragraph_or_list_is_empty(kind):
    """One would hold the heading before it at the foot of a page."""
    assert re.findall(r"<(p|h2|li|ul|ol|section)>\s*</\1>", written(kind).html) == []


def test_a_section_of_the_policy_is_named_where_it_begins():
    lines = written(LetterKind.SITE_OF_CARE_EXCEPTION, review=REVIEW).record.lines

    assert sum("MMN, initial therapy" in line for line in lines) == 1
    assert sum("Site of Care (a policy of its own)" in line for line in lines) == 1


def test_a_table_of_one_row_is_not_tied_to_what_follows():
    """Tied to the exhibits, the doses of a portal sheet went to a page of their own."""
    first, *_ = page_texts(letter_pdf(written(LetterKind.PORTAL_SHEET)))

    assert "Dose and billing units" in first
    assert "every 28 days" in first


@pytest.mark.parametrize("kind", PRINTED)
def test_every_sentence_of_a_kind_has_a_witness_with_its_source(kind):
    for claim in written(kind).record.claims:
        for witness in claim.witnesses:
            assert witness.publication or (witness.fact and witness.fact.source)


@pytest.mark.parametrize("kind", PRINTED)
def test_no_leftover_of_a_template_is_printed(kind):
    text = "\n".join(written(kind).record.lines)

    assert not [
        word for word in ("{{", "}}", "None", "Undefined", "True", "False", "[]", "..", " ,") if word in text
    ]


@pytest.mark.parametrize(
    "kind", [kind for kind in LetterKind if KINDS[kind].matter and not KINDS[kind].optional_matter]
)
def test_a_kind_that_needs_a_matter_is_refused_without_it(kind):
    case, assessed = OCCASIONS[kind].case_and_assessment()
    with pytest.raises(LetterRefused, match=KINDS[kind].matter.__name__):
        compose_letter(case, assessed, knowledge=knowledge(), kind=kind)


def test_a_diff_shows_the_sentence_that_changed_beside_what_it_was():
    old = letter("01_cidp_initial").record
    place = next(
        number
        for number, line in enumerate(old.lines)
        if "involves 4" in line.replace("\N{NO-BREAK SPACE}", " ")
    )
    lines = list(old.lines)
    lines[place] = lines[place].replace("4", "3")
    changes = diff_letters(old, old.model_copy(update={"lines": tuple(lines)}))

    assert [(change.before, change.after) for change in changes] == [(old.lines[place], lines[place])]


@pytest.mark.rendering
@pytest.mark.parametrize("name", ["07_missing_nerve_study", "08_renewal_no_baseline"])
def test_the_finding_of_a_criterion_breaks_only_between_words(name):
    words = {word for page in page_texts(letter_pdf(letter(name))) for word in page.split()}

    assert "documented" in words
    assert not [word for word in words if word.startswith("documente") and not word.startswith("documented")]


@pytest.mark.rendering
@pytest.mark.parametrize("kind", [LetterKind.CONTINUATION, LetterKind.DOSE_CHANGE, LetterKind.INITIATION])
def test_the_criteria_begin_on_the_page_of_their_heading(kind):
    (page,) = [
        page
        for page in page_texts(letter_pdf(written(kind, review=REVIEW)))
        if "Plan criteria and the record" in page
    ]

    assert re.search(r"Evidence in this patient\s+Finding\s+1\s", page)


@pytest.mark.rendering
def test_a_value_of_the_nerve_table_stays_on_one_line_with_its_limit():
    pages = page_texts(letter_pdf(written(LetterKind.NONPREFERRED_PRODUCT_EXCEPTION, review=REVIEW)))
    lines = [line for page in pages for line in page.splitlines()]

    assert any("28.6 (max 32.5)" in line for line in lines)
    assert not [line for line in lines if re.search(r"\((max|min)\s*$", line)]


@pytest.mark.rendering
def test_the_final_that_opens_a_course_keeps_its_length():
    pages = page_texts(letter_pdf(written(LetterKind.INITIATION, review=REVIEW)))

    assert len(pages) == 4
    assert len(re.findall(r"\bMet\b", pages[0])) == 5
