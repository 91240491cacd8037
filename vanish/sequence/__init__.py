"""A recurrent network as plain data and pure functions: spec, parameters, passes, training."""
