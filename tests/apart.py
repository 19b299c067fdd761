"""Builds models in a process that has torch: workers that drive servers do without its 450 MB."""

from importlib import import_module


def build_apart(context, module, folder):
    """Calls the `build_...` of a module of tests, such as `tiny_checkpoint`, and gives the folder.

    `context` is multiprocessing's way to start the process.
    """
    process = context.Process(target=_build, args=(module, folder))
    process.start()
    process.join()
    assert process.exitcode == 0
    return folder


def _build(module, folder):
    getattr(import_module(f"tests.{module}"), f"build_{module}")(folder)
