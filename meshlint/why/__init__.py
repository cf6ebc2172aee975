"""`meshlint why`: the decision for one workload, or for all, with its reasons."""
