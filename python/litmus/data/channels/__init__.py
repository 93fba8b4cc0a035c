# SPDX-License-Identifier: Apache-2.0
"""Time series: what instruments say and what tests observe."""
