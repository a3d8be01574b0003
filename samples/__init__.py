"""Recordings of real clients with what is known to be in them; the demo runs on them."""
