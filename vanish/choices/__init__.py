"""What one can choose: one table a file, an entry a choice."""
