# SPDX-License-Identifier: GPL-3.0-only
# Measures Weir and its peers in turn; the program is tests/bench/peers.
