"""Private parts of the libraries, one module a library: what no public way does.

Nothing else in the application touches them (ruff's SLF001 and TID251, and
tests/compat/test_boundary.py, hold that). Each function says why there is no public way, and
has a test that fails when the library changes the part.
"""
