"""The page."""

from voxcpm_space.ui.page import build_demo

__all__ = ["build_demo"]
