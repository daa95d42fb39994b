// What the page shows. It knows the document, and nothing of network or storage.

export const body = document.getElementById('exam');
export const language = document.documentElement.lang;
export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = JSON.parse(body.dataset.words);
const plural = new Intl.PluralRules(language);
const clone = (id) => one(`#${id}`).content.firstElementChild.cloneNode(true);
const icon = (root, name) => one('use', root).setAttribute('href', `#${name}`);
/** Writes a text only where it changes: a live region would be read out again. */
const tell = (root, selector, text) => {
  const place = one(selector, root);
  if (place.textContent !== text) place.textContent = text;
};

/**
 * Says a phrase with its places filled. A counted one comes in the forms for 1, 2 and 5. `{az}` is the Hungarian
 * article of `{n}`, as the number is read: az 1., a 2., az 5., az 50.
 */
export function say(key, values = {}) {
  const forms = [words[key]].flat();
  const at = [1, 2, 5].findIndex((n) => plural.select(n) === plural.select(values.n ?? 1));
  return (forms[at] ?? forms.at(-1)).replace('{az}', /^(1|5\d*)$/.test(values.n) ? 'az' : 'a').replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
export const listed = (numbers) => new Intl.ListFormat(language).format([...new Set(numbers)].map(String));

/** Says seconds in the words of the page's language: "1 hour, 52 minutes left." A drill may have no limit. */
export function inWords(seconds) {
  if (seconds === Infinity) return say('untimed');
  const minutes = Math.floor(seconds / 60);
  const parts = minutes ? { hour: Math.floor(minutes / 60), minute: minutes % 60 } : { second: seconds };
  const words = Object.entries(parts).filter(([unit, n]) => n || unit === 'second')
    .map(([unit, n]) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(n));
  return say('left', { time: new Intl.ListFormat(language, { type: 'unit' }).format(words) });
}

/** Says a moment in the words of the page's language; one of another day with its date. */
export function timeOf(moment) {
  const dateStyle = Date.now() - moment > 43200000 ? 'medium' : undefined;
  return new Intl.DateTimeFormat(language, { dateStyle, timeStyle: 'short' }).format(moment);
}

// --- Questions
export const questions = all('form[data-position]');
export const total = questions.length;
export const question = (position) => questions[position - 1];
export const inputs = (root) => all('.option > input', root);
export const letterOf = (input) => one('b', input.parentElement).textContent;
const strikeOf = (input) => one('.strike', input.parentElement);
export const chosen = (position) => inputs(question(position)).filter((input) => input.checked).map((input) => +input.value);

const asked = (position) => +one('.options', question(position)).dataset.choose;
const counted = (position) => ({ n: chosen(position).length, total: asked(position) });

/** How far a question is answered with these options, as `Kind.progress` of the server says. */
export function progress(position, { length }) {
  if (!length) return 'unanswered';
  return length === asked(position) ? 'answered' : 'incomplete';
}

/** Shows how many of several are chosen. */
export function showCount(position) {
  const output = one('output', question(position));
  one('.refusal').hidden = true;
  if (output) output.textContent = say('chosen', counted(position));
}

const confidence = one('#confidence').content.firstElementChild;
const clearing = one('[data-clear]', confidence);

/** Says why something was not done: above the foot, which is in sight wherever the option is. */
export function refuse(text, clears = false) {
  const place = one('.refusal');
  Object.assign(place, { textContent: text, hidden: false });
  // The one under the question may be out of sight, or behind these words.
  if (clears) place.append(' ', clearing.cloneNode(true));
  announce(text);
}

export const refuseMore = (position) => refuse(say('full', counted(position)));

export function showFlag(flagged) {
  const button = one('[data-flag-button]');
  button.toggleAttribute('data-flagged', flagged);
  tell(button, 'span', say(flagged ? 'unflag' : 'flag'));
}

/** Shows how sure the person is of the question in sight, 1 to 3 or nothing, and whether there is an answer to clear. */
export function showConfidence({ selected, confidence: level }) {
  for (const button of all('[aria-pressed]', confidence)) button.ariaPressed = String(+button.dataset.confidence === level);
  clearing.hidden = !selected.length;
}

export function setAnswer(position, selected, struck) {
  for (const input of inputs(question(position))) {
    input.checked = selected.includes(+input.value);
    strikeOf(input).ariaPressed = String(struck.includes(+input.value));
  }
  showCount(position);
}

export function lock(locked) {
  for (const fieldset of all('form[data-position] > fieldset')) fieldset.disabled = locked;
  one('[data-flag-button]').disabled = locked;
  // The question scrolls within it: with every option disabled nothing else there would take the keyboard.
  one('#main').tabIndex = locked ? 0 : -1;
}

// --- The other language
let texts = null;

/** Takes a page of our own apart from the document: the only HTML that is parsed here. */
export const keepTexts = (html) => { texts = new DOMParser().parseFromString(html, 'text/html'); };

function exchange(here, there, speaks) {
  const theirs = [...there.childNodes].map((node) => document.importNode(node, true));
  there.replaceChildren(...here.childNodes);
  here.replaceChildren(...theirs);
  here.lang = speaks;
}

/** Exchanges the texts of all questions. Choices stay: options keep their ids. */
export function swapTexts() {
  for (const root of questions) {
    const section = one(`[data-position="${root.dataset.position}"]`, texts);
    const speaks = section.lang;
    section.lang = one('.stem', root).lang || language;
    one('.stem', root).lang = speaks;
    const [stem, ask] = section.children;
    exchange(one('.stem > div', root), stem, speaks);
    exchange(one('.stem > p', root), ask, speaks);
    for (const input of inputs(root)) {
      exchange(one('[data-t]', input.parentElement), one(`[data-option="${input.value}"]`, section), speaks);
    }
  }
  const button = one('[data-other]');
  const { textContent, lang } = button;
  Object.assign(button, { textContent: button.dataset.other, lang: button.dataset.otherLang });
  Object.assign(button.dataset, { other: textContent, otherLang: lang });
}

// --- Navigator and review
const lists = all('.numbers');
for (const list of lists) {
  for (const { id, dataset } of questions) {
    const cell = clone('cell');
    one('a', cell).href = `#${id}`;
    tell(cell, 'a > span', dataset.position);
    list.append(cell);
  }
}

/** Counts the questions in each state; `open` are those without any choice. */
export function count(states) {
  const of = (wanted) => states.filter(({ state }) => state === wanted).length;
  const [answered, incomplete] = [of('answered'), of('incomplete')];
  return { answered, incomplete, open: total - answered - incomplete, flagged: states.filter(({ flagged }) => flagged).length };
}

/** Shows {state, flagged} of each question, and where the person is. Returns the counts. */
export function showStates(states, current) {
  for (const list of lists) {
    states.forEach(({ state, flagged }, index) => {
      const link = list.children[index].firstElementChild;
      link.dataset.state = state;
      link.toggleAttribute('data-flag', flagged);
      link.ariaCurrent = index + 1 === current ? 'true' : null;
      tell(link, '.vh', `, ${say(state)}${flagged ? `, ${say('flagged')}` : ''}`);
    });
  }
  const counts = count(states);
  tell(document, '[data-counts]', say('counts', counts));
  Object.assign(one('.examhead progress'), { value: counts.answered, ariaLabel: say('progress', { n: counts.answered, total }) });
  return counts;
}

function row(position, { state, flagged }) {
  const item = clone('row');
  const link = one('a', item);
  const stem = one('.stem', question(position));
  const text = one('p', stem).textContent.trim().replace(/\s+/g, ' ');
  tell(item, 'b', position);
  Object.assign(link, { href: `#q${position}`, lang: stem.lang || language, textContent: text.length > 80 ? `${text.slice(0, 80).replace(/[\s.,;:]+\S*$/, '')}…` : text });
  const tag = one('.tag', item);
  if (flagged) tag.dataset.tone = 'warn';
  else if (state === 'incomplete') tag.textContent = say('chosen', counted(position));
  else tag.remove();
  return item;
}

// Which questions each list of the review names.
const WANTED = {
  open: ({ state }) => state === 'unanswered',
  incomplete: ({ state }) => state === 'incomplete',
  flagged: ({ flagged }) => flagged,
};

export function showReview(states, counts) {
  for (const [name, number] of Object.entries(counts)) {
    tell(document, `[data-count="${name}"]`, number);
    for (const part of all(`[data-when="${name}"]`)) part.hidden = !number;
    const wanted = WANTED[name];
    if (wanted) one(`[data-rows="${name}"]`).replaceChildren(...states.flatMap((state, index) => (wanted(state) ? [row(index + 1, state)] : [])));
  }
  tell(document, '[data-open-words]', say('open', { n: counts.open }));
  tell(document, '[data-short-words]', say('short', { n: counts.incomplete }));
  showFew(counts.open);
}

/** Says of an exam what it means to submit with so many questions open: with fewer than half answered, no score. */
export function showFew(open) {
  const few = all('[data-few]');
  const isFew = few.length > 0 && 2 * open > total;
  for (const part of all('[data-enough]')) part.hidden = isFew;
  for (const part of few) {
    part.hidden = !isFew;
    part.textContent = say('few', { n: total - open, total, least: Math.ceil(total / 2) });
  }
}

/** Turns to a question, or to the review at 0; focus goes to its heading. */
export function turnTo(position, back, focus) {
  const target = position ? question(position) : one('#review');
  one('[data-late]')?.remove();
  for (const part of [...questions, one('#review')]) part.hidden = part !== target;
  for (const foot of all('[data-foot]')) foot.hidden = (foot.dataset.foot === 'review') === position > 0;
  const previous = one('[rel="prev"]');
  if (position > 1) previous.href = `#q${position - 1}`;
  else previous.removeAttribute('href');
  previous.ariaDisabled = position > 1 ? null : 'true';
  one('[rel="next"]').href = position < total ? `#q${position + 1}` : '#review';
  tell(document, '[rel="next"] span', say(position < total ? 'next' : 'review'));
  one('[data-back]').href = `#q${back}`;
  tell(document, '[data-back] span', say('back', { n: back }));
  document.title = `${position ? say('title', { n: position, total }) : say('reviewTitle')} · Passline`;
  const button = one('[data-other]') ?? (one('#language') && clone('language'));
  if (button && position) one('header', target).append(button);
  if (position) target.append(confidence);
  one('#main').scrollTop = 0;
  scrollTo(0, 0);
  if (focus) one('h2', target).focus({ preventScroll: true });
}

// --- Saved state, banners, announcements
const ICONS = { saved: 'check', saving: 'clock', unsaved: 'warn', failed: 'cross' };
let spoken = 'saved';
let shown = '';

/** Shows the saved state in words. Only what needs attention, and its end, is spoken. */
export function showSaved(state, text) {
  if (shown === state + text) return;
  shown = state + text;
  const place = one('.saved');
  place.dataset.state = state;
  icon(place, ICONS[state]);
  tell(place, '[data-saved]', text);
  if (state === 'saving' || state === spoken) return;
  spoken = state;
  announce(text);
}

/** Speaks to a screen reader. */
export function announce(text) {
  tell(document, '[data-announce]', '');
  setTimeout(tell, 50, document, '[data-announce]', text);
}

const banners = {};

/** Shows or changes a banner between head and question. `act` [text, function] adds a button. */
export function banner(name, tone, picture, title, text, act) {
  if (banners[name]?.title === title + text) return;
  unbanner(name);
  const section = clone('banner');
  banners[name] = { title: title + text, section };
  section.dataset.tone = tone;
  icon(section, picture);
  tell(section, 'strong', title);
  tell(section, 'strong + span', text);
  if (act) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: act[0] });
    button.addEventListener('click', act[1]);
    one('p', section).append(button);
  }
  one('.banners').append(section);
}

export function unbanner(name) {
  banners[name]?.section.remove();
  delete banners[name];
}

// --- Dialogs
export const dialog = (id) => document.getElementById(id);
const stay = (event) => event.preventDefault();
for (const id of ['login', 'conflict', 'ended']) dialog(id).addEventListener('cancel', stay);

export function open(id) {
  const target = dialog(id);
  if (!target.open) target.showModal();
  return target;
}

/** Says in the submit dialog what happens or went wrong. `state`: '', 'busy', or 'held' when it cannot be left. */
export function tellInSubmit(text, tone = 'warn', state = '') {
  dialog('submit').closedBy = state === 'held' ? 'none' : 'closerequest';
  one('[data-keep]').disabled = state === 'held';
  one('[data-go]').ariaBusy = state ? 'true' : null;
  const notice = one('#submit .notice');
  notice.hidden = !text;
  notice.dataset.tone = tone;
  tell(notice, 'p', text);
}

/** Shows both answers to each question. Resolves with the positions where the kept one counts, null for undecided. */
export function choose(pairs) {
  const target = open('conflict');
  const list = one('[data-list]', target);
  list.replaceChildren(...pairs.map(({ mine, theirs }) => {
    const pair = clone('pair');
    const { position } = mine;
    tell(pair, 'legend', say('title', { n: position, total }));
    [theirs, mine].forEach(({ selected, flagged }, index) => {
      const label = all('label', pair)[index];
      const letters = inputs(question(position)).filter((input) => selected.includes(+input.value)).map(letterOf).join(', ');
      tell(label, 'b', (letters || say('nothingChosen')) + (flagged ? `, ${say('flagged')}` : ''));
      Object.assign(one('input', label), { name: `pair${position}`, value: index && position });
    });
    return pair;
  }));
  return new Promise((resolve) => {
    target.addEventListener('close', () => {
      const kept = all(':checked', list).map((input) => +input.value);
      resolve(target.returnValue ? new Set(kept) : null);
    }, { once: true });
  });
}

/** Tells that the exam is over. `leave` names the way on, where there is one. */
export function ended(title, text, lost = '', leave = '') {
  for (const other of all('dialog[open]:not(#ended)')) other.close('');
  const target = open('ended');
  tell(target, 'h2', title);
  tell(target, '[data-text]', text);
  tell(target, '[data-lost]', lost);
  one('[data-lost]', target).hidden = !lost;
  one('a', target).hidden = !leave;
  tell(target, 'a', leave);
}
