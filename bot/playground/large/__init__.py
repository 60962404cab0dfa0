"""The large demo company: thirty people with a year behind them, invented and the same every time (a fixed seed)."""
