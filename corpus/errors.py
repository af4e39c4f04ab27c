"""The one error that people see. Everything else is a bug and propagates."""


class UserError(Exception):
    """Something a user can fix: what happened, and what to do; a Chinese sentence each.

    Only the edges (``__main__``, panels, the API) catch it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}{hint}")
        self.message = message
        self.hint = hint


class StoreError(UserError):
    """The store's files cannot be used now: no room, no permission, busy, gone, damaged.

    Nothing that was kept is lost by it. ``status`` is what interfaces answer (HTTP), and
    ``retry_after`` the seconds after which it may be worth another try.
    """

    status = 503
    retry_after = 10.0
