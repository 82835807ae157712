"""The console: pages for the NOC, the village and the public."""
