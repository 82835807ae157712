"""The words of messages, one file a language; alerts/words.py says how they are written."""
