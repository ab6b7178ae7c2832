"""Why a document cannot be an exhibit."""


class UnusableExhibit(Exception):  # noqa: N818  # it is the finding, not a fault of the program
    """A document that is refused. The message says why and what the coordinator can do."""
