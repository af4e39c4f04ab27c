"""Drafting by quotation: which sentences and items answer, in the source's words and order.

``parts`` chooses among the ways to answer, a file each: ``facts``, ``stating`` (sentences),
``lists``, ``series``, ``short_names``, ``sections``. ``piece`` is what they all return.
"""
