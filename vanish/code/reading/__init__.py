"""Models read from the code that makes them: parsed, followed step by step, and never run."""
