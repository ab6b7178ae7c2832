"""The task that looks at courses as soon as their record has changed, for every flow that records something."""

from collections.abc import Sequence
from datetime import date

from flows.boundary import case_task
from flows.casework import open_casework
from flows.settings import read_settings
from flows.sweeping import look_after_changes


@case_task("look after what changed")
async def look_after_what_changed(case_ids: Sequence[str], as_of: date) -> None:
    """Keep the tasks of the courses whose record has changed."""
    look_after_changes(open_casework(read_settings()), case_ids, as_of=as_of)
