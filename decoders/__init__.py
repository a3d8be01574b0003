"""Bytes to meaning: pure functions from an exchange to events, fields and findings."""
