"""Who is where in a week, a month or a quarter."""
