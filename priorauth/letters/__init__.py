"""Letters: every factual sentence is bound to the chart entries or publications that witness it."""
