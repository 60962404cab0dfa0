"""Thanks between people, each with a reason and one of the company's values."""
