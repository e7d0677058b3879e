"""The interface for programs: the same lists, the same rows, the same acts, through the same door as the pages."""
