"""What citizens report without an account: limited, moderated, matched, answered."""
