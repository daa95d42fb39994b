// A window of the exam as the model sees it: the real sender and submission, and of the page only what it shows.

import { load } from './sources.js';
import { random } from './world.js';

const GRACE_TEXT = ['late', 'attempt_closed'];
export class Window {
  alive = true;
  shown = new Map();
  settling = true;
  locked = false;
  dialog = false;
  held = false;
  anyway = false;
  conflict = null;
  login = false;
  entered = null;
  told = false;
  gone = false;
  timeUp = false;
  full = false;
  listeners = [];

  constructor(world, seed) {
    this.world = world;
    const { clock, browser, network, server } = world;
    const fraction = random(seed);
    const { openJournal, makeSender, makeSubmission } = load({
      localStorage: browser.storageOf(this),
      addEventListener: (_type, listener) => this.listeners.push(listener),
      fetch: network.fetchOf(this),
      setTimeout: (run, ms) => clock.set(this, run, ms),
      clearTimeout: (id) => clock.clear(id),
      performance: { now: () => clock.now, timeOrigin: 0 },
      document: { get cookie() { return `theme=dark; csrf=${browser.token}`; } },
      AbortSignal: { timeout: (ms) => ({ ms }) },
      Math: Object.assign(Object.create(Math), { random: fraction, min: Math.min, max: Math.max }),
    });
    let end = server.deadline;
    let timer = 0;
    this.clock = {
      left: () => end - clock.now,
      sync: ({ server_now: now, deadline_at: deadline }) => {
        if (now && deadline) end = clock.now + Date.parse(deadline) - Date.parse(now);
        this.demand(Number.isFinite(end), 'the page believed a time that is none');
        clock.clear(timer);
        timer = clock.set(this, () => this.expire(), Math.max(0, end - clock.now));
      },
    };
    for (const [position, { selected, flagged, confidence }] of server.current()) this.shown.set(position, { selected, flagged, confidence });
    this.journal = openJournal('exam');
    this.sender = makeSender({ api: '/api/', csrf: 'csrf', journal: this.journal, clock: this.clock, on: this.#hears() });
    Object.assign(this.journal, { onLease: this.sender.heard, onLost: () => {} });
    this.submission = makeSubmission({ sender: this.sender, journal: this.journal, clock: this.clock, on: this.#submits() });
    browser.windows.add(this);
    this.clock.sync({});
    this.sender.take();
  }

  /** Notes what must not be. Nothing is thrown: the script under test would catch it. */
  demand(holds, text) {
    if (!holds) this.world.faults.push(text);
  }

  #hears() {
    return {
      held: (answers, times) => {
        this.settling = true;
        this.shown = new Map(answers.map(({ position, selected, flagged, confidence }) => [position, { selected, flagged, confidence }]));
        const { server } = this.world;
        this.demand(server.wasOlder || answers.every(({ position, seen_ms: ms }) => !ms || times[position] >= ms), 'a lease did not say how long a question was looked at');
      },
      applied: ({ position, selected, flagged, confidence }) => this.shown.set(position, { selected, flagged, confidence }),
      times: () => [this.world.clock.now, null],
      settled: () => {
        this.settling = false;
        this.locked = this.clock.left() <= 0;
      },
      taken: () => { this.locked = true; },
      choose: (pairs) => {
        this.demand(!this.world.alone, 'the only window asked which of two answers counts');
        return new Promise((resolve) => { this.conflict = { pairs, resolve }; });
      },
      signIn: () => this.signIn(),
      signedIn: () => { this.login = false; },
      stranger: () => {
        this.world.isNoticed = true;
        this.demand(this.world.wasStrange, 'the page says that another account is signed in');
      },
      ended: () => {
        const { server } = this.world;
        const over = server.state !== 'running' || server.overdue || (this.sender.stopped === 'late' && server.extended);
        this.demand(over, 'the page says that the exam is over, and the server still takes answers');
        this.ended();
      },
      state: () => {
        const refused = this.journal.all().filter((entry) => entry.refused);
        this.demand(refused.every(({ selected }) => selected.some((id) => id < 0)), 'an answer that the question allows was refused');
        this.world.ledger.shownAsRefused(refused);
      },
    };
  }

  #submits() {
    return {
      flushing: () => { this.held = false; },
      unsent: () => {
        this.anyway = this.journal.waiting().length > 0;
        this.unsent = this.journal.waiting();
        this.held = false;
      },
      sent: () => { this.held = true; },
      noReply: () => {},
      refused: () => { this.held = false; },
      elsewhere: () => { this.dialog = false; this.held = false; },
      done: () => {
        this.demand(this.world.server.state !== 'running', 'the page says that the exam has ended, and it runs');
        if (this.told) return;
        for (const entry of this.journal.all()) if (this.anyway || entry.refused) this.journal.drop(entry);
        this.ended();
      },
    };
  }

  signIn() {
    this.login = true;
    this.entered ??= Promise.withResolvers();
    return this.entered.promise;
  }

  ended() {
    this.journal.load();
    this.world.ledger.shownAsLost(this.journal.all());
    this.told = true;
    this.dialog = false;
    this.locked = true;
    if (!this.journal.all().length) this.leave();
  }

  leave() {
    this.gone = true;
    this.journal.wipe();
    this.end();
  }

  async expire() {
    if (this.timeUp || this.told || !this.alive || GRACE_TEXT.includes(this.sender.stopped)) return;
    this.timeUp = true;
    this.kept = false;
    this.locked = true;
    this.dialog = false;
    this.closeConflict(null);
    const over = await this.submission.expire();
    if (this.told || !this.alive) return;
    if (over) return this.ended();
    this.timeUp = false;
    this.locked = this.sender.stopped !== '';
    if (!this.submission.leave()) this.dialog = true;
    this.clock.sync({});
  }

  /** A request leaves this window. */
  leaving({ kind, body }) {
    if (kind !== 'submit') return;
    this.demand(body.lease, 'a submission left without a lease');
    this.demand(this.dialog || this.timeUp || this.told, 'a submission left although the person had left the dialog');
    this.out = true;
  }

  /** A request of this window has ended the exam. */
  ends() {
    this.demand(!this.kept, 'the exam was submitted although the person was allowed to keep working');
    const { server } = this.world;
    this.demand(server.looked || server.wasOlder, 'the submission did not say how long the questions were looked at');
  }

  hear(event) {
    if (this.alive) for (const listener of this.listeners) listener(event);
  }

  /** The window is closed, or crashes: nothing in it runs any more. */
  end() {
    this.alive = false;
    this.world.browser.windows.delete(this);
    this.world.clock.forget(this);
    this.world.network.hangUp(this);
  }

  get modal() {
    return this.conflict || this.login || this.told || this.timeUp || this.dialog;
  }

  click(change) {
    if (this.locked || this.modal) return false;
    for (const entry of this.journal.all()) if (entry.refused && entry.position === change.position) this.journal.drop(entry);
    const { position, selected, flagged, confidence } = change;
    this.shown.set(position, { selected, flagged, confidence });
    this.sender.change(position, selected, flagged, { confidence, seenMs: this.world.clock.now });
    return true;
  }

  pressSubmit() {
    if (this.timeUp || this.told || this.conflict || this.login) return;
    if (!this.dialog) this.anyway = false;
    if (this.anyway) this.world.ledger.givenUp(this.unsent);
    this.dialog = true;
    this.kept = false;
    this.submission.start(this.anyway);
  }

  leaveDialog() {
    if (!this.dialog || this.login) return;
    const allowed = this.submission.leave();
    this.demand(!(allowed && this.held), 'a submission under way could be left');
    if (!allowed) return;
    this.dialog = false;
    this.kept = true;
  }

  continueHere() {
    if (this.sender.stopped === 'taken' && !this.modal) this.sender.take();
  }

  closeConflict(keep) {
    if (!this.conflict) return;
    const { pairs, resolve } = this.conflict;
    this.conflict = null;
    if (keep) this.world.ledger.givenUp(pairs.filter(({ mine }) => !keep.has(mine.position)).map(({ mine }) => mine));
    resolve(keep);
  }

  enter() {
    const { browser } = this.world;
    Object.assign(browser, { signedIn: true, isStrange: false });
    browser.token += 1;
    this.world.isNoticed = false;
    this.entered?.resolve();
    this.entered = null;
  }
}
