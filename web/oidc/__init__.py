"""Signing in by an account that another provider keeps (OpenID Connect)."""
