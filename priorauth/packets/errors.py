"""Why a document cannot be an exhibit, and why a packet cannot be made as small as asked."""


class UnusableExhibit(Exception):
    """A document that is refused. The message says why and what the coordinator can do."""


class LimitTooSmall(Exception):
    """A limit of pages or size that no way of splitting the packet keeps. The message says which and what to do."""
