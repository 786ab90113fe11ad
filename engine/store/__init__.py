"""The record: takes and what belongs to them, in a database and files beside it."""
