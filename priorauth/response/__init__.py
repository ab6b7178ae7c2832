"""Response to immunoglobulin, computed from dated measurements: baseline, best and latest on the same scale."""
