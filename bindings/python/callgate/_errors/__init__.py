"""Errors of C as exceptions, and exceptions as errors of C."""
