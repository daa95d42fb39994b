// Lease and saves. One request in flight, 8 s each; what fails is kept and sent again until deadline + 30 s.

const PATIENCE = 8000;
const GRACE = 30000;
const BATCH = 100;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function cookie(name) {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : '';
}

/** Posts JSON. Status 0 stands for no reply. Without `csrf` nothing that names the person is sent along. */
export async function post(url, body, { csrf, keepalive = false } = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  if (csrf) headers['X-CSRFToken'] = cookie(csrf);
  try {
    const reply = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      credentials: csrf ? 'same-origin' : 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: abort.signal,
      keepalive,
    });
    const data = await reply.json().catch(() => ({}));
    return { status: reply.status, data };
  } catch {
    return { status: 0, data: {} };
  } finally {
    clearTimeout(timer);
  }
}

async function get(url) {
  try {
    const reply = await fetch(url, { headers: { Accept: 'application/json' }, cache: 'no-store' });
    return { status: reply.status, data: await reply.json() };
  } catch {
    return { status: 0, data: {} };
  }
}

/** Logs in by the site's own form. Returns {ok, errors}. */
export async function logIn(url, fields, csrf) {
  const options = { credentials: 'same-origin', cache: 'no-store' };
  try {
    if (!cookie(csrf)) await fetch(url, options);
    const reply = await fetch(url, {
      ...options,
      method: 'POST',
      headers: { 'X-Requested-With': 'XMLHttpRequest', Accept: 'application/json', 'X-CSRFToken': cookie(csrf) },
      body: new URLSearchParams(fields),
    });
    const data = await reply.json().catch(() => ({}));
    const form = data.form ?? {};
    const errors = [...(form.errors ?? []), ...Object.values(form.fields ?? {}).flatMap((field) => field.errors ?? [])];
    return { ok: reply.ok && !errors.length, errors };
  } catch {
    return { ok: false, errors: [] };
  }
}

const same = (a, b) => a.flagged === b.flagged && String([...a.selected].sort()) === String([...b.selected].sort());

/**
 * Makes the sender. `on` is told: held(answers), applied(entry), settled(), choose(pairs) -> positions to keep,
 * signIn() -> when logged in, taken(), ended(code, data), state().
 */
export function makeSender({ api, csrf, journal, clock, on }) {
  const sender = { number: 0, stopped: '', failures: 0 };
  let lease = '';
  let seq = 0;
  let busy = null;
  let leasing = null;
  let single = false;
  let timer = 0;
  let replay = null;
  let leaving = false;

  journal.load();
  for (const entry of journal.all()) if (!entry.lease) seq = Math.max(seq, entry.seq);
  seq += 1;

  const line = ({ seq: number, position, selected, flagged }) => ({ seq: number, position, selected, flagged });
  const again = (run) => {
    sender.failures += 1;
    const wait = Math.min(15000, 1000 * 2 ** (sender.failures - 1)) * (0.75 + Math.random() / 2);
    clearTimeout(timer);
    timer = setTimeout(run, wait);
    on.state();
  };
  const stop = (why, data = {}) => {
    sender.stopped = why;
    clearTimeout(timer);
    if (why === 'taken') on.taken();
    else on.ended(why, data);
  };

  /** Judges a reply that was not 200. Returns false when the same should be tried again later. */
  function refusal(status, data, batch) {
    const { code } = data;
    if (code === 'lease_taken') stop('taken');
    else if (code === 'attempt_closed' || code === 'late') stop(code, data);
    else if (status === 404) {
      lease = '';
      again(take);
    } else if ((status === 422 || code === 'seq_reused' || status === 413) && batch.length) {
      if (batch.length === 1) batch[0].refused = true;
      single = batch.length > 1;
      pump();
    } else return false;
    return true;
  }

  async function send(batch) {
    const { status, data } = await post(`${api}answers/`, { lease, changes: batch.map(line) });
    clock.sync(data);
    busy = null;
    if (status === 200) {
      sender.failures = 0;
      batch.forEach(journal.drop);
      replay = batch.at(-1) ?? replay;
      on.state();
      pump();
    } else if (!refusal(status, data, batch)) {
      if (clock.left() < -GRACE) stop('late', {});
      else again(pump);
    } else on.state();
  }

  /** Sends what waits, if nothing is on its way. */
  function pump() {
    if (busy || !lease || sender.stopped) return busy;
    clearTimeout(timer);
    const batch = journal.waiting().filter((entry) => entry.lease === sender.number).slice(0, single ? 1 : BATCH);
    if (!batch.length) {
      single = false;
      return null;
    }
    busy = send(batch);
    on.state();
    return busy;
  }

  /** Sorts what was left unsent under earlier leases: stored, equal, still to send, or to be asked about. */
  async function settle(answers) {
    const held = new Map(answers.map((answer) => [answer.position, answer]));
    const asked = new Map();
    for (const entry of journal.all()) {
      const stored = held.get(entry.position);
      const known = stored && stored.lease_no === entry.lease && stored.seq >= entry.seq;
      if (known || entry.lease === sender.number) {
        if (known) journal.drop(entry);
      } else if ((entry.here && !entry.lease) || entry.lease + 1 === sender.number) {
        on.applied(entry);
        journal.renumber(entry, sender.number, seq++);
      } else {
        if (asked.has(entry.position)) journal.drop(asked.get(entry.position));
        asked.set(entry.position, entry);
      }
    }
    const nothing = { selected: [], flagged: false };
    const pairs = [];
    for (const mine of asked.values()) {
      const theirs = held.get(mine.position) ?? nothing;
      if (same(mine, theirs)) journal.drop(mine);
      else pairs.push({ mine, theirs });
    }
    if (!pairs.length) return;
    const keep = await on.choose(pairs);
    for (const { mine } of pairs) {
      if (keep.has(mine.position)) {
        on.applied(mine);
        journal.renumber(mine, sender.number, seq++);
      } else journal.drop(mine);
    }
  }

  async function takeOnce(retried) {
    const { status, data } = await post(`${api}lease/`, {}, { csrf });
    if (status === 200) {
      clock.sync(data);
      sender.failures = 0;
      sender.stopped = '';
      sender.number = data.lease_no;
      seq = data.next_seq;
      replay = null;
      journal.claim(sender.number);
      journal.load();
      on.held(data.answers);
      lease = data.lease;
      await settle(data.answers);
      on.settled();
      leasing = null;
      return pump();
    }
    if ((status === 401 || status === 403) && !retried) return takeOnce(true);
    leasing = null;
    if (status === 401 || status === 403) return on.signIn().then(take);
    if (status === 404 || data.code === 'attempt_closed' || data.code === 'late') return stop(data.code ?? 'attempt_closed', data);
    if (clock.left() < -GRACE) return stop('late');
    return again(take);
  }

  /** Takes the right to write. The newest page writes; an older one goes read-only. */
  function take() {
    clearTimeout(timer);
    leasing ??= takeOnce(false);
    return leasing;
  }

  Object.assign(sender, {
    take,
    pump,
    /** Journals a change, then sends it. */
    change(position, selected, flagged) {
      journal.add({ lease: sender.number, seq: seq++, position, selected, flagged, made: performance.now(), here: true });
      pump();
      on.state();
    },
    /** Tries now what waits for its turn, and sets the clock: after sleep, a lost network, a hidden tab. */
    async wake() {
      if (sender.stopped) return;
      if (!lease) return void take();
      if (busy || pump()) return;
      // A replay changes nothing, and its reply tells the time and whether this page still writes.
      const { status, data } = replay ? await post(`${api}answers/`, { lease, changes: [line(replay)] }) : await get(api);
      clock.sync(data);
      if (replay && status !== 200) refusal(status, data, []);
    },
    /** Waits until nothing is unsent, at most so many milliseconds. Returns whether that is so. */
    async flush(ms) {
      const until = performance.now() + ms;
      while (journal.waiting().length && !sender.stopped && performance.now() < until) {
        if (!lease) await Promise.race([take(), sleep(1000)]);
        await Promise.race([pump() ?? sleep(200), sleep(Math.max(0, until - performance.now()))]);
        if (sender.failures) await sleep(1000);
      }
      return !journal.waiting().length;
    },
    /** Ends the exam. Returns the reply; a session that ended is asked for once. */
    async submit() {
      let reply = await post(`${api}submit/`, { lease }, { csrf });
      if (reply.status === 403 || reply.status === 401) reply = await post(`${api}submit/`, { lease }, { csrf });
      clock.sync(reply.data);
      return reply;
    },
    /** A last try while the page goes away; the journal keeps everything that is not acknowledged. */
    farewell() {
      const batch = journal.waiting().filter((entry) => entry.lease === sender.number).slice(0, BATCH);
      if (lease && batch.length && !sender.stopped && !leaving) {
        leaving = true;
        post(`${api}answers/`, { lease, changes: batch.map(line) }, { keepalive: true }).then(({ status }) => {
          leaving = false;
          if (status === 200) batch.forEach(journal.drop);
        });
      }
    },
    /** Another window says that it writes now. */
    heard(number) {
      if (number > sender.number && sender.number && !sender.stopped) stop('taken');
    },
  });
  return sender;
}
