"""Files out of a CRM or a spreadsheet, read into typed rows: what each column is, what looked odd, what is wrong.

`reading.read_file` is the way in. Nothing in here knows the database.
"""
