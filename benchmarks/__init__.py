"""What mockbuild costs: ratios taken in one run, beside the least possible and beside moto.

Run ``python -m benchmarks``. The *floor* is the same boto3 call answered by a ``before-send``
handler with the same bytes: no mock that answers at the HTTP layer can cost less. Each side has a
process of its own, and they are timed in turns, so that what else the machine does meets all of
them; a ratio is the median of those of all turns. Times are the processor's.
"""
