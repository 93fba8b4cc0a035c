# SPDX-License-Identifier: Apache-2.0
"""Products: what a device under test is specified to do."""
