"""Replays files of messages into the topics."""
