"""Libraries that serve one thread at a time take turns."""

import threading


RENDERING = threading.RLock()
"""Held while a document is laid out or read: Pango, the shared font configuration and PDFium keep global state."""
