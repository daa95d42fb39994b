// The time left, by the server's clock. The computer's own clock may be wrong or moved: it is never asked.

const MILESTONES = [30, 10, 5, 1].map((minutes) => minutes * 60);
export const LOW = 300;

/** Makes a clock that starts with the seconds the page was rendered with. */
export function makeClock(seconds) {
  let end = performance.now() + seconds * 1000;
  let deadline = null;
  let before = seconds;
  const clock = {
    /** Milliseconds to the deadline; negative after it. */
    left: () => end - performance.now(),
    /** Takes deadline and server time from a reply. */
    sync({ server_now: now, deadline_at: at }) {
      if (at) deadline = Date.parse(at);
      if (now && deadline !== null) end = performance.now() + deadline - Date.parse(now);
      before = Math.max(before, clock.seconds());
    },
    seconds: () => Math.max(0, Math.ceil(clock.left() / 1000)),
    /** Returns the milestone (in seconds) that was crossed since the last call, if any. */
    crossed() {
      const now = clock.seconds();
      const found = MILESTONES.findLast((mark) => now <= mark && mark < before);
      before = now;
      return found;
    },
  };
  return clock;
}

/** Shows seconds as h:mm:ss. */
export function asClock(seconds) {
  const two = (n) => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Says seconds in words of the page's language: "1 hour, 52 minutes". */
export function asWords(seconds, language) {
  const say = (n, unit) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(n);
  const minutes = Math.floor(seconds / 60);
  if (!minutes) return say(seconds, 'second');
  const parts = [];
  if (minutes >= 60) parts.push(say(Math.floor(minutes / 60), 'hour'));
  if (minutes % 60) parts.push(say(minutes % 60, 'minute'));
  return new Intl.ListFormat(language, { type: 'unit' }).format(parts);
}
