"""Status reports of municipal measures: plain Excel forms out, one traceable appendix back.

`read`, `split`, `check`, `merge` and `publish` do what the commands do; `docs/api.md` shows them at
work. Each name is loaded when it is first used, so that importing the package costs nothing.
"""

__version__ = "0.2.0"
__all__ = [
    "Finding",
    "Report",
    "RunResult",
    "XltiltakError",
    "__version__",
    "check",
    "merge",
    "publish",
    "read",
    "split",
]

# Type checkers read it as true. Importing `typing` would take longer than all else here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from xltiltak.api import (
        Finding,
        Report,
        RunResult,
        XltiltakError,
        check,
        merge,
        publish,
        read,
        split,
    )
else:

    def __getattr__(name: str) -> object:
        """Load a public name on its first use (PEP 562). Raises AttributeError for any other."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from xltiltak import api

        globals().update(
            {public: getattr(api, public) for public in __all__ if public != "__version__"}
        )
        return globals()[name]

    def __dir__() -> list[str]:
        """Return the public names and what is loaded."""
        return sorted({*globals(), *__all__})
