// Sitting an exam. The whole paper is in the page; every change is journaled here, then sent, and never lost in silence.

import { asClock, asWords, LOW, makeClock } from './attempt/clock.js';
import { openJournal } from './attempt/journal.js';
import { listen } from './attempt/keys.js';
import * as page from './attempt/page.js';
import { logIn, makeSender, sleep } from './attempt/sender.js';

const { body, one, all, say, total } = page;
const { attempt, api, result, login, csrfCookie } = body.dataset;
const journal = openJournal(attempt);
const { view } = journal;
view.seen ??= [];
view.struck ??= {};
const clock = makeClock(Number(body.dataset.left));
const answers = new Map();
let at = 0;
let last = view.at ?? 1;
let finishing = false;
let leaving = false;
let wasOffline = false;
let keysOn = view.keys ?? body.dataset.keys === 'on';

const answer = (position) => answers.get(position) ?? { selected: [], flagged: false };

// --- State of all questions ------------------------------------------------------------------------
const states = () => Array.from({ length: total }, (_, index) => {
  const { selected, flagged } = answer(index + 1);
  const seen = view.seen.includes(index + 1) ? 'seen' : 'unseen';
  return { state: selected.length ? 'answered' : seen, flagged };
});
const openCount = () => states().filter(({ state }) => state !== 'answered').length;

function refresh() {
  const now = states();
  const counts = page.showStates(now, at);
  if (!at) page.showReview(now, counts);
  one('[data-cancel]').hidden = counts.answered > 0 || counts.flagged > 0;
  if (at) page.setFlag(answer(at).flagged);
}

function put(position, selected, flagged) {
  answers.set(position, { selected, flagged });
  page.setChosen(position, selected);
  page.setStruck(position, view.struck[position] ?? []);
}

// --- Lease and saves ---------------------------------------------------------------------------------
const sender = makeSender({
  api,
  csrf: csrfCookie,
  journal,
  clock,
  on: {
    held(list) {
      answers.clear();
      for (let position = 1; position <= total; position += 1) put(position, [], false);
      for (const { position, selected, flagged } of list) put(position, selected, flagged);
    },
    applied: ({ position, selected, flagged }) => put(position, selected, flagged),
    settled() {
      page.unbanner('elsewhere');
      page.lock(clock.left() <= 0);
      refresh();
    },
    choose: page.choose,
    signIn,
    taken() {
      page.lock(true);
      showElsewhere();
      showState();
    },
    ended: end,
    state: showState,
  },
});

function showElsewhere() {
  const waiting = journal.waiting();
  const kept = waiting.length
    ? ` ${say('elsewhereKept', { n: waiting.length, list: page.listed([...new Set(waiting.map((entry) => entry.position))]) })}`
    : '';
  page.banner('elsewhere', 'accent', 'info', say('elsewhere'), say('elsewhereText') + kept, { text: say('here'), act: () => sender.take() });
}

function showState() {
  const waiting = journal.waiting();
  const n = waiting.length;
  const offline = !navigator.onLine || sender.failures > 1;
  const old = waiting.some((entry) => performance.now() - entry.made > 5000);
  if (['late', 'attempt_closed'].includes(sender.stopped) && n) page.showSaved('failed', say('late', { n }));
  else if (!n) page.showSaved('saved', say('saved'));
  else if (offline || old || sender.stopped || !navigator.onLine) page.showSaved('unsaved', say('unsaved', { n }));
  else page.showSaved('saving', say('saving'));
  if (sender.stopped === 'taken') showElsewhere();
  showConnection(offline && !sender.stopped, n);
  const refused = journal.all().filter((entry) => entry.refused).map((entry) => entry.position);
  if (refused.length) page.banner('refused', 'wrong', 'cross', say('refused'), say('refusedText', { list: page.listed([...new Set(refused)]) }));
  else page.unbanner('refused');
  if (!journal.durable && !page.hasBanner('memory')) page.banner('memory', 'warn', 'warn', say('memory'), say('memoryText'));
}

function showConnection(offline, n) {
  if (offline) {
    wasOffline = true;
    page.unbanner('online');
    page.banner('offline', 'warn', 'offline', say('offline'), n ? say('offlineKept', { n }) : say('offlineEmpty'));
  } else if (wasOffline && !n) {
    wasOffline = false;
    page.unbanner('offline');
    if (!sender.stopped) page.banner('online', 'right', 'check', say('online'), say('allSaved'));
  }
}

// --- Answering --------------------------------------------------------------------------------------
function change(position, selected, flagged) {
  for (const entry of journal.all()) if (entry.refused && entry.position === position) journal.drop(entry);
  answers.set(position, { selected, flagged });
  sender.change(position, selected, flagged);
  refresh();
}

function strike(position, id, on) {
  const ids = (view.struck[position] ?? []).filter((other) => other !== id);
  view.struck[position] = on ? [...ids, id] : ids;
  journal.keepView();
  page.setStruck(position, view.struck[position]);
}

const positionOf = (element) => Number(element.closest('form[data-position]').dataset.position);
const locked = () => one('[data-flag-button]').disabled;

document.addEventListener('change', (event) => {
  const input = event.target;
  if (!input.matches('.option > input')) return;
  const position = positionOf(input);
  const list = input.closest('.options');
  let selected = page.chosen(position);
  if (input.type === 'checkbox' && selected.length > Number(list.dataset.choose)) {
    input.checked = false;
    page.showCount(position, true);
    return;
  }
  page.showCount(position);
  if (input.checked) strike(position, Number(input.value), false);
  change(position, selected, answer(position).flagged);
});

/** Strikes an option out, or not any more. Striking the chosen one takes the choice back. */
function toggleStrike(option) {
  if (!option || locked()) return;
  const input = one('input', option);
  const position = positionOf(option);
  const id = Number(input.value);
  const on = !(view.struck[position] ?? []).includes(id);
  strike(position, id, on);
  if (on && input.checked) {
    input.checked = false;
    page.showCount(position);
    change(position, page.chosen(position), answer(position).flagged);
  }
}

function flag() {
  if (!at || locked()) return;
  const { selected, flagged } = answer(at);
  change(at, selected, !flagged);
}

document.addEventListener('click', (event) => {
  const { target } = event;
  if (target.closest('.strike')) toggleStrike(target.closest('.option'));
  else if (target.closest('[data-flag-button]')) flag();
  else if (target.closest('[data-other]')) switchLanguage();
  else if (target.closest('[data-hide]')) hideClock(view.clock !== 'hidden');
  else if (target.closest('[data-submit]')) askSubmit();
  else if (target.closest('[data-go]')) submit();
  else if (target.closest('a[href^="#q"], a[href="#review"]')) {
    event.preventDefault();
    go(target.closest('a').hash);
  }
});
for (const form of page.questions) form.addEventListener('submit', (event) => event.preventDefault());

// --- Moving -----------------------------------------------------------------------------------------
function wanted() {
  if (location.hash === '#review') return 0;
  return Math.min(total, Math.max(1, Number(/^#q(\d+)$/.exec(location.hash)?.[1] ?? last)));
}

function turn(focus = true) {
  at = wanted();
  if (at) {
    last = at;
    view.at = at;
    if (!view.seen.includes(at)) view.seen.push(at);
    journal.keepView();
    page.showCount(at);
  }
  page.turnTo(at, { back: last, focus });
  refresh();
}

/** Turns at once: a key pressed in the same moment must meet the new question. */
function go(hash) {
  page.unbanner('online');
  location.hash = hash;
  turn();
}
addEventListener('hashchange', () => at !== wanted() && turn());

// --- Language ---------------------------------------------------------------------------------------
let fetching = null;

/** Fetches the other language once: when the page is idle, or at the first wish. */
function fetchTexts() {
  if (!body.dataset.texts) return Promise.resolve(false);
  fetching ??= fetch(body.dataset.texts, { redirect: 'error' })
    .then((reply) => (reply.ok ? reply.text() : Promise.reject(new Error())))
    .then((html) => { page.keepTexts(html); return true; })
    .catch(() => { fetching = null; return false; });
  return fetching;
}

async function switchLanguage() {
  if (!await fetchTexts()) return;
  page.swapTexts();
  const button = one('[data-other]');
  if (!button) return;
  const spoken = one('.stem', page.questions[0]).lang;
  [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
  button.lang = spoken === button.lang ? page.language : button.lang;
}

// --- Time -------------------------------------------------------------------------------------------
const timeLeft = () => say('left', { time: asWords(clock.seconds(), page.language) });
const openWords = () => (openCount() ? say('open', { n: openCount() }) : say('noneOpen'));

function hideClock(hidden) {
  view.clock = hidden ? 'hidden' : '';
  journal.keepView();
  tick();
}

function tick() {
  const seconds = clock.seconds();
  const low = seconds <= LOW;
  const place = one('.clock');
  const time = one('time', place);
  const state = low ? 'low' : view.clock ?? '';
  if (place.dataset.state !== state) {
    place.dataset.state = state;
    one('[data-hide]').hidden = low;
    one('[data-hide]').textContent = say(state === 'hidden' ? 'show' : 'hide');
  }
  if (time.textContent !== asClock(seconds)) {
    time.textContent = asClock(seconds);
    time.dateTime = `PT${seconds}S`;
  }
  const mark = clock.crossed();
  if (mark && seconds) {
    const text = say('left', { time: asWords(mark, page.language) });
    if (mark > LOW) page.announce(`${text} ${openWords()}`);
    else page.banner('minutes', 'warn', 'clock', text, openWords());
  }
  if (seconds > LOW) page.unbanner('minutes');
  showState();
  if (!seconds && !finishing && !sender.stopped) timeUp();
}

/** At zero: locks, sends the rest, asks whether the deadline moved, submits, and leads to the result. */
async function timeUp() {
  finishing = true;
  page.lock(true);
  page.ended(say('timeUp'), say('timeUpText'), '', false);
  await sender.wake();
  await sender.flush(28000);
  await sleep(Math.random() * 5000);
  await sender.wake();
  if (clock.left() > 1000) {
    finishing = false;
    page.dialog('ended').close();
    page.lock(sender.stopped !== '');
    return;
  }
  if (sender.stopped && sender.stopped !== 'taken') return;
  const lost = journal.waiting().length;
  for (let tries = 0; tries < 5; tries += 1) {
    const { status, data } = await sender.submit();
    if (status === 200 && !lost) return leave();
    if (status === 200 || data.code === 'attempt_closed' || status === 401 || status === 403) return end('late', {});
    await sleep(2000 + Math.random() * 2000);
  }
  end('late', {});
}

/** The exam is over. Without anything lost it leads straight to the result. */
function end(code, data) {
  const n = journal.all().length;
  finishing = true;
  page.lock(true);
  showState();
  if (!n && code === 'attempt_closed') return leave();
  const saved = data.saved === undefined ? say('endedText') : say('endedSaved', { n: data.saved });
  page.ended(say('ended'), saved, n ? say('endedLost', { n }) : '', true);
}

function leave() {
  leaving = true;
  journal.wipe();
  location.replace(result);
}

one('a', page.dialog('ended')).addEventListener('click', (event) => {
  event.preventDefault();
  leave();
});

// --- Submitting -------------------------------------------------------------------------------------
let anyway = false;

function askSubmit() {
  const n = openCount();
  const target = page.dialog('submit');
  one('h2', target).textContent = n ? say('submitOpen', { n }) : say('submit');
  one('[data-time-words]', target).textContent = timeLeft();
  one('[data-go]', target).textContent = say('submitNow');
  anyway = false;
  page.tellInSubmit('');
  page.open('submit');
}

async function submit() {
  const go = one('[data-go]');
  if (go.ariaBusy === 'true' || finishing) return;
  go.ariaBusy = 'true';
  try {
    await trySubmit(go);
  } finally {
    go.ariaBusy = null;
  }
}

async function trySubmit(go) {
  page.tellInSubmit(say('sending'), '');
  if (!anyway && !await sender.flush(10000)) {
    if (!page.dialog('submit').open) return;
    anyway = true;
    go.textContent = say('submitAnyway');
    page.tellInSubmit(say('unsent', { n: journal.waiting().length }));
    return;
  }
  const { status, data } = await sender.submit();
  if (status === 200 || data.code === 'attempt_closed') leave();
  else if (status === 401 || status === 403) {
    await signIn();
    await trySubmit(go);
  } else if (data.code === 'lease_taken') {
    page.dialog('submit').close();
    sender.heard(Infinity);
  } else page.tellInSubmit(status ? data.detail ?? say('failed') : say('noReply'), 'wrong');
}

// --- Logging in again -------------------------------------------------------------------------------
let signingIn = null;

/** Asks for the password in place; resolves when the server let the person in again. */
function signIn() {
  signingIn ??= new Promise((resolve) => {
    const target = page.open('login');
    const form = one('form', target);
    const error = one('#login-error');
    const stay = (event) => event.preventDefault();
    const attemptLogin = async (event) => {
      event.preventDefault();
      const { ok, errors } = await logIn(login, new FormData(form), csrfCookie);
      error.hidden = ok;
      error.textContent = errors.join(' ') || say('loginTrouble');
      form.elements.password.ariaInvalid = ok ? null : 'true';
      if (!ok) return;
      form.removeEventListener('submit', attemptLogin);
      target.removeEventListener('cancel', stay);
      form.elements.password.value = '';
      signingIn = null;
      target.close();
      resolve();
    };
    form.addEventListener('submit', attemptLogin);
    target.addEventListener('cancel', stay);
  });
  return signingIn;
}

one('[data-cancel]').addEventListener('submit', (event) => {
  const name = `${csrfCookie}=`;
  const fresh = document.cookie.split('; ').find((part) => part.startsWith(name));
  if (fresh) event.target.elements.csrfmiddlewaretoken.value = fresh.slice(name.length);
  leaving = true;
  journal.wipe();
});

// --- Coming and going -------------------------------------------------------------------------------
addEventListener('beforeunload', (event) => {
  if (!leaving && journal.waiting().length) event.preventDefault();
});
addEventListener('pagehide', () => sender.farewell());
addEventListener('pageshow', (event) => event.persisted && sender.wake());
addEventListener('online', () => sender.wake());
addEventListener('offline', showState);
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && sender.wake());
journal.onLease = sender.heard;
journal.onLost = showState;

// --- Keys -------------------------------------------------------------------------------------------
function chooseByKey(index) {
  if (!at || locked()) return;
  const input = all('.option > input', document.getElementById(`q${at}`))[index];
  if (!input) return;
  const was = input.checked;
  input.click();
  if (input.checked !== was) page.announce(say(input.checked ? 'picked' : 'dropped', { letter: page.letterOf(input) }));
}

function strikeByKey(focused) {
  const here = at && document.getElementById(`q${at}`);
  if (!here) return;
  const option = focused ?? one('.option:hover', here) ?? one('.option:has(:checked)', here);
  toggleStrike(option);
  if (!option || locked()) return;
  const on = one('.strike', option).getAttribute('aria-pressed') === 'true';
  page.announce(say(on ? 'struck' : 'unstruck', { letter: page.letterOf(one('input', option)) }));
}

listen(() => keysOn, {
  choose: chooseByKey,
  move: (rel) => at && one(`[rel="${rel}"]`).click(),
  flag,
  strike: strikeByKey,
  language: switchLanguage,
  time: () => page.announce(timeLeft()),
});
const keysBox = one('[data-keys-on]');
keysBox.checked = keysOn;
keysBox.addEventListener('change', () => {
  keysOn = keysBox.checked;
  view.keys = keysOn;
  journal.keepView();
});

// --- Begin ------------------------------------------------------------------------------------------
for (const [position, [selected, flagged]] of Object.entries(JSON.parse(body.dataset.answers))) answers.set(Number(position), { selected, flagged: Boolean(flagged) });
for (let position = 1; position <= total; position += 1) put(position, answer(position).selected, answer(position).flagged);
turn(false);
tick();
setInterval(tick, 500);
sender.take();
(window.requestIdleCallback ?? setTimeout)(fetchTexts);
