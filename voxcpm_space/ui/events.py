"""How the page's own events run: no program sees them, and nothing shows that Gradio waits."""

from typing import Any

QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
AT_ONCE: dict[str, Any] = {**QUIETLY, "queue": False}
"""For what takes no time, and so no turn."""
