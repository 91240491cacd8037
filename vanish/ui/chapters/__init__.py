"""The chapters, each in its own room: its controls, page, numbers, charts and words."""
