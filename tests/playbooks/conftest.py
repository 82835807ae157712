"""What tests of playbooks share: devices to try them on."""
