"""The third reader: what a rule means of anybody, and what that proves. All but ``mutation`` needs Z3 (the extra ``check``)."""
