"""The command line: one thin module per command."""


def main() -> int:
    return 0
