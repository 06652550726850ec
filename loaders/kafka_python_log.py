"""What kafka-python says only in its log: why no connection came about. To its caller that is a time-out."""

import logging


class Trouble(logging.Handler):
    """Keeps the last of it. The rest of what the library warns of is handled where it is met, and not printed."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, tuple) else ()
        for argument in arguments:
            # How an attempt ended when there was no time left for it says nothing.
            if isinstance(argument, Exception) and "out" not in str(argument):
                self.last = str(argument)

    def listen(self) -> None:
        """From here on, to a clean page. May be called again."""
        logger = logging.getLogger("kafka")
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        if self not in logger.handlers:
            logger.addHandler(self)
        self.last = ""


trouble = Trouble()
