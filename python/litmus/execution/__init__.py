# SPDX-License-Identifier: Apache-2.0
"""What test frameworks share: verdicts and the errors that carry them."""
