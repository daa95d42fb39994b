"""Mails that wait to be sent: a row is written with what caused it, and sent later by worker or sweep."""
