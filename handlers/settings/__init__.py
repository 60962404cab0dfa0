"""What Pacer may say to somebody unasked, in their own hands: topics, snoozes, quiet hours, leave, schedules, and why
something came."""
