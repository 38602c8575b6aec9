"""The failures that are not the fault of a record; a bad record is a value, see `shared.outcomes.DeadLettered`."""


class Unavailable(Exception):
    """The other side is not there, or not now: wait and try again. The text says who, where and what it answered."""


class NotLetIn(Unavailable):
    """The other side does not take our credentials. They may be changing this moment, so a service says so and goes on asking."""


class Misconfigured(Exception):
    """An operator must change something before this can work: the process ends with exit code 78 (sysexits EX_CONFIG)."""


class TooManyDeadLetters(Exception):
    """More records fail than a stream of good ones explains: the process ends, exit code 70, rather than drain its topic."""
