# SPDX-License-Identifier: Apache-2.0
"""Questions about what was recorded."""
