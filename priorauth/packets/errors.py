"""Why a document cannot be an exhibit."""


class UnusableExhibit(Exception):
    """A document that is refused. The message says why and what the coordinator can do."""
