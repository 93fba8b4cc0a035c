# SPDX-License-Identifier: Apache-2.0
"""Has this package imported as it is.

pytest rewrites the assertions of every package that brings a plugin. Here that would cost a second
at each start wherever the rewritten modules cannot be kept, as in an installation of root.
"""

import sys

from _pytest.assertion.rewrite import AssertionRewritingHook

for _finder in sys.meta_path:
    if isinstance(_finder, AssertionRewritingHook):
        _finder._must_rewrite.discard("litmus")
        _finder._marked_for_rewrite_cache.clear()
