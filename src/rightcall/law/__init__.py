"""Law as data: read a pack, understand its expressions, reason about one person, compile for many.

``problem`` says what is wrong and where; ``value``, ``truth`` and ``days`` are what expressions work on; ``expression`` is the
tree and ``grammar`` reads it; ``vocabulary``, ``question``, ``parameter``, ``provision`` and ``pack`` are the law;
``person`` is what is known of somebody; ``reason`` judges one person and ``bulk`` many.
"""
