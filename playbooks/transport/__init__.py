"""What carries commands to a device, and brings back what it said."""
