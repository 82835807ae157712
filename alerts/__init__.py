"""The alerts floor: who must hear of what is broken, once, in words they understand."""
