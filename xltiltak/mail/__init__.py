"""E-mail drafts to leaders: the letter that goes with a form, and reminders.

Nothing is sent: each draft is an .eml file that a mail program opens. May import `model`,
`merging` (for the decorator of rules), `templates` (for the folder of a template, where its letters
are) and `sheets` (for the forms that are attached).

Read first: `mail_drafts.drafts_by_leader` builds the drafts, `fill_letter` and `draft_file` beside
it their text and their bytes. `reminders.reminders` finds what is missing.
"""
