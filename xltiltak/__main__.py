"""The console script. `--version` answers before anything is imported that it does not need."""

import sys


def main() -> int:
    """Run the command line and return its exit code (`cli.main` lists them)."""
    if sys.argv[1:] == ["--version"] and sys.stdout:
        from xltiltak import __version__

        sys.stdout.write(f"xltiltak {__version__}\n")
        return 0
    from xltiltak.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
