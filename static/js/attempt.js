// Taking an exam. The whole paper is in the page; every change is journaled, then sent, and never lost in silence.

import * as page from './attempt/page.js';
import { makeLooks } from './attempt/looks.js';
import { openCopy } from './attempt/offline.js';
import { ask, cookie, makeSender, makeSubmission, now, openJournal } from './attempt/sender.js';

const { body, one, say, total } = page;
const { attempt, api, result, csrfCookie: csrf } = body.dataset;
const LOW = 300;
const MILESTONES = [1800, 600, LOW, 60];
const journal = openJournal(attempt);
const { view } = journal;
const kept = openCopy(body.dataset, import.meta.url);
const answers = new Map(kept.answers() ?? JSON.parse(body.dataset.answers));
let at = 0;
let back = view.at ?? Math.max(1, ...answers.keys());
let finishing = false;
let leaving = false;
let reason = '';
let wasOffline = false;
let isStrange = false;

// --- The time left, by the server's clock. The computer's own may be wrong: it is never asked. A drill may have no end.
let end = performance.now() + (body.dataset.left ?? Infinity) * 1000;
let before = 0;
const clock = {
  left: () => Math.min(end - performance.now(), kept.left()),
  sync({ server_now: now, deadline_at: deadline }) {
    if (!now) return;
    const told = end;
    if (deadline) end = performance.now() + Date.parse(deadline) - Date.parse(now);
    kept.confirm(end - performance.now());
    // Staff gave more time: a clock that jumps in silence would look broken.
    if (end - told > 30000) page.banner('longer', 'right', 'clock', say('longer'), page.inWords(secondsLeft()));
  },
};
const looks = makeLooks(view, () => !locked() && at);
const secondsLeft = () => Math.max(0, Math.ceil(clock.left() / 1000));

/** Shows the time left, where there is a limit. */
function showClock(seconds) {
  const place = one('.clock');
  const time = one('time', place);
  const state = seconds <= LOW ? 'low' : view.clock ?? '';
  if (place.dataset.state !== state) {
    place.dataset.state = state;
    one('[data-hide]').hidden = state === 'low';
    const hidden = state === 'hidden';
    Object.assign(one('[data-hide]'), { textContent: say(hidden ? 'show' : 'hide'), ariaLabel: hidden ? null : say('hideClock') });
  }
  const two = (n) => String(Math.floor(n) % 60).padStart(2, '0');
  const text = `${Math.floor(seconds / 3600)}:${two(seconds / 60)}:${two(seconds)}`;
  if (time.textContent !== text) Object.assign(time, { textContent: text, dateTime: `PT${seconds}S` });
}

function tick() {
  looks.count();
  const seconds = secondsLeft();
  if (seconds < Infinity) showClock(seconds);
  const mark = MILESTONES.findLast((milestone) => seconds <= milestone && milestone < before);
  before = seconds;
  if (seconds > LOW) page.unbanner('minutes');
  else if (mark && seconds) page.banner('minutes', 'warn', 'clock', page.inWords(mark), openWords());
  if (mark > LOW) page.announce(`${page.inWords(mark)} ${openWords()}`);
  showState();
  if (!seconds && !finishing && !['late', 'attempt_closed'].includes(sender.stopped)) timeUp();
}

// --- State of the questions
const answer = (position) => answers.get(position) ?? { selected: [], flagged: false };
const struck = (position) => view.struck[position] ?? [];
const states = () => page.questions.map((form, index) => {
  const { selected, flagged } = answer(index + 1);
  return { state: page.progress(index + 1, selected), flagged };
});
/** Says what is still to do: how many questions have no answer, and how many not all of theirs. */
function openWords() {
  const { open, incomplete } = page.count(states());
  return [open && say('open', { n: open }), incomplete && say('short', { n: incomplete })].filter(Boolean).join(' ') || say('noneOpen');
}
const questionsOf = (entries) => new Set(entries.map(({ position }) => position)).size;
const locked = () => one('[data-flag-button]').disabled;

function refresh() {
  const now = states();
  const counts = page.showStates(now, at);
  if (!at) page.showReview(now, counts);
  page.showFlag(at > 0 && now[at - 1].flagged);
  page.showConfidence(answer(at));
  one('[data-cancel]')?.toggleAttribute('hidden', counts.answered + counts.incomplete > 0);
}

function put({ position, selected, flagged, confidence }) {
  answers.set(position, { selected, flagged, confidence });
  page.setAnswer(position, selected, struck(position));
}

/** Shows what the server holds; `most` is how long any page said that each question was looked at. */
function putAll(list, most = {}) {
  looks.raise(most);
  answers.clear();
  for (const { dataset } of page.questions) page.setAnswer(+dataset.position, [], struck(dataset.position));
  list.forEach(put);
}

// --- Lease and saves
const sender = makeSender({
  api,
  csrf,
  journal,
  clock,
  on: {
    held: putAll,
    applied: put,
    settled() {
      page.unbanner('elsewhere');
      known();
      page.lock(clock.left() <= 0);
      refresh();
      keepAnswers();
      kept.keep();
    },
    taken() {
      known();
      page.lock(true);
      showState();
    },
    choose: page.choose,
    signIn,
    signedIn,
    stranger() {
      isStrange = true;
      page.banner('stranger', 'warn', 'warn', say('stranger'), say('strangerText'));
    },
    ended,
    state: showState,
    times: () => looks.all(total),
  },
});
Object.assign(journal, { onLease: sender.heard, onLost: showState });

/** Nobody else is signed in, or it does not matter any more. */
function known() {
  isStrange = false;
  page.unbanner('stranger');
}

function showState() {
  const waiting = journal.waiting();
  const n = questionsOf(waiting);
  const { stopped } = sender;
  const offline = kept.isOld || !navigator.onLine || (sender.failures > 1 && !isStrange);
  const old = offline || stopped || waiting.some(({ made }) => now() - made > 5000);
  const over = stopped && stopped !== 'taken';
  const refused = journal.all().filter((entry) => entry.refused);
  if (n || stopped) page.unbanner('online');
  if (!n) page.showSaved(...(refused.length ? ['failed', say('lost', { n: questionsOf(refused) })] : ['saved', say('saved')]));
  else if (over) page.showSaved('failed', say(stopped === 'late' || reason === 'expired' ? 'late' : 'lost', { n }));
  else page.showSaved(...(old ? ['unsaved', say('unsaved', { n })] : ['saving', say('saving')]));
  if (stopped === 'taken') {
    const kept = n ? say('elsewhereKept', { n, list: page.listed(waiting.map(({ position }) => position)) }) : '';
    page.banner('elsewhere', 'accent', 'info', say('elsewhere'), `${say('elsewhereText')} ${kept}`, [say('here'), sender.take]);
  }
  if (refused.length) page.banner('refused', 'wrong', 'cross', say('refused'), say('refusedText', { list: page.listed(refused.map(({ position }) => position)) }));
  else page.unbanner('refused');
  if (!journal.durable) page.banner('memory', 'warn', 'warn', say('memory'), say('memoryText'));
  if (finishing === true) {
    page.ended(say('timeUp'), say(offline && n ? 'timeUpOffline' : 'timeUpText'));
    page.unbanner('offline');
  } else if (offline && !stopped && !finishing) {
    wasOffline = true;
    page.unbanner('online');
    page.banner('offline', 'warn', 'offline', say('offline'), `${say('since', { time: page.timeOf(kept.since()) })} ${n ? say('offlineKept', { n }) : say('offlineEmpty')}`);
  } else if (wasOffline && navigator.onLine && (stopped || (!offline && !n))) {
    // Whoever was told to stop has just heard from the server.
    wasOffline = false;
    page.unbanner('offline');
    if (!n && !stopped) page.banner('online', 'right', 'check', say('online'), say('allSaved'));
  }
}

// --- Answering
function change(position, selected, flagged, confidence = answer(position).confidence) {
  looks.count();
  for (const entry of journal.all()) if (entry.refused && entry.position === position) journal.drop(entry);
  put({ position, selected, flagged, confidence });
  sender.change(position, selected, flagged, { confidence, seenMs: looks.of(position) });
  refresh();
  keepAnswers();
}

function keepAnswers() {
  kept.save([...answers].map(([position, { selected, flagged, confidence }]) => [position, [selected, +flagged, confidence]]), sender.number);
}

function strike(position, id, on) {
  view.struck[position] = struck(position).filter((other) => other !== id).concat(on ? id : []);
  journal.keepView();
}

const positionOf = (element) => +element.closest('form').dataset.position;

document.addEventListener('change', ({ target }) => {
  if (!target.matches('.option > input')) return;
  const position = positionOf(target);
  const selected = page.chosen(position);
  if (target.type === 'checkbox' && selected.length > target.closest('.options').dataset.choose) {
    target.checked = false;
    page.refuseMore(position);
    return;
  }
  if (target.checked) strike(position, +target.value, false);
  change(position, selected, answer(position).flagged, selected.length ? undefined : null);
});

/** Clears the answer to the question in sight, and how sure the person was of it. */
function clear() {
  const { selected, flagged } = answer(at);
  if (!selected.length || locked()) return;
  // The button goes with the answer, and would take the focus along.
  one(':checked', page.question(at)).focus();
  change(at, [], flagged, null);
  page.announce(say('cleared'));
}

/** Strikes an option out, or not any more. A chosen one is kept: an answer is lost by no other act than clearing it. */
function toggleStrike(option) {
  if (!option || locked()) return;
  const position = positionOf(option);
  const input = one('input', option);
  if (input.checked) {
    page.refuse(say('clearFirst'), true);
    return;
  }
  const on = !struck(position).includes(+input.value);
  strike(position, +input.value, on);
  page.setAnswer(position, answer(position).selected, struck(position));
  page.announce(say(on ? 'struck' : 'unstruck', { letter: page.letterOf(input) }));
}

function flag() {
  if (!at || locked()) return;
  const { selected, flagged } = answer(at);
  change(at, selected, !flagged);
  page.announce(say(flagged ? 'unmarked' : 'marked', { n: at }));
}

/** Says how sure the person is of the question in sight: 1 guess, 2 unsure, 3 sure. Said again, it is taken back. */
function setConfidence(level) {
  if (!at || locked()) return;
  const { selected, flagged, confidence } = answer(at);
  const said = confidence === level ? null : level;
  change(at, selected, flagged, said);
  page.announce(say(`confidence${said ?? 0}`));
}

// --- Moving
function wanted() {
  if (location.hash === '#review') return 0;
  return Math.min(total, Math.max(1, Number(/^#q(\d+)$/.exec(location.hash)?.[1] ?? back)));
}

function turn(focus = true) {
  looks.count();
  at = wanted();
  if (at) {
    back = at;
    view.at = at;
    journal.keepView();
    page.showCount(at);
  }
  page.turnTo(at, back, focus);
  refresh();
}

/** Turns at once: a key pressed in the same moment must meet the new question. */
function go(hash) {
  page.unbanner('online');
  page.unbanner('longer');
  location.hash = hash;
  turn();
}

// --- Language: fetched once, when the page is idle or at the first wish
let fetching = null;

function fetchTexts() {
  if (!body.dataset.texts) return null;
  fetching ??= fetch(body.dataset.texts, { redirect: 'error' })
    .then((reply) => (reply.ok ? reply.text() : Promise.reject(new Error())))
    .then((html) => page.keepTexts(html) ?? true)
    .catch(() => { fetching = null; });
  return fetching;
}

async function switchLanguage() {
  if (await fetchTexts()) page.swapTexts();
}

// Whoever tabs out of the list would otherwise type behind it. Its own button closes it by itself.
const drawer = one('#navigator');
drawer.addEventListener('focusout', ({ relatedTarget: to }) => {
  if (to && !drawer.contains(to) && !to.matches('[popovertarget]')) drawer.hidePopover();
});

// --- The end
/** At zero: locks, sends the rest, submits unless the deadline moved, and leads to the result. */
async function timeUp() {
  finishing = true;
  page.lock(true);
  showState();
  const over = await submission.expire();
  if (finishing === 'told') return;
  if (over) ended({});
  else {
    finishing = false;
    page.dialog('ended').close();
    page.lock(sender.stopped !== '');
    // One that had left before goes on, and may end the exam at any moment.
    if (!submission.leave()) page.open('submit');
  }
}

const WITHOUT_RESULT = { voided: 'voidedText', cancelled: 'canceledText' };

/** The exam is over. Without anything lost it leads straight to the result, unless another window has ended it. */
function ended({ saved, aside, code, state, end_reason: why = '' }) {
  // What another window kept and never sent is lost as well, and nobody else would say so.
  journal.load();
  const n = questionsOf(journal.all());
  finishing = 'told';
  reason = why;
  if (code || state) kept.forget();
  page.lock(true);
  page.unbanner('elsewhere');
  known();
  showState();
  const none = WITHOUT_RESULT[why];
  if (!n && !aside) leave(code || state);
  else if (none) page.ended(say('noResult'), say(none), '', say('myExams'));
  else page.ended(say('ended'), saved === undefined ? say('endedText') : say('endedSaved', { n: saved }), n ? say('endedLost', { n }) : '', say('seeResult'));
}

/** Leads to the result once the server answers: before that the browser would show a page of its own. */
async function leave(answered) {
  const state = answered || await sender.reach(() => page.ended(say('ended'), say('resultLater')));
  leaving = true;
  // Given more time meanwhile, the exam goes on with what is kept.
  if (state !== 'running') {
    journal.wipe();
    await kept.forget();
  }
  location.replace(result);
}

let anyway = false;
const submission = makeSubmission({
  sender,
  clock,
  on: {
    flushing: () => page.tellInSubmit(say('sending'), '', 'busy'),
    unsent() {
      const n = questionsOf(journal.waiting());
      anyway = n > 0;
      if (n) one('[data-go]').textContent = say('submitAnyway');
      page.tellInSubmit(n ? say('unsent', { n }) : say(isStrange ? 'strangerText' : 'failed'));
    },
    sent: () => page.tellInSubmit(say('submitting'), '', 'held'),
    noReply: () => page.tellInSubmit(say('noReply'), 'wrong', 'held'),
    refused: ({ detail }) => page.tellInSubmit(detail ?? say('failed'), 'wrong'),
    elsewhere: () => page.dialog('submit').close(),
    done() {
      if (finishing === 'told') return;
      // The person was told of these before, but not of what another window may have kept.
      for (const entry of journal.all()) if (anyway || entry.refused) journal.drop(entry);
      ended({ code: 'done' });
    },
  },
});

function askSubmit() {
  const { open, incomplete } = page.count(states());
  const title = (open && incomplete && 'submitBoth') || (open && 'submitOpen') || (incomplete && 'submitShort') || 'submit';
  one('#submit h2').textContent = say(title, { n: incomplete || open, open });
  one('[data-gaps]')?.toggleAttribute('hidden', title === 'submit');
  page.showFew(open);
  one('[data-time-words]').textContent = page.inWords(secondsLeft());
  one('[data-go]').textContent = say('submitNow');
  one('[data-go]').classList.toggle('primary', title === 'submit');
  one('[data-keep]').classList.toggle('primary', title !== 'submit');
  anyway = false;
  page.tellInSubmit('');
  page.open('submit');
}

function keepWorking() {
  if (submission.leave()) page.dialog('submit').close();
}

page.dialog('submit').addEventListener('cancel', (event) => submission.leave() || event.preventDefault());
// A browser may close a dialog whatever the page says; one that waits for the server comes back.
page.dialog('submit').addEventListener('close', () => submission.leave() || finishing || page.open('submit'));

// --- Signing in again, in place: the password, then the code where the account has two steps
const steps = page.all('#login form');
let signing = null;

/** Shows the step that has this field, and what is wrong with it. */
function showStep(field, text = '') {
  for (const form of steps) {
    form.hidden = !form.elements[field];
    Object.assign(one('.error', form), { textContent: text, hidden: !text });
    form.elements[field]?.focus();
  }
}

/** Asks to sign in. Resolves when that was done here; asked again after it, the page says that it did not help. */
function signIn() {
  page.open('login');
  if (signing?.isDone) {
    signing = null;
    showStep('password', say('loginTrouble'));
  }
  signing ??= Promise.withResolvers();
  return signing.promise;
}

function signedIn() {
  page.dialog('login').close();
  for (const form of steps) form.reset();
  showStep('password');
  signing = null;
}

page.dialog('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.ariaBusy) return;
  form.ariaBusy = 'true';
  const { login } = form.dataset;
  if (!cookie(csrf)) await ask(login);
  const headers = { 'X-Requested-With': 'XMLHttpRequest', 'X-CSRFToken': cookie(csrf) };
  const { status, data } = await ask(login, { method: 'POST', body: new URLSearchParams(new FormData(form)) }, headers);
  form.ariaBusy = null;
  const { errors = [], fields = {} } = data.form ?? {};
  const next = status === 200 && typeof data.location === 'string' && data.location;
  const faults = [...errors, ...Object.values(fields).flatMap((field) => field.errors)].join(' ');
  if (!next) showStep((data.form ? fields.code : form.elements.code) ? 'code' : 'password', faults || say('loginTrouble'));
  else if (next.startsWith(steps[1].dataset.login)) showStep('code');
  else if (signing) {
    signing.isDone = true;
    signing.resolve();
  }
});

// --- Clicks
const CLICKS = {
  '.strike': (target) => toggleStrike(target.closest('.option')),
  '[data-flag-button]': flag,
  '[data-clear]': clear,
  '[data-confidence]': ({ dataset }) => setConfidence(+dataset.confidence),
  '[data-other]': switchLanguage,
  '[data-submit]': askSubmit,
  '[data-go]': () => finishing || submission.start(anyway),
  '[data-keep]': keepWorking,
  '#ended a': () => leave(),
  '[data-hide]': () => {
    view.clock = view.clock === 'hidden' ? '' : 'hidden';
    journal.keepView();
    tick();
  },
  'a[href^="#q"], a[href="#review"]': (target) => go(target.hash),
};
document.addEventListener('click', (event) => {
  for (const [selector, act] of Object.entries(CLICKS)) {
    const target = event.target.closest(selector);
    if (!target) continue;
    event.preventDefault();
    act(target);
    return;
  }
});

const keysOn = one('[data-keys-on]');
keysOn.checked = view.keys ?? body.dataset.keys === 'on';
keysOn.addEventListener('change', () => {
  view.keys = keysOn.checked;
  journal.keepView();
});

function chooseByKey(index) {
  const input = at && !locked() && page.inputs(page.question(at))[index];
  if (!input) return;
  const was = input.checked;
  input.click();
  if (input.checked !== was) page.announce(say(was ? 'dropped' : 'picked', { letter: page.letterOf(input) }));
}

const move = (rel) => at && one(`[rel="${rel}"]`).click();
const KEYS = {
  n: () => move('next'),
  arrowright: () => move('next'),
  p: () => move('prev'),
  arrowleft: () => move('prev'),
  m: flag,
  s: (target) => at && toggleStrike(target.closest('.option') ?? one(`#q${at} .option:hover`) ?? one(`#q${at} .option:has(:checked)`)),
  delete: clear,
  backspace: clear,
  l: switchLanguage,
  t: () => page.announce(page.inWords(secondsLeft())),
};
[...'abcdef'].forEach((key, index) => { KEYS[key] = () => chooseByKey(index); });
for (const key of '123') KEYS[key] = () => setConfidence(+key);

// A heading that gets the focus shows it only to who moves by keyboard.
addEventListener('pointerdown', () => { delete body.dataset.keyboard; });
document.addEventListener('keydown', (event) => {
  body.dataset.keyboard = '';
  const { target } = event;
  const act = KEYS[event.key.toLowerCase()];
  if (!act || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
  if (one('dialog[open], [popover]:popover-open') || target.matches('input:not([type="radio"], [type="checkbox"]), textarea, select')) return;
  // In a group of radios the arrows move the choice, as everywhere.
  if (event.key.startsWith('Arrow') && (event.shiftKey || target.matches('input[type="radio"]'))) return;
  event.preventDefault();
  act(target);
});

/** Cancels the start. What is unsent goes first: the server decides by it, and may refuse. */
one('[data-cancel]')?.addEventListener('submit', async (event) => {
  const form = event.target;
  form.elements.csrfmiddlewaretoken.value = cookie(csrf);
  drawer.hidePopover();
  if (!journal.waiting().length) {
    leaving = true;
    journal.wipe();
    kept.forget();
    return;
  }
  event.preventDefault();
  if (!await sender.flush(10000)) page.banner('cancel', 'warn', 'warn', say('notCanceled'), say('notCanceledText'));
  else if (!one('[data-cancel]').hidden) form.requestSubmit();
});
for (const form of page.questions) form.addEventListener('submit', (event) => event.preventDefault());

addEventListener('hashchange', () => at !== wanted() && turn());
addEventListener('beforeunload', (event) => {
  if (!leaving && journal.waiting().length) event.preventDefault();
});
addEventListener('pagehide', () => {
  looks.count();
  if (!leaving) journal.keepView();
  sender.farewell();
});
addEventListener('online', sender.wake);
addEventListener('offline', showState);
addEventListener('pageshow', ({ persisted }) => persisted && sender.wake());
document.addEventListener('visibilitychange', () => {
  const visible = document.visibilityState === 'visible';
  looks.pause();
  // A browser may end a hidden page without another word.
  if (visible) sender.wake();
  else if (!leaving) journal.keepView();
});

if (kept.isOld) sender.resume(kept.number());
putAll([...answers].map(([position, [selected, flagged, confidence]]) => ({ position, selected, flagged: flagged > 0, confidence })));
before = secondsLeft();
turn(false);
// The way back leads to the question where it began, not to the one that was seen last.
if (!/^#(q\d+|review)$/.test(location.hash)) history.replaceState(null, '', `#q${at}`);
tick();
setInterval(tick, 500);
sender.take();
(window.requestIdleCallback ?? setTimeout)(fetchTexts);
