# SPDX-License-Identifier: Apache-2.0
"""Bridges from other frameworks."""
