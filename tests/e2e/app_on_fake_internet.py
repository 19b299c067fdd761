"""The application, for which loopback is the open internet: tests reach no other server."""

import runpy

from voxcpm_space.reference import fetch

_is_public = fetch.is_public
fetch.is_public = lambda address: address == "127.0.0.1" or _is_public(address)
runpy.run_path("app.py", run_name="__main__")
