"""Meetings: one-to-ones and sales meetings, single and again and again, with an agenda, minutes and their reminders."""
