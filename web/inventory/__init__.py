"""The inventory in the console: imports, exports, rows edited by hand, villages set to work."""
