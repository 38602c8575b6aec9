"""What is wrong with a query, and at which character."""


class QueryError(ValueError):
    """A query that cannot be read. `position` is that of a character of it, in code points from 0."""

    def __init__(self, detail: str, position: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.position = position

    def with_caret(self, q: str) -> str:
        """The query and, in a second line, a caret below the character; of a long one what stands around it."""
        start = max(0, self.position - 40)
        shown = "".join(each if each.isprintable() else " " for each in q[start : self.position + 40])
        return f"{shown}\n{' ' * (self.position - start)}^"
