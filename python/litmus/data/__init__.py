# SPDX-License-Identifier: Apache-2.0
"""Events, runs and their values: the data that Litmus records and reads."""
