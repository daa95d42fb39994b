"""How passwords are hashed."""

from django.contrib.auth import hashers


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: what OWASP's cheat sheet on storing passwords asks for.

    Django's own 100 MiB and eight lanes take ten times as much of a processor (190 ms), and with a few people
    who sign in at once the memory of a small server. A hash of other parameters is renewed at the next
    sign-in.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
