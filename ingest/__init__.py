"""Files in, articles and passages out.

``pipeline`` takes files into the store, ``document`` one file into a document; both read like a
table of contents. The stages stand beside them (``layout``, ``repair``, ``articles``,
``metadata``, ``passages``), their parts in rooms: ``readers`` (a format each), ``page`` (what
stands where), ``repairs``, ``parting`` (articles told by their text), ``description`` (number,
dates, names, validity). Around them: ``workers`` (processes under limits), ``watching``
(folders), ``intake`` (uploads to live documents), ``pictures`` (pages drawn) and ``desk`` (the
office's web page).
"""
