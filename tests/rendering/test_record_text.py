"""Text of the record, made safe to print."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priorauth.rendering.errors import RenderingRefused
from priorauth.rendering.record_text import LONGEST_TEXT, LONGEST_WORD, clean


BIDIRECTIONAL = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


@given(st.text(max_size=300))
def test_nothing_that_hides_or_reorders_text_is_left(text: str) -> None:
    cleaned = clean(text)
    assert not set(cleaned) & set(BIDIRECTIONAL)
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc" and c not in "\n\t"]


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), max_size=LONGEST_WORD))
def test_honest_text_is_only_composed(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


def test_letters_with_accents_are_composed() -> None:
    assert clean("Ze\u0301lie") == "Z\xe9lie"


def test_a_word_without_end_gets_places_to_break() -> None:
    pieces = clean("A" * 5_000).split("\u200b")
    assert "".join(pieces) == "A" * 5_000
    assert max(map(len, pieces)) <= LONGEST_WORD


def test_a_link_to_a_publication_stays_whole() -> None:
    link = "https://doi.org/10.1002/14651858.CD001797.pub4"
    assert clean(link) == link


def test_other_line_ends_become_plain_ones() -> None:
    assert clean("a\r\nb\rc\u2028d\x0be") == "a\nb\nc\nd\ne"


def test_the_joiners_that_arabic_and_indic_spelling_needs_stay() -> None:
    assert (
        clean("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
        == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )


def test_a_text_longer_than_any_note_is_refused_not_cut() -> None:
    with pytest.raises(RenderingRefused, match="20,001 characters"):
        clean("a" * (LONGEST_TEXT + 1))
