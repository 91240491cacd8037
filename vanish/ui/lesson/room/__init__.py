"""A room: people who answer a lesson's questions on their own phones, and one who leads them."""
