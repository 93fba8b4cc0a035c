# SPDX-License-Identifier: Apache-2.0
"""Instruments: driver bases, mocks, locks, identity, and what records their traffic."""
