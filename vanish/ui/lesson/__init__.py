"""The guided lessons: they know the page, and the page does not know them."""
