"""What can go wrong while a document is rendered. None of it mends itself by trying again."""


class RenderingRefused(ValueError):
    """A document that will not be rendered, with the reason and the mend.

    The message may travel into logs, so it names fields, code points and limits and never quotes
    the text of the record.
    """


class UnprintableText(RenderingRefused):
    """Text with a character that none of the bundled fonts can draw."""


class ForbiddenFetch(RenderingRefused):
    """A template or a style asked for something outside the bundle of the product."""


class TooManyPages(RenderingRefused):
    """A document longer than any letter may be."""


class RenderingStopped(RenderingRefused):
    """The rendering process was ended because it went over its time or memory."""
