"""What a person sees with the number of his notice and the code on it: what is held about him, from where, who looked, what was decided."""
