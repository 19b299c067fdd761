"""The application, which may download from loopback: tests reach no other server."""

import os
import runpy

os.environ["VOXCPM_REFERENCE_HOSTS"] = "*, 127.0.0.1:*"
runpy.run_path("app.py", run_name="__main__")
