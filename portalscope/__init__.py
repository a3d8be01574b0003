"""What does a managed device send home? Record, decode, judge and compare, with evidence."""

__version__ = "0.1.0"
