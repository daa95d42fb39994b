// What surrounds the sender in the model: a clock that stands still, a network that obeys, a browser, and a
// server that follows the rules of the answer log. Nothing here waits for real time.

/** Returns numbers from 0 to 1 that a seed decides (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();
/** Resolves when every microtask that was due has run. */
const settled = () => new Promise((resolve) => {
  waiting.push(resolve);
  channel.port2.postMessage(null);
});

export class Clock {
  now = 1000;
  timers = [];
  #count = 0;

  set(owner, run, ms = 0) {
    this.#count += 1;
    this.timers.push({ id: this.#count, owner, run, at: this.now + Math.max(0, ms || 0) });
    return this.#count;
  }

  clear(id) {
    this.timers = this.timers.filter((timer) => timer.id !== id);
  }

  forget(owner) {
    this.timers = this.timers.filter((timer) => timer.owner !== owner);
  }

  /** Lets time pass; timers run in their order, each with all that follows at once from it. */
  async pass(ms, after) {
    const until = this.now + ms;
    await settled();
    for (;;) {
      let next = null;
      for (const timer of this.timers) if (timer.at <= until && (!next || timer.at < next.at || (timer.at === next.at && timer.id < next.id))) next = timer;
      if (!next) break;
      this.clear(next.id);
      this.now = Math.max(this.now, next.at);
      next.run();
      await settled();
      after();
    }
    this.now = until;
  }
}

const iso = (ms) => new Date(Date.UTC(2030, 0, 1) + ms).toISOString();
const problem = (status, code, more = {}) => ({ status, data: { ...more, type: 'about:blank', title: code, status, detail: code, code } });
const payload = ({ position, selected, flagged }) => JSON.stringify([position, [...selected].sort((a, b) => a - b), flagged]);

/** The server: the verdicts of `answers.save`, `take_lease`, `submit` and `expire`, and a record of them all. */
export class Server {
  static GRACE = 30000;
  state = 'running';
  leaseNo = 1;
  events = new Map();
  record = [];
  // While an older version of the site serves, it knows nothing of how sure and how long, and refuses these.
  older = false;
  wasOlder = false;

  constructor(clock, deadline) {
    this.clock = clock;
    this.deadline = deadline;
  }

  get overdue() {
    return this.state === 'running' && this.clock.now > this.deadline + Server.GRACE;
  }

  #noted(act, reply, more = {}) {
    this.record.push({ act, at: this.clock.now - this.deadline, verdict: reply.data.code ?? 'ok', ...more });
    return reply;
  }

  times() {
    return { deadline_at: iso(this.deadline), server_now: iso(this.clock.now) };
  }

  /** Returns the answers that count, by position: the highest lease and seq. */
  current() {
    const found = new Map();
    for (const event of this.events.values()) {
      const held = found.get(event.position);
      if (!held || event.lease_no > held.lease_no || (event.lease_no === held.lease_no && event.seq > held.seq)) found.set(event.position, event);
    }
    return found;
  }

  #expire() {
    if (this.overdue) this.state = 'expired';
  }

  sweep() {
    this.#expire();
    this.#noted('sweep', { data: {} });
  }

  extend(ms) {
    if (this.state !== 'running') return;
    const over = this.deadline + ms <= this.clock.now;
    this.#noted('extend', over ? problem(409, 'cannot_extend') : { data: {} }, { by: ms });
    if (over) return;
    this.deadline += ms;
    this.extended = true;
  }

  take(holder = 'browser') {
    if (this.state !== 'running' || this.overdue) {
      this.#expire();
      return this.#noted('take', problem(409, 'attempt_closed'));
    }
    this.leaseNo += 1;
    this.holder = holder;
    const answers = [...this.current().values()].sort((a, b) => a.position - b.position);
    const longest = {};
    for (const { position, seen_ms: ms } of this.events.values()) if (ms !== undefined) longest[position] = Math.max(ms, longest[position] ?? 0);
    const data = { lease: `L${this.leaseNo}`, lease_no: this.leaseNo, next_seq: 1, answers, ...this.times(), ...(!this.older && { seen_ms: longest }) };
    return this.#noted('take', { status: 200, data }, { lease: this.leaseNo });
  }

  /** The browser signs out: its lease ends, one of another device goes on. */
  release() {
    if (this.state !== 'running' || this.holder !== 'browser') return;
    this.leaseNo += 1;
    this.holder = '';
    this.#noted('release', { data: {} });
  }

  save(lease, changes) {
    const note = (reply) => this.#noted('save', reply, { lease, changes });
    const more = changes.findIndex((change) => 'confidence' in change || 'seen_ms' in change);
    if (this.older && more >= 0) {
      const name = 'confidence' in changes[more] ? 'confidence' : 'seen_ms';
      return this.#noted('save', problem(422, 'unknown_field', { pointer: `changes/${more}/${name}` }), { older: true });
    }
    const bad = changes.find(({ selected }) => selected.some((id) => id < 0));
    if (bad) return note(problem(422, 'invalid_answer', { position: bad.position }));
    const refuse = (code) => note(problem(409, code, { saved: this.current().size, deadline_at: iso(this.deadline), ended_at: null }));
    if (lease !== this.leaseNo) return refuse('lease_taken');
    if (this.state !== 'running') return refuse('attempt_closed');
    if (this.overdue) return refuse('late');
    let reused = null;
    for (const change of changes) {
      const key = `${lease}:${change.seq}`;
      const stored = this.events.get(key);
      if (!stored) this.events.set(key, { ...change, lease_no: lease });
      else if (payload(stored) !== payload(change)) reused = Math.min(reused ?? change.seq, change.seq);
    }
    if (reused !== null) return note(problem(409, 'seq_reused', { seq: reused }));
    return note({ status: 200, data: { saved_seq: Math.max(...changes.map(({ seq }) => seq)), ...this.times() } });
  }

  submit(lease, times) {
    const note = (reply) => this.#noted('submit', reply, { lease });
    if (this.older && times) return this.#noted('submit', problem(422, 'invalid', { errors: { seen_ms: ['no field'] } }), { older: true });
    this.#expire();
    if (this.state === 'running') {
      if (lease !== this.leaseNo) return note(problem(409, 'lease_taken'));
      this.state = 'submitted';
      this.looked = times ?? null;
    }
    return note({ status: 200, data: { state: this.state, receipt: 'r', ended_at: iso(Math.min(this.clock.now, this.deadline)) } });
  }

  look() {
    return { status: 200, data: { state: this.overdue ? 'expired' : this.state, lease_no: this.leaseNo, ...this.times() } };
  }
}

/** What one browser shares between its windows: storage with its events, the session, the token. */
export class Browser {
  stored = new Map();
  windows = new Set();
  signedIn = true;
  /** Somebody else is, whose exam it is not. */
  isStrange = false;
  token = 1;

  constructor(clock) {
    this.clock = clock;
  }

  #tell(source, key, newValue) {
    for (const window of this.windows) {
      if (window !== source) this.clock.set(window, () => window.hear({ key, newValue }), 1);
    }
  }

  /** Returns the localStorage that one window sees. */
  storageOf(window) {
    const act = {
      getItem: (key) => this.stored.get(key) ?? null,
      setItem: (key, value) => {
        if (window.full) throw new Error('quota');
        if (this.stored.get(key) === value) return;
        this.stored.set(key, value);
        this.#tell(window, key, value);
      },
      removeItem: (key) => {
        if (this.stored.delete(key)) this.#tell(window, key, null);
      },
    };
    return new Proxy({}, {
      get: (_, name) => act[name],
      ownKeys: () => [...this.stored.keys()],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: '' }),
    });
  }
}

const HTML = Symbol('html');
// What stands between may answer in the server's place.
export const FOREIGN = [
  { status: 200, data: HTML },
  { status: 200, data: { status: 'ok' } },
  { status: 200, data: [] },
  { status: 200, data: { code: 'attempt_closed', saved_seq: 1, status: 200 } },
  { status: 200, data: { saved_seq: 1e6 } },
  { status: 200, data: { saved_seq: 0, server_now: 'now', deadline_at: 'soon', lease: 1, lease_no: 'x', receipt: null } },
  { status: 403, data: HTML },
  { status: 401, data: {} },
  { status: 404, data: HTML },
  { status: 409, data: { code: 'attempt_closed' } },
  { status: 422, data: { code: 'blocked' } },
  { status: 502, data: HTML },
];
export const BUSY = problem(503, 'unavailable');
export const MISSING = problem(404, 'not_found');

/** Every request that is under way, each somewhere between its window and the server. */
export class Network {
  flights = [];

  constructor(clock, browser, server) {
    Object.assign(this, { clock, browser, server });
  }

  /** Returns the fetch of one window. */
  fetchOf(window) {
    return (url, options) => new Promise((resolve, reject) => {
      const flight = {
        window,
        kind: /(\w+)\/$/.exec(url)[1],
        body: options.body ? JSON.parse(options.body) : {},
        token: Number(options.headers['X-CSRFToken'] ?? 0),
        named: options.credentials !== 'omit',
        open: true,
        reply: null,
        resolve: ({ status, data }) => resolve({ status, json: async () => (data === HTML ? JSON.parse('<') : structuredClone(data)) }),
        reject: () => reject(new TypeError('network')),
      };
      window.leaving(flight);
      this.flights.push(flight);
      // The page gives up; the request itself may still arrive.
      this.clock.set(window, () => this.#giveUp(flight), options.signal.ms);
    });
  }

  #giveUp(flight) {
    if (!flight.open) return;
    flight.open = false;
    flight.lost = this.clock.now;
    flight.reject();
    if (flight.reply) this.#remove(flight);
  }

  #remove(flight) {
    this.flights = this.flights.filter((other) => other !== flight);
  }

  /** Nobody of this window waits any more. */
  hangUp(window) {
    for (const flight of this.flights) if (flight.window === window) flight.open = false;
    this.flights = this.flights.filter(({ open, reply }) => open || !reply);
  }

  #answer({ kind, body, token, named, window }) {
    const { server, browser } = this;
    const lease = Number(/^L(\d+)$/.exec(body.lease ?? '')?.[1] ?? 0);
    if (kind === 'answers') return lease ? server.save(lease, body.changes) : MISSING;
    if (!named || !browser.signedIn) return problem(401, 'not_authenticated');
    if (browser.isStrange && (kind === 'clock' || token === browser.token)) return MISSING;
    if (kind === 'clock') return server.look();
    if (token !== browser.token) return problem(403, 'csrf');
    if (kind === 'lease') return server.take();
    if (!lease) return problem(422, 'invalid');
    const before = server.state;
    const reply = server.submit(lease, body.seen_ms);
    if (before === 'running' && server.state === 'submitted') window.ends();
    return reply;
  }

  /** The request reaches the server, once more for `twice`. */
  arrive(flight, twice = false) {
    const reply = this.#answer(flight);
    flight.reply ??= reply;
    if (!flight.open && !twice) this.#remove(flight);
  }

  /** The reply reaches the page. */
  deliver(flight, reply = flight.reply) {
    this.#remove(flight);
    if (!flight.open) return;
    flight.open = false;
    flight.resolve(reply);
  }

  /** The connection breaks: the page hears so at once. A request that is `kept` somewhere still arrives later. */
  break(flight, kept = false) {
    if (flight.open) flight.reject();
    flight.open = false;
    flight.lost = this.clock.now;
    if (!kept || flight.reply) this.#remove(flight);
  }
}
