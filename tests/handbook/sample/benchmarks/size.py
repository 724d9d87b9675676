"""Prints the sizes that the sample's decision compares."""


def main() -> None:
    """Print them."""
