"""Wins: what a team hears when a deal is won, once, where its size says, and corrected where it stood."""
