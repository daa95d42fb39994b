// Journal, lease, saves and the end: what is not acknowledged is kept here, shown, and sent until deadline + 30 s.

const PATIENCE = 8000;
const GRACE = 30000;
const BATCH = 100;
// How often the page asks whether somebody is signed in again, while it asks the person to.
const PAUSE = 3000;
// How long a lease request that had no reply may still reach the server.
const STRAY = 60000;

const safely = (run, otherwise) => {
  try {
    return run();
  } catch {
    return otherwise;
  }
};

/** Keeps unsent changes: ids, flags, confidence and time, one storage key each, so that two windows overwrite nothing. */
export function openJournal(attempt) {
  const prefix = `passline:${attempt}:`;
  // Before its first lease every window counts from 0:1; its own name keeps their keys apart.
  const own = Math.random().toString(36).slice(2, 10);
  const entries = new Map();
  const read = (key) => safely(() => JSON.parse(localStorage.getItem(prefix + key)), null);
  const remove = (key) => safely(() => localStorage.removeItem(prefix + key));
  const write = (key, value) => {
    journal.durable = safely(() => localStorage.setItem(prefix + key, JSON.stringify(value)) ?? true, false) && journal.durable;
  };
  const journal = {
    /** False from the first write on that this browser refused. */
    durable: true,
    /** What only this browser knows: place, struck options, hidden clock, keys. */
    view: { struck: {}, ...read('view') },
    keepView() {
      write('view', journal.view);
    },
    /** Tells other windows that this one writes now. The server decides; this spares them a refusal. */
    claim: (lease) => write('lease', lease),
    /** Reads what an earlier page or another window left unsent, also by the keys without a window's name. */
    load() {
      for (const full of safely(() => Object.keys(localStorage), [])) {
        const key = full.startsWith(prefix) && full.slice(prefix.length);
        const [, lease, seq] = /^(\d+):(\d+)(?::\w+)?$/.exec(key) ?? [];
        const kept = lease && !entries.has(key) && read(key);
        if (kept) entries.set(key, { key, lease: +lease, seq: +seq, position: kept[0], selected: kept[1], flagged: !!kept[2], made: kept[3] ?? 0, confidence: kept[4], seenMs: kept[5] });
      }
    },
    all: () => [...entries.values()].sort((a, b) => a.lease - b.lease || a.seq - b.seq),
    waiting: () => journal.all().filter((entry) => !entry.refused),
    add(entry) {
      const key = `${entry.lease}:${entry.seq}:${own}`;
      entries.set(key, { ...entry, key });
      write(key, [entry.position, entry.selected, +entry.flagged, entry.made, entry.confidence, entry.seenMs]);
    },
    drop({ key }) {
      entries.delete(key);
      remove(key);
    },
    /** Gives an entry the number of a new lease; at no moment is it in neither place. */
    renumber(entry, lease, seq) {
      journal.add({ ...entry, refused: false, lease, seq });
      journal.drop(entry);
    },
    /** Forgets what this window knows. What another window keeps and this one never read stays. */
    wipe() {
      [...entries.keys(), 'view', 'lease'].forEach(remove);
      entries.clear();
    },
  };
  addEventListener('storage', ({ key, newValue }) => {
    if (!key?.startsWith(prefix)) return;
    const part = key.slice(prefix.length);
    if (part === 'lease') journal.onLease(+newValue);
    else if (newValue === null && entries.delete(part)) journal.onLost();
  });
  journal.keepView();
  return journal;
}

/** Milliseconds by which changes of several windows are put in order. They decide nothing else. */
export const now = () => performance.timeOrigin + performance.now();

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads a cookie at the moment of use: a sign-in elsewhere changes the token. */
export const cookie = (name) => document.cookie.split('; ').find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';

const SILENCE = { status: 0, data: {} };
const LEASELESS = { status: 0, data: { code: 'no_lease' } };

/** Fetches JSON, never longer than 8 s. Status 0 stands for no reply. */
export async function ask(url, options = {}, headers = {}) {
  try {
    const reply = await fetch(url, {
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
      headers: { Accept: 'application/json', ...headers },
      ...options,
    });
    return { status: reply.status, data: await reply.json().catch(() => null) ?? {} };
  } catch {
    return SILENCE;
  }
}

/**
 * Asks our API. Between it and the page stand proxies, filters and portals that answer in its place, so a
 * refusal counts only as a problem of ours, with its code and its own status, and a 200 has none; anything else
 * is no reply.
 */
async function call(url, options, headers) {
  const reply = await ask(url, options, headers);
  const { status, data } = reply;
  const isOurs = status === 200 ? !data.code : data.code && data.status === status;
  return isOurs ? reply : SILENCE;
}

/** Posts JSON. Without `csrf` nothing that names the person is sent along. */
function post(url, body, csrf, keepalive = false) {
  const options = { method: 'POST', body: JSON.stringify(body), credentials: csrf ? 'same-origin' : 'omit', redirect: 'error', keepalive };
  return call(url, options, { 'Content-Type': 'application/json', ...(csrf && { 'X-CSRFToken': cookie(csrf) }) });
}

// A 200 acknowledges only by a body that says so for what was sent: see `call` for who else may answer.
const { isInteger } = Number;
const isSaved = ({ status, data }, sent) => status === 200 && data.saved_seq === sent.at(-1).seq;
const isLease = ({ status, data }) => status === 200 && typeof data.lease === 'string' && isInteger(data.lease_no) && Array.isArray(data.answers);
const isClock = ({ status, data }) => status === 200 && isInteger(data.lease_no);
const isReceipt = ({ status, data }) => status === 200 && typeof data.receipt === 'string';
const isSignedOut = ({ status }) => status === 401 || status === 403;
// Nobody's exam is deleted while it runs: who asks is somebody else.
const isAbsent = ({ data }) => data.code === 'not_found';

const bare = ({ seq, position, selected, flagged }) => ({ seq, position, selected, flagged });
// What is unknown is left out: `undefined` does not come through JSON, and `null` no field takes.
const line = (entry) => ({ ...bare(entry), confidence: entry.confidence ?? undefined, seen_ms: entry.seenMs ?? undefined });
// A server that does not know how sure and how long, or not these, is asked once more without: answers go first.
const isAboutMore = ({ status, data }) => status === 422 && /confidence|seen_ms/.test(JSON.stringify([data.pointer, data.errors]));
const same = (a, b) => a.flagged === b.flagged && `${[...a.selected].sort()}` === `${[...b.selected].sort()}`;

/**
 * Makes the sender. `on` hears: held(answers, times by position), applied(entry), settled(), taken(), state(),
 * ended(data), where `data.aside` says that another window wrote; stranger() when somebody else is signed in;
 * choose(pairs) resolves with the positions to keep, or null for undecided; signIn() asks to sign in, each time
 * that nobody is, and resolves when it was done here; signedIn() when somebody is, here or in another tab;
 * times() returns the milliseconds of each question, null for none.
 */
export function makeSender({ api, csrf, journal, clock, on }) {
  const sender = { number: 0, stopped: '', failures: 0 };
  let lease = '';
  let seq = 1;
  let busy = null;
  let leasing = null;
  let single = false;
  let timer = 0;
  let last = null;
  let strayed = 0;
  let admitted = false;
  let signing = null;

  journal.load();

  const stop = (why, data = {}) => {
    const aside = sender.stopped === 'taken';
    sender.stopped = why;
    clearTimeout(timer);
    if (why === 'taken') on.taken();
    else on.ended({ ...data, aside });
  };
  /** Tries again after 1 to 15 s, as long as the server could still accept it. */
  const again = (run) => {
    if (clock.left() < -GRACE) return stop('late');
    sender.failures += 1;
    clearTimeout(timer);
    timer = setTimeout(run, Math.min(15000, 1000 * 2 ** (sender.failures - 1)) * (0.75 + Math.random() / 2));
    return on.state();
  };
  const batch = (most) => journal.waiting().filter((entry) => entry.lease === sender.number).slice(0, most);
  const save = (entries, shape = line, keepalive = false) => post(`${api}answers/`, { lease, changes: entries.map(shape) }, '', keepalive);
  /** Ends the time of a lease. What is still under way belongs to it, and holds up nothing that follows. */
  const hold = (next) => {
    lease = next;
    busy = null;
    last = null;
  };

  /** Takes back what nobody else has. */
  function retake() {
    hold('');
    return take();
  }

  /** Asks the person to sign in, and the server whether somebody did. Returns whether nothing else came meanwhile. */
  async function askToSignIn() {
    const { stopped, number } = sender;
    const isWaiting = () => sender.stopped === stopped && sender.number === number;
    for (let reply = SILENCE; isWaiting() && !isClock(reply) && !isAbsent(reply);) {
      await Promise.race([on.signIn(), sleep(PAUSE)]);
      if (clock.left() < -GRACE) stop('late');
      else reply = await call(`${api}clock/`);
    }
    signing = null;
    on.signedIn();
    return isWaiting();
  }

  const signIn = () => signing ??= askToSignIn();
  const takeSignedIn = async () => await signIn() && take();

  /** Asks a page that needs a session: signing out in another tab takes the lease away too, and nobody has it then. */
  async function askWho() {
    const mine = lease;
    hold('');
    let reply = SILENCE;
    let strange = false;
    for (let wait = 1000; !sender.stopped && !isSignedOut(reply) && !isClock(reply); wait = Math.min(15000, 2 * wait)) {
      if (wait > 1000) await sleep(wait * (0.75 + Math.random() / 2));
      if (clock.left() < -GRACE) stop('late');
      reply = await call(`${api}clock/`);
      if (isAbsent(reply) && !sender.stopped) {
        strange = true;
        on.stranger();
      }
    }
    leasing = null;
    if (sender.stopped) return undefined;
    if (isSignedOut(reply)) return takeSignedIn();
    if (strange) return retake();
    lease = mine;
    return reply.data.state === 'running' ? stop('taken') : stop('attempt_closed', reply.data);
  }

  /**
   * Another page writes now, or a lease request of ours that seemed lost reached the server late and counted
   * the lease up, or the person signed out elsewhere: then it is taken once more. Resolves when that is known.
   */
  function displaced() {
    // Once only: if it was another page after all, the person decides from here on.
    const back = admitted;
    admitted = false;
    if (back) return retake();
    if (!strayed) return leasing ??= askWho();
    strayed = 0;
    return retake();
  }

  function judge({ status, data }, sent) {
    const { code } = data;
    if (code === 'lease_taken') displaced();
    else if (code === 'attempt_closed' || code === 'late') stop(code, data);
    else if (code === 'not_found') {
      hold('');
      again(take);
    } else if (sent.length && (status === 422 || status === 413 || code === 'seq_reused')) {
      // Sent one by one, the bad change shows itself and holds up no other.
      if (sent.length === 1) sent[0].refused = true;
      single = sent.length > 1;
      pump();
    } else if (sent.length) again(pump);
  }

  /** The server has just said that this page writes: what seemed lost long before cannot arrive any more. */
  function confirmed(data) {
    clock.sync(data);
    sender.failures = 0;
    admitted = false;
    if (now() - strayed > STRAY) strayed = 0;
  }

  function accept({ data }, sent) {
    confirmed(data);
    last = sent.at(-1);
    pump();
  }

  async function send(sent) {
    const by = lease;
    let reply = await save(sent);
    if (isAboutMore(reply) && by === lease) reply = await save(sent, bare);
    // A reply speaks of the lease that it was sent under. When another one was taken meanwhile, its refusal
    // concerns nobody any more; its acknowledgment still says that these are stored, but to send one of them
    // again under the new lease would make an older answer the newest.
    const current = by === lease;
    if (current) busy = null;
    if (isSaved(reply, sent)) {
      const isOutdated = (old) => old.refused && sent.some(({ position, made }) => position === old.position && made > old.made);
      [...sent, ...journal.all().filter(isOutdated)].forEach(journal.drop);
      if (current) accept(reply, sent);
    } else if (current) judge(reply, sent);
    on.state();
  }

  /** Sends the next batch. One request at a time: a lost reply would else leave open which change came last. */
  function pump() {
    if (busy || !lease || sender.stopped) return busy;
    clearTimeout(timer);
    const next = batch(single ? 1 : BATCH);
    if (next.length) busy = send(next);
    else single = false;
    return busy;
  }

  /** Sorts what earlier leases left unsent: stored already, equal, still to send, or to be asked about. */
  async function settle(answers) {
    const held = new Map(answers.map((answer) => [answer.position, answer]));
    const renewed = new Map();
    const asked = new Map();
    const renew = (entry) => {
      on.applied(entry);
      renewed.set(entry.position, entry);
      journal.renumber(entry, sender.number, seq++);
    };
    // The latest choice of a question counts, in whichever window it was made, so it is numbered last.
    // Entries of a newer lease than ours belong to a window that took it while our reply was on its way.
    for (const entry of journal.all().sort((a, b) => a.made - b.made)) {
      if (entry.lease > sender.number) continue;
      const stored = held.get(entry.position);
      // A question that nobody answered under a later lease is in no conflict, however many leases came between.
      const isOlder = stored?.lease_no > entry.lease;
      if (stored?.lease_no === entry.lease && stored.seq >= entry.seq) journal.drop(entry);
      else if (!isOlder || (entry.here && !entry.lease)) renew(entry);
      else asked.set(entry.position, [...asked.get(entry.position) ?? [], entry]);
    }
    const pairs = [];
    for (const entries of asked.values()) {
      const mine = entries.at(-1);
      const theirs = renewed.get(mine.position) ?? held.get(mine.position);
      if (same(mine, theirs)) entries.forEach(journal.drop);
      else pairs.push({ mine, theirs, entries });
    }
    const keep = pairs.length && await on.choose(pairs);
    if (!keep) return;
    for (const { mine, entries } of pairs) {
      if (keep.has(mine.position)) renew(mine);
      // Not before: another window may be settling the same ones, and leave them to this window.
      entries.forEach(journal.drop);
    }
  }

  async function begin(data) {
    clock.sync(data);
    Object.assign(sender, { failures: 0, stopped: '', number: data.lease_no });
    seq = data.next_seq;
    journal.claim(sender.number);
    journal.load();
    on.held(data.answers, data.seen_ms ?? {});
    hold(data.lease);
    await settle(data.answers);
    if (lease && !sender.stopped) on.settled();
  }

  /** Posts once more when the token was too old: the refusal brought a fresh one, or somebody signed in. */
  async function request(path, body) {
    const send = () => post(api + path, body, csrf);
    const first = await send();
    return isSignedOut(first) ? send() : first;
  }

  async function takeOnce() {
    let reply = SILENCE;
    try {
      reply = await request('lease/', {});
      if (isLease(reply)) await begin(reply.data);
    } finally {
      // Whatever happened, the next try must be possible.
      leasing = null;
    }
    const { code } = reply.data;
    // While the person was asked, this lease may have been lost as well.
    if (isLease(reply)) return lease ? pump() : take();
    if (isSignedOut(reply)) return takeSignedIn();
    if (code === 'attempt_closed') return stop(code, reply.data);
    if (isAbsent(reply)) on.stranger();
    else strayed = now();
    return again(take);
  }

  /** Takes the right to write. The newest page writes; an older one goes read-only. */
  function take() {
    clearTimeout(timer);
    leasing ??= takeOnce();
    return leasing;
  }

  /** Asks whether this page still writes, and the time, where nothing is to be sent. */
  async function check() {
    const by = lease;
    const sent = last && [last];
    // A replay changes nothing, needs no session, and its reply tells both.
    const reply = await (sent ? save(sent, bare) : call(`${api}clock/`));
    if (by !== lease) return;
    const { data } = reply;
    const running = data.state === 'running';
    if (sent ? isSaved(reply, sent) : isClock(reply) && running && data.lease_no === sender.number) confirmed(data);
    else if (sent) judge(reply, []);
    else if (isClock(reply) && running) displaced();
    else if (isClock(reply)) stop('attempt_closed', data);
  }

  /** Asks whether the exam still runs, where another window writes. */
  async function look() {
    const reply = await call(`${api}clock/`);
    if (sender.stopped !== 'taken' || !isClock(reply)) return;
    if (reply.data.state === 'running') clock.sync(reply.data);
    else stop('attempt_closed', reply.data);
  }

  return Object.assign(sender, {
    take,
    signIn,
    displaced,
    /** Counts on after the last lease of this browser, in a page that cannot take one: no other window wrote since. */
    resume(number) {
      sender.number = number;
      seq = 1e9;
    },
    /** `more` is what is known of `confidence` (1 to 3) and `seenMs`. */
    change(position, selected, flagged, more = {}) {
      journal.add({ lease: sender.number, seq: seq++, position, selected, flagged, ...more, made: now(), here: true });
      pump();
      on.state();
    },
    /** Sends at once what waits, or asks the time: after sleep, a lost network, a hidden tab. */
    async wake() {
      if (sender.stopped === 'taken') await look();
      if (sender.stopped || busy) return;
      if (!lease) take();
      else if (!pump()) await check();
    },
    /** Waits until this page may write and nothing is unsent, unless `anyway`, at most so long. Returns whether that is so. */
    async flush(ms, anyway = false) {
      const until = now() + ms;
      const clean = () => lease && (anyway || !journal.waiting().length);
      while (!clean() && !sender.stopped && now() < until) {
        await Promise.race([lease ? pump() ?? sleep(200) : take(), sleep(1000)]);
        if (sender.failures) await sleep(1000);
      }
      return !!clean();
    },
    async submit() {
      const by = lease;
      if (!by) return LEASELESS;
      let reply = await request('submit/', { lease, seen_ms: on.times() });
      if (isAboutMore(reply) && by === lease) reply = await request('submit/', { lease });
      if (isSignedOut(reply)) admitted = true;
      if (isAbsent(reply) && by === lease) {
        // Somebody else is signed in, or the server does not know the lease any more.
        retake();
        return LEASELESS;
      }
      // The refusal of an older lease says nothing about the one that this page holds now.
      return by === lease || isReceipt(reply) || reply.data.code === 'attempt_closed' ? reply : SILENCE;
    },
    /** Waits until the server answers, and says each time that it did not. Returns how the attempt stands, if told. */
    async reach(silent) {
      for (let wait = 1000; ; wait = Math.min(5000, 2 * wait)) {
        const reply = await call(`${api}clock/`);
        if (isClock(reply) || reply.data.code) return reply.data.state;
        silent();
        await sleep(wait * (0.75 + Math.random() / 2));
      }
    },
    /** A last try while the page goes away; what it does not hear acknowledged stays in the journal. */
    farewell() {
      const sent = batch(BATCH);
      if (lease && sent.length && !sender.stopped) save(sent, line, true).then((reply) => isSaved(reply, sent) && sent.forEach(journal.drop));
    },
    /** Another window says that it writes now. */
    heard(number) {
      if (sender.number && number > sender.number && !sender.stopped) stop('taken');
    },
  });
}

// --- The end: by the person's will, which may be taken back until the request has left, and by the clock
/** Makes the submission. `on` hears: flushing(), unsent(), sent(), noReply(), refused(data), elsewhere(), done(). */
export function makeSubmission({ sender, clock, on }) {
  // '': nothing is asked. 'flushing': answers go first, and the person may leave. 'sent': the request is on its
  // way, and may reach the server at any later moment. 'done': the server has ended the exam.
  let state = '';
  let round = 0;

  /** Asks until the server has spoken: a repeat gets the same receipt, and ends nothing twice. */
  async function deliver() {
    for (let wait = 1000; ; wait = Math.min(15000, 2 * wait)) {
      const reply = await sender.submit();
      const { code } = reply.data;
      if (isReceipt(reply) || code === 'attempt_closed') return 'done';
      if (isSignedOut(reply)) await sender.signIn();
      else if (code === 'no_lease') {
        // What left before was sent under a lease that is over: it ends nothing any more.
        if (!await sender.flush(10000, true)) return reply;
      } else if (code && reply.status < 500) return reply;
      else {
        on.noReply();
        await sleep(wait);
      }
    }
  }

  async function conclude(anyway) {
    const end = await deliver();
    if (end === 'done') {
      state = end;
      return on.done();
    }
    const taken = end.data.code === 'lease_taken';
    if (taken) await sender.displaced();
    state = '';
    if (taken && !sender.stopped) return submission.start(anyway);
    if (taken || sender.stopped) return on.elsewhere();
    return end === LEASELESS ? on.unsent() : on.refused(end.data);
  }

  const submission = {
    /** Sends what is unsent, unless `anyway`, and submits once this page may. Nothing leaves after `leave`. */
    async start(anyway = false) {
      if (state) return;
      round += 1;
      const mine = round;
      state = 'flushing';
      on.flushing();
      const clean = await sender.flush(10000, anyway);
      if (mine !== round) return;
      state = clean ? 'sent' : '';
      if (!clean) return on.unsent();
      on.sent();
      await conclude(anyway);
    },
    /** Takes it back. False once the request has left: nobody can call that one back. */
    leave() {
      if (state === 'flushing') {
        round += 1;
        state = '';
      }
      return !state;
    },
    /** Ends the exam when its time is up, unless the deadline moved. Returns whether it is over. */
    async expire() {
      submission.leave();
      await sender.wake();
      await sender.flush(28000);
      // Not everybody who started together ends in the same second.
      await sleep(Math.random() * 5000);
      await sender.wake();
      for (let tries = 0; tries < 5 && clock.left() <= 1000; tries += 1) {
        if (sender.stopped && sender.stopped !== 'taken') return true;
        const reply = await sender.submit();
        if (isReceipt(reply) || isSignedOut(reply) || reply.data.code === 'attempt_closed') return true;
        await sleep(3000);
      }
      return clock.left() <= 1000;
    },
  };
  return submission;
}
