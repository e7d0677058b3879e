"""Rightcall keeps a military call-up inside the law and looks after the people called."""

__version__ = "0.1.0"
