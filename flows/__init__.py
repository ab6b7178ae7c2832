"""When things happen: Prefect flows, the settings, the clock, and the workbench that runs them."""

import os


# Prefect's client reads this when it is first imported and would otherwise report its use to the vendor.
os.environ.setdefault("DO_NOT_TRACK", "1")
