"""Sentences and their witnesses: no evidence, no sentence.

A template writes ``{% call claim(fact("course_pattern")) %}…{% endcall %}``. The sentence is printed only when
every piece of evidence handed to ``claim`` is documented; it is recorded with its sources, and the reference
to the exhibit page is printed behind it. ``cite`` does the same for publications.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from markupsafe import Markup, escape

from priorauth.facts.resolution import Value
from priorauth.rendering.filters import longdate, quoted, shortdate
from schemas.assessment import CitedFact
from schemas.base import DocumentId
from schemas.letter import Claim, Witness
from schemas.publication import Publication


WORD = re.compile(r"[^\W_]+")
_EMPTY_WORDS = frozenset(
    {"a", "an", "and", "are", "by", "in", "is", "made", "me", "of", "on", "or", "the", "was", "were"}
)
NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?")
_TEMPLATE_SPACE = re.compile(r"[ \t\r\n]+")
_ELECTRONIC = "FHIR "
_PAGE = r'<(?:a|span) class="source"[^>]*>[^<]*</(?:a|span)>'
_SAME_SOURCE = re.compile(
    rf" (?P<source>{_PAGE}(?: {_PAGE})*)"
    r'(?=\s*<data value="\d+">(?:(?!</?data)[\s\S])*</data> (?P=source))'
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something the record documents, ready to be put into a sentence. ``value`` is typed, ``words`` printable."""

    value: Value
    words: str
    facts: tuple[CitedFact, ...]

    @property
    def on(self) -> date:
        """The day of the newest entry behind it; every usable entry is dated."""
        days = [fact.dated for fact in self.facts if fact.dated is not None]
        if not days:
            raise ValueError(f"the evidence '{self.words}' has no dated entry behind it")
        return max(days)

    @property
    def note(self) -> str:
        """The record's own wording in quotation marks, without its last period; empty where it has none."""
        return next((quoted(fact.note) for fact in self.facts if fact.note), "")

    def beyond(self, words: str) -> str:
        """The note in parentheses, where it says more than the words of the sentence; else nothing."""
        said = {*WORD.findall(words.lower()), *_EMPTY_WORDS}
        note = self.note
        return f" ({note})" if set(WORD.findall(note.lower())) - said else ""

    @property
    def number(self) -> Decimal:
        """The value as a number; a template that asks this of another kind of fact is wrong."""
        if not isinstance(self.value, Decimal):
            raise TypeError(f"the evidence '{self.words}' is no number")
        return self.value

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Missing:
    """Something the record does not document. It is false in a template, and no sentence can be made of it."""

    why: str

    def __bool__(self) -> bool:
        return False


Ground = Evidence | Missing

ExhibitPage = tuple[str, int]
"""Label of an exhibit, and page within it."""


@dataclass
class ClaimBook:
    """Collects the sentences of one letter while its template is rendered.

    ``parts`` says which exhibit pages lie in another part of the packet than the letter.
    """

    exhibits: Mapping[DocumentId, str]
    publications: Mapping[str, Publication]
    parts: Mapping[ExhibitPage, int] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)
    references: list[Publication] = field(default_factory=list)

    def claim(
        self, *grounds: Ground, caller: Callable[[], Markup], show_source: bool = True, about: str = ""
    ) -> Markup:
        """Print a sentence if all of its grounds are documented; otherwise note what was missing and print nothing.

        In a table ``about`` is the head of the row, without which "no" says nothing.
        """
        # A conclusion without an entry behind it, such as "no block" from an empty table, witnesses nothing.
        missing = [
            ground.why if isinstance(ground, Missing) else f"nothing in the record witnesses '{ground.words}'"
            for ground in grounds
            if isinstance(ground, Missing) or not ground.facts
        ]
        if missing or not grounds:
            self.omitted += missing
            return Markup()
        facts = tuple(
            dict.fromkeys(fact for ground in grounds if isinstance(ground, Evidence) for fact in ground.facts)
        )
        return self._sentence(
            caller(),
            tuple(self._witness(fact) for fact in facts),
            self.sources(facts) if show_source else Markup(),
            about,
        )

    def row(self, ground: Ground, cells: Sequence[str]) -> Markup:
        """Record a table row, which prints itself, as a sentence; nothing of it is printed here."""
        if isinstance(ground, Evidence):
            words = escape(" ".join(cell for cell in cells if cell))
            self._sentence(words, tuple(self._witness(fact) for fact in ground.facts), Markup())
        return Markup()

    def claim_row(self, facts: Sequence[CitedFact], reason: str, about: str = "") -> Markup:
        """Print a finding of the criteria table with the pages it rests on."""
        return self._sentence(
            escape(reason), tuple(self._witness(fact) for fact in facts), self.sources(facts), about
        )

    def cite(self, *publication_ids: str, caller: Callable[[], Markup]) -> Markup:
        """Print a sentence about published evidence, with the numbers of its references."""
        numbers = []
        for publication_id in publication_ids:
            publication = self.publications[publication_id]
            if not publication.printable_identifiers():
                raise ValueError(
                    f"{publication_id} has no verified identifier, so that a letter may not cite it"
                )
            if publication not in self.references:
                self.references.append(publication)
            numbers.append(str(self.references.index(publication) + 1))
        witnesses = tuple(Witness(publication=publication_id) for publication_id in publication_ids)
        return self._sentence(caller(), witnesses, Markup("<sup>{}</sup>").format(",".join(numbers)))

    def sources(self, facts: Sequence[CitedFact]) -> Markup:
        """Print the exhibit pages of some facts: "[Ex. B p. 3; Ex. C p. 1]"; what has no exhibit prints as its recorder."""
        references = list(dict.fromkeys(self._reference(fact) for fact in facts))
        printed = Markup()
        for number, (words, address) in enumerate(references, start=1):
            # Brackets and semicolons belong to the links: between them they would be boxes of their own.
            marked = f"{'[' if number == 1 else ''}{words}{']' if number == len(references) else ';'}"
            printed += Markup(" ") + (
                Markup('<a class="source" href="{}">{}</a>').format(address, marked)
                if address
                else Markup('<span class="source">{}</span>').format(marked)
            )
        return printed

    @staticmethod
    def grouped(html: str) -> str:
        """Print a reference once, after the last of several sentences in a row that rest on the same pages."""
        return _SAME_SOURCE.sub("", html)

    def _reference(self, fact: CitedFact) -> tuple[str, str]:
        """Return what a reference says and where it leads; nowhere where the record has no page."""
        label = self.exhibits.get(fact.source.document) if fact.source.document else None
        if label is None:
            return _recorder(fact), ""
        page = fact.source.page
        words = f"Ex. {label} p. {page}" if page else f"Ex. {label}"
        if (label, page or 1) in self.parts:
            words = f"Part {self.parts[label, page or 1]}, {words}"
        return words.replace(" ", "\N{NO-BREAK SPACE}"), f"exhibit:{label}/{page or 1}"

    def _witness(self, fact: CitedFact) -> Witness:
        label = self.exhibits.get(fact.source.document) if fact.source.document else None
        return Witness(fact=fact, exhibit=label)

    def _sentence(
        self, words: Markup, witnesses: tuple[Witness, ...], reference: Markup, about: str = ""
    ) -> Markup:
        # Words come out of the autoescaping template; only the white space of the template is folded.
        text = Markup(_TEMPLATE_SPACE.sub(" ", words).strip(" "))  # noqa: S704
        number = len(self.claims) + 1
        plain = text.striptags()
        self.claims.append(
            Claim(
                number=number, about=about, text=plain, values=_printed(plain, witnesses), witnesses=witnesses
            )
        )
        return Markup('<data value="{}">{}</data>{} ').format(number, text, reference)


def _recorder(fact: CitedFact) -> str:
    name, resource, _ = (fact.source.recorded_by or "record on file").partition(_ELECTRONIC)
    name = name.removesuffix(" (")
    if not resource or name:
        return name
    return f"electronic record, {shortdate(fact.dated)}" if fact.dated else "electronic record"


def _printed(sentence: str, witnesses: tuple[Witness, ...]) -> tuple[str, ...]:
    facts = [witness.fact for witness in witnesses if witness.fact]
    written = dict.fromkeys(form for fact in facts for form in forms_of(fact))
    return tuple(form for form in written if form in sentence)


def forms_of(fact: CitedFact) -> list[str]:
    """Return the forms in which a letter may print a fact: its value, its number alone, its date short or long."""
    forms = [fact.value, *NUMBER.findall(fact.value)]
    if fact.dated is not None:
        forms += [shortdate(fact.dated), longdate(fact.dated)]
    # The text of a sentence has no spaces that keep words together.
    return [" ".join(form.split()) for form in forms]
