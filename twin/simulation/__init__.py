"""Seeded practices and payers over years, driving the real ledger, plan and sweep decisions with simulated time.

What a notice grants is entered as the notice says; a number mistyped without contradicting anything else on record
is beyond any ledger and is not simulated.
"""
