"""Values, dates and comparisons in words, for reasons and reports."""

from __future__ import annotations

from datetime import date
from decimal import Context, Decimal
from functools import lru_cache

from priorauth.facts.resolution import Value
from schemas.policy import Question
from schemas.vocabulary import FactDefinition


_MOST_DECIMALS = 3
_SIGNIFICANT_DIGITS = 4


@lru_cache(maxsize=4096)
def plain(number: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 72, 1.5, 0.05.

    Numbers that a conversion of units has left with a long tail are written to four significant digits.
    """
    number = number.normalize()
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_MOST_DECIMALS:
        number = Context(prec=max(_SIGNIFICANT_DIGITS, number.adjusted() + 1)).plus(number).normalize()
    text = f"{number:f}"
    return text if text != "-0" else "0"


def capital(words: str) -> str:
    """Begin a sentence: only the first letter changes, so that names and acronyms keep theirs."""
    return words[:1].upper() + words[1:]


def slug_words(slug: str) -> str:
    """Turn an identifier into words: ``symmetric_distal`` becomes "symmetric distal"."""
    return slug.replace("_", " ")


def choice_words(choice: str, definition: FactDefinition | None = None) -> str:
    """Say a choice in the words its definition gives it, else in those of its identifier."""
    given = definition.words.get(choice) if definition else None
    return given or slug_words(choice)


def listed(words: list[str], conjunction: str = "and") -> str:
    """Join words as a sentence does: "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def value_words(value: Value, definition: FactDefinition | None = None) -> str:
    """Say a value in words, with the unit its definition gives."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            unit = definition.unit if definition else None
            return f"{plain(value)}{'' if unit == '%' else ' '}{unit}" if unit else plain(value)
        case date():
            return value.isoformat()
        case str():
            return choice_words(value, definition)


def question_words(question: Question, definition: FactDefinition) -> str:
    """Say what a leaf asks: "Clinical course is progressive or relapsing"."""
    unit = f" {definition.unit}" if definition.unit else ""
    title = definition.title
    within = f", documented within {question.within_days} days" if question.within_days else ""
    if question.is_ is not None:
        wanted = (
            ("yes" if question.is_ else "no")
            if isinstance(question.is_, bool)
            else choice_words(question.is_, definition)
        )
        return f"{title}: {wanted}{within}"
    if question.is_one_of:
        return f"{title} is {listed([choice_words(word, definition) for word in question.is_one_of], 'or')}{within}"
    if question.is_none_of:
        return f"{title} is not {listed([choice_words(word, definition) for word in question.is_none_of], 'or')}{within}"
    for name, words in (
        ("at_least", "at least"),
        ("more_than", "more than"),
        ("at_most", "at most"),
        ("less_than", "less than"),
    ):
        bound = getattr(question, name)
        if bound is not None:
            return f"{title}: {words} {plain(bound)}{unit}{within}"
    raise AssertionError(f"question about {question.fact} compares nothing")
