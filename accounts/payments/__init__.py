"""Paying: orders, what gateways say was paid, receipts. One payment gives exactly one entitlement."""
