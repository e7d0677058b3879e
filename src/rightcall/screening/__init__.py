"""Evidence and law make findings: the run over a roll, its files, and the explanation of one person.

``run`` is the main job; ``summary``, ``receipt``, ``workbook`` and ``report`` are what it leaves behind; ``explanation`` is one
person in words; ``output`` writes all or nothing.
"""
