"""What the chart says, and what can be computed from it: every fact is either known with its witnesses or unknown with a reason."""
