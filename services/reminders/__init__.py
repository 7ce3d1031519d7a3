"""Reminders for people: a daily mail of what waits for a party, and a calendar of its promises."""
