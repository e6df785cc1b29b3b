"""Native code: the whole language lowered to LLVM, run in process (`engine`) or built ahead of time (`build`).

Only `engine` and `build` are doors: they say what to install where llvmlite is missing. See README.md beside this file.
"""
