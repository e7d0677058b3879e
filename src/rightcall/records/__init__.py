"""Rolls and registers: read, describe, turn into columns of facts.

``cell`` reads what stands in one cell; ``sheet`` a file of columns; ``roll`` a list of people proposed for call-up, with the
rows of their lists; ``nested`` a roll of records (YAML, JSON).
"""
