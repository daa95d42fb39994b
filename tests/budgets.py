"""How much a page may weigh, compressed, in bytes: the one table, which tests of files and of pages read."""

from typing import Final

KB: Final = 1024

# The style sheets that one page loads.
STYLES: Final = 14 * KB
# Own scripts, by what they are loaded for.
SCRIPTS_OF_AN_EXAM: Final = 16 * KB  # with what shows an exam without a connection
SCRIPTS_OF_STUDY: Final = 10 * KB
SCRIPTS_OF_THE_EDITOR: Final = 8_500
SCRIPTS_ELSEWHERE: Final = 6 * KB
# Both faces together.
FACES: Final = 60 * KB
# A page with everything it loads when the browser keeps nothing yet.
COLD: Final = 125 * KB
# The review carries a whole exam with all its explanations, their tables and code. The frame of the exam page
# comes once more, for the copy that is shown without a connection, and both faces come with it.
COLD_OF: Final = {"taking": 137 * KB, "sheet": 120 * KB}
# A page when the browser keeps what may be kept, and the pages that carry a whole exam.
WARM: Final = 15 * KB
WARM_OF: Final = {"taking": 42 * KB, "sheet": 40 * KB}
# The picture beside a link is asked for by other sites only, which give up on large ones.
PREVIEW: Final = 300 * KB
