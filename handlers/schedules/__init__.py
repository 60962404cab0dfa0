"""When something happens again and again: rules in words, the days that they mean, and what a change of them does."""
