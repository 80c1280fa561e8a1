"""What is looked for, one function a rule. A rule's code stands above it; its words are in the language catalogue.

A rule is given what it is about and yields findings: of one entry (`entries`), of a returned sheet (`sheets`), of the
whole report (`changes`, `collection`), of printed figures (`figures`).
"""
