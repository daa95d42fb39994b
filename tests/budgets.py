"""How much a page may weigh, compressed, in bytes: the one table, which tests of files and of pages read."""

from typing import Final

KB: Final = 1024

# All style sheets of the site together. The admin's own is not loaded by any page of it.
STYLES: Final = 14 * KB
# Own scripts, by what they are loaded for.
SCRIPTS_OF_AN_EXAM: Final = 17 * KB  # with what shows an exam without a connection
SCRIPTS_OF_STUDY: Final = 8 * KB
SCRIPTS_OF_THE_EDITOR: Final = 8_500
SCRIPTS_ELSEWHERE: Final = 4 * KB
FACE: Final = 45 * KB
# A page with everything it loads when the browser keeps nothing yet.
COLD: Final = 110 * KB
# The review carries a whole exam with all its explanations, their tables and code. The frame of the exam page
# comes once more, for the copy that is shown without a connection.
COLD_OF: Final = {"taking": 117 * KB, "review": 152 * KB, "sheet": 120 * KB}
# A page when the browser keeps what may be kept, and the pages that carry a whole exam.
WARM: Final = 15 * KB
WARM_OF: Final = {"taking": 45 * KB, "review": 85 * KB, "sheet": 40 * KB}
# The picture beside a link is asked for by other sites only, which give up on large ones.
PREVIEW: Final = 300 * KB
