"""How dates, numbers and lists are written. Templates format nothing themselves, and data holds no formats."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from priorauth.wording import capital


_INNER_MARKS = str.maketrans({"“": "‘", "”": "’", '"': "’"})
_NO_BREAK = "\N{NO-BREAK SPACE}"

# Diseases and scales that begin with a name keep its capital inside a sentence.
_EPONYMS = ("Guillain", "Lewis", "Miller", "Charcot", "Berg", "Hughes", "Rankin")


def longdate(day: date) -> str:
    """November 23, 2026, with the month and the day kept on one line."""
    return f"{day:%B}{_NO_BREAK}{day.day}, {day.year}"


def shortdate(day: date) -> str:
    """11/23/2026, as forms and table columns have it."""
    return f"{day:%m/%d/%Y}"


def number(value: Decimal | int) -> str:
    """Thousands separated, no trailing zeros after the point.

    A trailing zero is a known cause of tenfold dose errors ("5.0 mg" read as 50 mg); the Institute
    for Safe Medication Practices lists it among error-prone notations.
    """
    written = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def quantity(value: Decimal | int, unit: str) -> str:
    """71.4 kg: the unit never stands alone at the start of a line. Percent is set close: 54%."""
    return f"{number(value)}%" if unit == "%" else f"{number(value)}{_NO_BREAK}{unit}"


def signed(value: Decimal | int) -> str:
    """+2 or −4, with a true minus sign: a change says its direction."""
    written = number(-value if value < 0 else value)
    return written if value == 0 else f"{'+' if value > 0 else '−'}{written}"


def counted(count: Decimal | int, noun: str, plural: str | None = None) -> str:
    """1 infusion, 12 infusions."""
    return f"{number(count)}{_NO_BREAK}{noun if count == 1 else plural or noun + 's'}"


def listing(items: Iterable[str], conjunction: str = "and") -> str:
    """A, B, and C, with the serial comma of American medical writing."""
    match list(items):
        case []:
            return ""
        case [only]:
            return only
        case [first, second]:
            return f"{first} {conjunction} {second}"
        case [*others, last]:
            return f"{', '.join(others)}, {conjunction} {last}"
    raise AssertionError("a list has no, one, two or more items")


def age_on(born: date, day: date) -> int:
    """Return the age in full years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def sentence_case(words: str) -> str:
    """Let a phrase follow a colon or a verb: its first letter is small unless it begins an acronym or a name."""
    first, second = words[:1], words[1:2]
    if words.startswith(_EPONYMS):
        return words
    return first.lower() + words[1:] if second.islower() or words.startswith("A ") else words


def ndc(digits: str) -> str:
    """00944-2700-07: the billing form of eleven digits, with the hyphens that make it readable."""
    return f"{digits[:5]}-{digits[5:9]}-{digits[9:]}"


def quoted(wording: str) -> str:
    """Put words of the record into quotation marks, without their last period; their own marks become single ones."""
    inner = " ".join(wording.split()).translate(_INNER_MARKS).strip(" .")
    return f"“{inner}”" if inner else ""


def full_stop(words: str) -> str:
    """End a sentence as American printing does: the period goes inside the quotation mark."""
    return f"{words[:-1]}.”" if words.endswith("”") else f"{words}."


def without_period(words: str) -> str:
    """Drop the period at the end: the sentence that follows brings its own."""
    return words.removesuffix(".")


FILTERS = {
    "age_on": age_on,
    "sentence_case": sentence_case,
    "capital": capital,
    "ndc": ndc,
    "quoted": quoted,
    "full_stop": full_stop,
    "without_period": without_period,
    "longdate": longdate,
    "shortdate": shortdate,
    "number": number,
    "quantity": quantity,
    "signed": signed,
    "counted": counted,
    "listing": listing,
}
