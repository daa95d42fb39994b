// How long each question is looked at: while the page is visible and the person may answer.

const DAY = 86400000;
// A computer that slept counts for no more than a few ticks.
const MOST = 2000;

/**
 * Makes the count. It is kept in `view.looked` (milliseconds by position), so that a reload goes on from there: what
 * changes no answer is sent with the end only. `inSight()` returns the position that may be answered, or nothing.
 */
export function makeLooks(view, inSight) {
  const looked = view.looked ??= [];
  let counted = performance.now();
  const of = (position) => Math.round(looked[position] ?? 0);
  const looks = {
    /** The milliseconds of one question. */
    of,
    /** Adds the time since the last call to the question in sight. */
    count() {
      const passed = Math.min(MOST, performance.now() - counted);
      counted = performance.now();
      const position = document.visibilityState === 'visible' && inSight();
      if (position) looked[position] = Math.min(DAY, (looked[position] ?? 0) + passed);
    },
    /** Forgets the time since the last call: away counts for nothing. */
    pause() {
      counted = performance.now();
    },
    /** Takes over what another page counted, where it is more. */
    raise(times) {
      for (const [position, ms] of Object.entries(times)) looked[position] = Math.max(ms, looked[position] ?? 0);
    },
    /** All of them, in order; null for a question that was not seen. */
    all(total) {
      looks.count();
      return Array.from({ length: total }, (none, index) => (looked[index + 1] == null ? null : of(index + 1)));
    },
  };
  return looks;
}
