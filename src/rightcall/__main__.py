"""``python -m rightcall``."""

from rightcall.cli import main

main()
