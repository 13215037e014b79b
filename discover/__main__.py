"""`python -m discover` is `discover`, and where both begin."""

import sys


def main() -> int:
    """Run one command and give its exit code; an interruption is one line whenever it comes, also amid imports."""
    try:
        from discover import cli

        return cli.main()
    except KeyboardInterrupt:
        print("discover: interrupted. Nothing was changed", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
