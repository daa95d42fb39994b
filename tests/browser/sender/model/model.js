// The model: random orders of everything that people, windows, networks and other devices do, and what must hold.

import { Window } from './candidate.js';
import { Browser, BUSY, Clock, FOREIGN, MISSING, Network, random, Server } from './world.js';

const POSITIONS = 3;
const same = (a, b) => a.flagged === b.flagged && `${[...a.selected]}` === `${[...b.selected]}`;
const NOTHING = { selected: [], flagged: false };

class Broken extends Error {}
const demand = (holds, text) => {
  if (!holds) throw new Broken(text);
};

/** Every click that a person made, and what became of it. A click is known by its option: none is used twice. */
class Ledger {
  clicks = [];

  add(window, position, bad, flagged, confidence) {
    const id = this.clicks.length + 1;
    const click = { id, window, position, selected: [bad ? -id : id], flagged, confidence };
    this.clicks.push(click);
    return click;
  }

  #mark(entries, what) {
    for (const { position, selected } of entries) {
      const click = this.clicks.find((one) => one.position === position && one.selected[0] === selected[0]);
      if (click) click[what] = true;
    }
  }

  shownAsRefused(entries) { this.#mark(entries, 'told'); }

  shownAsLost(entries) { this.#mark(entries, 'told'); }

  givenUp(entries) { this.#mark(entries, 'dropped'); }
}

class World {
  constructor(seed) {
    const pick = random(seed);
    this.pick = pick;
    this.clock = new Clock();
    this.server = new Server(this.clock, this.clock.now + [45000, 150000, 3600000, 3600000][Math.floor(pick() * 4)]);
    this.browser = new Browser(this.clock);
    this.network = new Network(this.clock, this.browser, this.server);
    this.ledger = new Ledger();
    this.windows = [];
    this.faults = [];
    this.positions = 1 + Math.floor(pick() * POSITIONS);
    this.device = { lease: 0, seq: 1 };
    // Alone: one window that is never loaded again, and no device. Nothing may say that there is another.
    this.alone = true;
    this.open();
  }

  open() {
    if (!this.browser.signedIn || this.browser.isStrange) return;
    this.windows.push(new Window(this, Math.floor(this.pick() * 2 ** 31)));
    if (this.windows.length > 1) this.alone = false;
  }

  living() {
    return this.windows.filter(({ alive }) => alive);
  }
}

const of = (list, n) => list[n % list.length];
const flying = (world, n) => of(world.network.flights, n);
const asking = (world, n) => of(world.network.flights.filter(({ reply }) => !reply), n);
const replying = (world, n) => of(world.network.flights.filter(({ reply }) => reply), n);

/** A request reaches the server. One lost lease request that comes late is borne, within a minute; not more. */
function arrive(world, flight) {
  if (flight.kind === 'lease' && !flight.open) {
    if (world.strays || world.clock.now - flight.lost > 50000) world.alone = false;
    world.strays = true;
  }
  world.network.arrive(flight);
}

/** What may happen next. Each takes two numbers and chooses by them among what there is; without one it does nothing. */
const ACTS = {
  click: [14, (world, a, b) => {
    const window = of(world.living(), a);
    if (!window || window.locked || window.modal) return;
    window.click(world.ledger.add(window, 1 + (b % world.positions), b % 29 === 28, b % 5 === 0, [undefined, 1, 2, 3][a % 4]));
  }],
  arrive: [10, (world, a) => {
    const flight = asking(world, a);
    if (!flight) return;
    arrive(world, flight);
  }],
  deliver: [10, (world, a) => { const flight = replying(world, a); if (flight) world.network.deliver(flight); }],
  flow: [8, async (world) => {
    for (const flight of [...world.network.flights]) {
      if (!flight.reply) arrive(world, flight);
      if (flight.reply) world.network.deliver(flight);
    }
  }],
  twice: [2, (world, a) => {
    const flight = flying(world, a);
    if (!flight) return;
    // Nobody can know that a lease request was doubled on its way.
    if (flight.kind === 'lease') world.alone = false;
    world.network.arrive(flight, true);
  }],
  lose: [3, (world, a) => { const flight = flying(world, a); if (flight) world.network.break(flight); }],
  keepBack: [3, (world, a) => { const flight = asking(world, a); if (flight) world.network.break(flight, true); }],
  intercept: [4, (world, a, b) => { const flight = flying(world, a); if (flight) world.network.deliver(flight, of(FOREIGN, b)); }],
  // The server is too busy, or does not know the lease any more because its secret has changed.
  busy: [1, (world, a, b) => {
    const flight = asking(world, a);
    if (flight) world.network.deliver(flight, flight.kind === 'answers' && b % 3 === 0 ? MISSING : BUSY);
  }],
  wait: [9, (world, a) => world.clock.pass(of([50, 400, 1500, 1500, 5000, 8100, 16000, 70000], a), () => check(world))],
  wake: [5, (world, a) => { of(world.living(), a)?.sender.wake(); }],
  hide: [1, (world, a) => { of(world.living(), a)?.sender.farewell(); }],
  open: [2, (world) => { if (world.living().length < 3) world.open(); }],
  reload: [1, (world, a, b) => { closeWindow(world, a, b); world.open(); }],
  close: [1, (world, a, b) => { if (world.living().length > 1) closeWindow(world, a, b); }],
  here: [4, (world, a) => { of(world.living(), a)?.continueHere(); }],
  decide: [3, (world, a, b) => {
    const window = of(world.living().filter(({ conflict }) => conflict), a);
    if (!window) return;
    const kept = window.conflict.pairs.map(({ mine }) => mine.position).filter((position) => (b >> position) & 1);
    window.closeConflict(b % 7 === 6 ? null : new Set(kept));
  }],
  device: [3, (world, a, b) => onDevice(world, a, b)],
  signOut: [1, ({ browser, server }) => {
    browser.signedIn = false;
    server.release();
  }],
  // Somebody else signs in in the same browser, and out again; or the person does in another tab.
  stranger: [1, (world, a) => {
    const { browser, server } = world;
    if (browser.isStrange) strangerLeaves(world, a % 2 > 0);
    else {
      Object.assign(world, { wasStrange: true, isNoticed: false });
      browser.isStrange = true;
      server.release();
    }
    browser.token += 1;
  }],
  newToken: [1, (world) => { world.browser.token += 1; }],
  signIn: [3, (world, a) => { of(world.living().filter(({ login }) => login), a)?.enter(); }],
  full: [0.5, (world, a) => { const window = of(world.living(), a); if (window) window.full = !window.full; }],
  submit: [1.5, (world, a) => { of(world.living(), a)?.pressSubmit(); }],
  leave: [2, (world, a) => { of(world.living().filter(({ dialog }) => dialog), a)?.leaveDialog(); }],
  // The exam is opened in another window and taken back at once, while older requests are still under way.
  detour: [3, async (world, a, b) => {
    const window = of(world.living(), a);
    if (!window || world.living().length > 2) return;
    const before = new Set(world.network.flights);
    // Stored already, and only the replies are slow; or not even arrived.
    if (b % 3) for (const flight of before) if (flight.kind === 'answers' && !flight.reply) arrive(world, flight);
    const lease = async () => {
      for (const flight of world.network.flights.filter((one) => one.kind === 'lease' && !before.has(one))) {
        arrive(world, flight);
        world.network.deliver(flight);
      }
      await world.clock.pass(2, () => check(world));
    };
    world.open();
    await lease();
    window.continueHere();
    await lease();
    if (b % 2) return;
    // What was under way comes back only now.
    for (const flight of before) {
      if (!flight.reply && b % 4) arrive(world, flight);
      if (flight.reply) world.network.deliver(flight);
    }
    await world.clock.pass(2, () => check(world));
    window.sender.wake();
    await world.clock.pass(2, () => check(world));
    await ACTS.flow[1](world);
  }],
  // The dialog before the end is opened and left again, a little later or a lot.
  hesitate: [1.5, async (world, a, b) => {
    const window = of(world.living(), a);
    if (!window || window.modal) return;
    window.pressSubmit();
    await world.clock.pass(of([2, 2, 300, 3000], b), () => check(world));
    window.leaveDialog();
  }],
  interceptEnd: [2, (world, a, b) => {
    const flight = of(world.network.flights.filter((one) => one.kind === 'submit' || one.kind === 'lease'), a);
    if (flight) world.network.deliver(flight, of(FOREIGN, b));
  }],
  sweep: [0.5, (world) => world.server.sweep()],
  extend: [0.5, (world) => world.server.extend(60000)],
  // Two versions of the site serve side by side for a while.
  version: [1, ({ server }) => {
    server.older = !server.older;
    server.wasOlder ||= server.older;
  }],
  // The person signs in in another tab, where no script of the exam is.
  signInElsewhere: [2, (world) => signInElsewhere(world)],
};
const NAMES = Object.keys(ACTS);

function signInElsewhere(world) {
  const { browser } = world;
  if (browser.isStrange) strangerLeaves(world, true);
  else if (!browser.signedIn) {
    // A window that has not noticed by now that the person was away has no sign that nobody else writes.
    if (!world.isNoticed && !world.living().every(({ login }) => login)) world.alone = false;
    browser.signedIn = true;
  } else return;
  world.isNoticed = false;
  browser.token += 1;
}

function strangerLeaves(world, signedIn) {
  if (!world.browser.isStrange) return;
  Object.assign(world.browser, { isStrange: false, signedIn });
  // Who comes back before the window has asked leaves it no sign that nobody else writes.
  if (signedIn && !world.isNoticed) world.alone = false;
}

function closeWindow(world, a, b) {
  const window = of(world.living(), a);
  if (!window) return;
  // Without a word for a crash. What a full storage did not keep is lost, as the page says all the time.
  if (b % 2) window.sender.farewell();
  if (!window.journal.durable) world.ledger.shownAsLost(window.journal.all());
  world.alone = false;
  window.end();
}

/** Another device takes the exam, answers, repeats itself, contradicts itself, or submits. */
function onDevice(world, a, b) {
  const { device, server, ledger } = world;
  world.alone = false;
  const position = 1 + (b % world.positions);
  if (!device.lease || a % 4 === 0) {
    const { status, data } = server.take('device');
    Object.assign(device, status === 200 ? { lease: data.lease_no, seq: 1 } : {});
  } else if (a % 17 === 16) server.submit(device.lease);
  else {
    const pending = world.windows.flatMap(({ journal, alive }) => (alive ? journal.waiting() : [])).find((entry) => entry.position === position);
    const copied = a % 4 === 1 && pending;
    const { selected, flagged, confidence } = copied ? pending : ledger.add(null, position, false, b % 3 === 0);
    const seq = b % 4 === 3 && device.seq > 1 ? device.seq - 1 : device.seq;
    const { status } = server.save(device.lease, [{ seq, position, selected, flagged, ...(confidence && !server.older && { confidence }) }]);
    // A device shows its own refusals; they are not our matter.
    if (status !== 200 && !copied) ledger.clicks.at(-1).told = true;
    device.seq = seq + 1;
  }
}

/** Returns what is kept of each click, with the confidence that is kept of it. */
const keptIn = (world) => {
  const found = new Set();
  const keep = (position, selected, confidence) => found.add(`${position}:${selected}`).add(`${position}:${selected}:${confidence ?? ''}`);
  for (const { journal, alive } of world.windows) if (alive) for (const { position, selected, confidence } of journal.all()) keep(position, selected, confidence);
  for (const [key, value] of world.browser.stored) {
    if (!/^passline:exam:\d+:\d+(:\w+)?$/.test(key)) continue;
    const [position, selected, , , confidence] = JSON.parse(value);
    keep(position, selected, confidence);
  }
  for (const { position, selected, confidence } of world.server.events.values()) keep(position, selected, confidence);
  return found;
};

/** What must hold at every moment. */
function check(world) {
  const { server, ledger } = world;
  demand(!world.faults.length, world.faults[0]);
  const kept = keptIn(world);
  // From the newest click back: an older one may be replaced by a newer one that was not lost itself.
  const replaced = new Set();
  for (const click of [...ledger.clicks].reverse()) {
    const known = kept.has(`${click.position}:${click.selected}`) || click.dropped || click.told;
    demand(known || replaced.has(click.position), `click ${click.id} on question ${click.position} vanished unsaid`);
    // A site that does not know how sure somebody is keeps the answer alone.
    const sure = server.wasOlder || kept.has(`${click.position}:${click.selected}:${click.confidence ?? ''}`) || click.dropped || click.told;
    demand(sure || replaced.has(click.position), `click ${click.id} on question ${click.position} lost how sure the person was`);
    if (known) replaced.add(click.position);
  }
  const counts = server.current();
  for (const window of world.living()) {
    const { sender, journal } = window;
    demand(sender.stopped !== 'taken' || server.leaseNo > sender.number, 'the window with the newest lease was told that it writes no more');
    demand(!(world.alone && sender.stopped === 'taken'), 'the only window was told of another one');
    if (sender.stopped || window.settling || window.conflict || sender.number !== server.leaseNo) continue;
    const unsaved = new Set(journal.all().map(({ position }) => position));
    for (let position = 1; position <= POSITIONS; position += 1) {
      const shown = window.shown.get(position) ?? NOTHING;
      const stored = counts.get(position) ?? NOTHING;
      const agrees = server.wasOlder || (shown.confidence ?? null) === (stored.confidence ?? null);
      demand(unsaved.has(position) || (same(shown, stored) && agrees), `question ${position} is shown as saved with ${JSON.stringify(shown)}, and ${JSON.stringify(stored.selected)} counts`);
    }
  }
}

const quiet = ({ alive, modal, sender }) => !alive || modal || sender.stopped;

/** Lets everything heal: the network carries at once, people sign in in another tab, decide and keep working, time passes. */
async function heal(world) {
  signInElsewhere(world);
  const until = world.clock.now + 100000;
  for (let round = 0; round < 200 && world.clock.now < until; round += 1) {
    await ACTS.flow[1](world);
    await world.clock.pass(1, () => check(world));
    for (const window of world.living()) {
      window.full = false;
      if (window.conflict) window.closeConflict(new Set(window.conflict.pairs.filter(({ mine }) => mine.seq % 2).map(({ mine }) => mine.position)));
      if (window.dialog) window.leaveDialog();
    }
    await world.clock.pass(1, () => check(world));
    const next = Math.min(until, ...world.clock.timers.map(({ at }) => at));
    await world.clock.pass(world.network.flights.length ? 20 : Math.max(20, next - world.clock.now), () => check(world));
    check(world);
  }
}

async function end(world) {
  await heal(world);
  for (const window of world.living()) {
    const { sender, journal } = window;
    demand(!window.dialog, 'a dialog can never be left');
    demand(!window.login, 'the page asks to sign in although the person is signed in');
    if (quiet(window)) continue;
    const { number } = sender;
    demand(number > 0, 'a window never got a lease');
    demand(!journal.waiting().some(({ lease }) => lease === number), 'a healthy window does not send what waits');
  }
  if (world.server.state === 'running' && !world.server.overdue && !world.living().some(({ timeUp, told }) => timeUp || told)) await gather(world);
}

/** All windows but one are closed, and one is loaded anew: nothing of what was kept may be left over. */
async function gather(world) {
  while (world.living().length) closeWindow(world, 0, 1);
  world.open();
  await heal(world);
  const [window] = world.living();
  if (!window || window.modal || world.server.state !== 'running') return;
  demand(window.sender.number === world.server.leaseNo && !window.sender.stopped, 'the last window does not write');
  demand(window.journal.waiting().length === 0, 'something is still unsent after all has healed');
  check(world);
}

// Situations that chance alone seldom brings about; every sixth run or so begins in one of them.
const BEGINNINGS = [
  // An acknowledgment is slow while the exam is opened elsewhere and taken back.
  [['flow', 0, 0], ['click', 0, 0], ['click', 0, 1], ['click', 0, 0], ['flow', 0, 0], ['click', 0, 1], ['detour', 0, 4], ['click', 0, 0], ['click', 0, 1]],
  // The first lease request is thought lost, and arrives after the second.
  [['keepBack', 0, 0], ['wait', 2, 0], ['arrive', 1, 0], ['deliver', 0, 0], ['arrive', 0, 0], ['click', 0, 0], ['flow', 0, 0]],
  // The reply of the older of two leases comes last, and the newer window has answered.
  [['open', 0, 0], ['click', 1, 0], ['arrive', 0, 0], ['arrive', 0, 0], ['deliver', 1, 0], ['deliver', 0, 0]],
  // An older version of the site refuses how sure somebody was, slowly, while the exam is opened elsewhere and taken back.
  [['flow', 0, 0], ['version', 0, 0], ['click', 1, 0], ['arrive', 0, 0], ['detour', 0, 1], ['click', 0, 0], ['flow', 0, 0]],
];

/** Returns the steps of a seed. Each seed has likings of its own, so that rare things also come together. */
export function stepsOf(seed) {
  const pick = random(seed ^ 0x5bd1e995);
  const weights = NAMES.map((name) => ACTS[name][0] * of([0, 0.3, 1, 1, 3], Math.floor(pick() * 5)));
  const weight = weights.reduce((sum, one) => sum + one, 0);
  const beginning = BEGINNINGS[Math.floor(pick() * 6 * BEGINNINGS.length)];
  const steps = [...beginning ?? (pick() < 0.5 ? [['flow', 0, 0]] : [])];
  const count = steps.length + 8 + Math.floor(pick() * 36);
  while (steps.length < count) {
    let at = pick() * weight;
    const name = NAMES.find((_, index) => (at -= weights[index]) < 0) ?? 'flow';
    steps.push([name, Math.floor(pick() * 1000), Math.floor(pick() * 1000)]);
  }
  return steps;
}

/** Runs steps in a world of its own. Returns what broke, or '', and what the server recorded. */
export async function run(seed, steps) {
  const world = new World(seed);
  try {
    await world.clock.pass(1, () => {});
    for (const [name, a, b] of steps) {
      await ACTS[name][1](world, a, b);
      await world.clock.pass(2, () => check(world));
      check(world);
    }
    await end(world);
    return { broke: '', world };
  } catch (error) {
    return { broke: error instanceof Broken ? error.message : `${error.stack ?? error}`, world };
  } finally {
    for (const window of world.living()) window.end();
  }
}

const kind = (broke) => broke.split('\n')[0].replace(/\d+/g, 'n').replace(/\{.*?\}|\[.*?\]/g, 'x');

/** Leaves out steps, in ever smaller pieces, as long as the same thing still breaks. */
async function shrink(seed, steps, broke) {
  let small = steps;
  for (let size = Math.ceil(small.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let at = 0; at < small.length;) {
      const fewer = [...small.slice(0, at), ...small.slice(at + size)];
      const again = await run(seed, fewer);
      if (again.broke && kind(again.broke) === kind(broke)) small = fewer;
      else at += size;
    }
  }
  return small;
}

/** Runs seeds one after another until one breaks or `most` broke. Returns {seed, broke, steps} of those. */
export async function search(first, count, most = 1, shrinking = true) {
  const found = [];
  for (let seed = first; seed < first + count && found.length < most; seed += 1) {
    const steps = stepsOf(seed);
    const { broke } = await run(seed, steps);
    if (broke) found.push({ seed, broke, steps: shrinking ? await shrink(seed, steps, broke) : steps });
  }
  return found;
}

/** Replays kept runs. Returns those that break. */
export async function replay(kept) {
  const found = [];
  for (const { seed, steps } of kept) {
    const { broke } = await run(seed, steps);
    if (broke) found.push({ seed, broke, steps });
  }
  return found;
}

/** Returns what the server was asked and answered in each run, and what counted at its end. */
export async function record(first, count) {
  const runs = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const { world } = await run(seed, stepsOf(seed));
    const { server } = world;
    runs.push({ seed, acts: server.record, state: server.state, answers: [...server.current().values()] });
  }
  return runs;
}
