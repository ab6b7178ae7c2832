"""The one place that asks what day it is; everything below `flows` is told."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flows.settings import Settings


def today(settings: Settings) -> date:
    """The calendar day at the practice, which is not the server's day around midnight."""
    return now(settings).date()


def now(settings: Settings) -> datetime:
    return datetime.now(ZoneInfo(settings.time_zone))
