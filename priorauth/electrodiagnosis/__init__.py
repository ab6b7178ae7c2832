"""Electrodiagnosis computed from the table of nerve conduction values, one module for each rule set."""
