"""Who acts, and when, in the tests of the store."""

from datetime import UTC, datetime

from priorauth.lifecycle import Actor, Role


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANN = Actor(Role.COORDINATOR, "Ann Lee")
