"""How prior authorization is done: pure domain code without clock, environment or workflow engine."""
