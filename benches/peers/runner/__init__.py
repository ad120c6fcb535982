"""Builds, runs and compares Callgate's peers."""
