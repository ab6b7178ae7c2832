"""Random requirements over a small vocabulary, for comparison with independent ways of evaluating them."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from schemas.assessment import Status
from schemas.policy import AllOf, AnyOf, AtLeast, Not, Question, Requirement
from schemas.vocabulary import FactDefinition, FactKind


YES_NO_FACTS = tuple(f"flag_{number}" for number in range(16))
CHOICES = ("red", "green", "blue")
VOCABULARY = {
    **{fact: FactDefinition(title=fact, kind=FactKind.YES_NO, ask=fact) for fact in YES_NO_FACTS},
    "colour": FactDefinition(title="colour", kind=FactKind.CHOICE, choices=CHOICES, ask="colour"),
    "level": FactDefinition(title="level", kind=FactKind.NUMBER, ask="level"),
}
VALUES: dict[str, tuple[bool | Decimal | str, ...]] = {
    **dict.fromkeys(YES_NO_FACTS, (False, True)),
    "colour": CHOICES,
    # Both sides of, and between, every threshold that random_question uses.
    "level": tuple(Decimal(tenths) / 2 for tenths in range(1, 11)),
}


def random_question(random: Random, facts: list[str]) -> Question:
    """Ask one of the facts something it can answer."""
    fact = random.choice(facts)
    if fact == "colour":
        return random.choice(
            [
                Question(fact=fact, is_=random.choice(CHOICES)),
                Question(fact=fact, is_one_of=tuple(random.sample(CHOICES, 2))),
                Question(fact=fact, is_none_of=(random.choice(CHOICES),)),
            ]
        )
    if fact == "level":
        comparison = random.choice(["at_least", "more_than", "at_most", "less_than"])
        return Question(fact=fact, **{comparison: Decimal(random.randint(1, 4))})
    return Question(fact=fact, is_=random.random() < 0.7)


def random_requirement(random: Random, facts: list[str], depth: int = 3) -> Requirement:
    """Grow a tree whose leaves ask about ``facts``."""
    if depth == 0 or random.random() < 0.25:
        return random_question(random, facts)
    parts = tuple(random_requirement(random, facts, depth - 1) for _ in range(random.randint(2, 4)))
    match random.randrange(4):
        case 0:
            return AllOf(all_of=parts)
        case 1:
            return AnyOf(any_of=parts)
        case 2:
            return AtLeast(at_least=random.randint(1, len(parts)), of=parts)
        case _:
            return Not(not_=parts[0])


def holds(requirement: Requirement, values: dict[str, bool | Decimal | str]) -> bool:
    """Evaluate in two-valued logic, written without any of the product's code."""
    match requirement:
        case AllOf():
            return all(holds(part, values) for part in requirement.all_of)
        case AnyOf():
            return any(holds(part, values) for part in requirement.any_of)
        case AtLeast():
            return sum(holds(part, values) for part in requirement.of) >= requirement.at_least
        case Not():
            return not holds(requirement.not_, values)
    value = values[requirement.fact]
    if requirement.is_ is not None:
        return value == requirement.is_
    if requirement.is_one_of:
        return value in requirement.is_one_of
    if requirement.is_none_of:
        return value not in requirement.is_none_of
    assert isinstance(value, Decimal)
    bounds = {
        "at_least": lambda bound: value >= bound,
        "more_than": lambda bound: value > bound,
        "at_most": lambda bound: value <= bound,
        "less_than": lambda bound: value < bound,
    }
    return all(
        test(getattr(requirement, name))
        for name, test in bounds.items()
        if getattr(requirement, name) is not None
    )


def known_from(values: dict[str, bool | Decimal | str]):
    """Answer questions from the facts that are known; the others are undocumented."""

    def known(question: Question) -> Status:
        if question.fact not in values:
            return Status.UNDOCUMENTED
        return Status.MET if holds(question, values) else Status.NOT_MET

    return known
