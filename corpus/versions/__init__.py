"""How documents follow one another: old versions, reprints, what amends or replaces what, what is in force."""
