"""Synthetic referrals: one YAML source each, from which case file and record documents are both written.

A value is stated once, in the text or table of the page that documents it. The page prints it and the chart of
the case cites it, so that a sample can never claim what its record does not say. ``python -m twin.records
examples/referrals`` writes everything anew.
"""
