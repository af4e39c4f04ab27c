"""Who may do what: people and their passwords, programs and their keys, lock-out."""
