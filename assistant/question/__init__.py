"""What a question asks for, a step a file; ``understand`` goes through them.

``normalization`` takes a text to the form texts are written in; ``subject`` is what a question is
about, ``clauses`` which are named or asked for; what it means in its conversation, the room
``following`` says. ``kind`` names the kind of a question, ``parts`` the questions in one, ``answer_type`` the unit and the
form of an answer, ``heads`` the words that name what is asked for. ``terms`` weighs the words to look
for (``segmentation`` mends them, ``vocabulary`` lists those that mean little or the same), and
``expansion`` puts a question in the words that texts use. ``focus`` is what evidence must meet,
``versions`` which versions of a rule are wanted.
"""
