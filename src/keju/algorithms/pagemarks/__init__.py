"""What stands on every page of a paper so that a photograph of a part of it names the bag: letters, places, reading.

`letters` the eight letters of a bag, which only the holder of the key can make; `places` where codes and letters stand on
the page, in mm; `reading` finds the codes in a photograph; `photographing` makes photographs to measure that with.
"""

from keju.algorithms.pagemarks.letters import ALPHABET, LENGTH, UNKNOWN, completions, mark_of, number_of

__all__ = ["ALPHABET", "LENGTH", "UNKNOWN", "completions", "mark_of", "number_of"]
