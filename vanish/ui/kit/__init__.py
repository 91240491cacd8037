"""What every part of the page is made of; it knows no chapter."""
