// What the page shows. It knows the document and nothing of network or storage.

const body = document.getElementById('exam');
const words = JSON.parse(body.dataset.words);
const language = document.documentElement.lang;
const plural = new Intl.PluralRules(language);
const SAMPLES = [1, 2, 5];

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const clone = (id) => document.getElementById(id).content.cloneNode(true);
const icon = (root, name) => one('use', root).setAttribute('href', `#${name}`);

/** Says a phrase with its placeholders filled; a counted phrase picks its plural form by `values.n`. */
export function say(key, values = {}) {
  const phrase = words[key];
  const form = Array.isArray(phrase)
    ? phrase[Math.max(0, SAMPLES.findIndex((n, at) => plural.select(n) === plural.select(values.n) || at === 2))]
    : phrase;
  return form.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const listed = (numbers) => new Intl.ListFormat(language, { type: 'conjunction' }).format(numbers.map(String));

// --- Questions --------------------------------------------------------------------------------------
export const questions = all('form[data-position]');
export const total = questions.length;
const question = (position) => document.getElementById(`q${position}`);
const inputs = (root) => all('.option > input', root);
export const letterOf = (input) => one('b', input.parentElement).textContent;

/** Returns the option ids chosen in a question. */
export const chosen = (position) => inputs(question(position)).filter((input) => input.checked).map((input) => Number(input.value));

/** Returns letters for option ids, as the person knows them. */
export const letters = (position, ids) => inputs(question(position)).filter((input) => ids.includes(Number(input.value))).map(letterOf).join(', ');

/** Shows how many of several are chosen; `full` says why one more was not taken. */
export function showCount(position, full = false) {
  const root = question(position);
  const output = one('output', root);
  if (!output) return;
  const values = { n: chosen(position).length, total: one('.options', root).dataset.choose };
  output.textContent = say(full ? 'full' : 'chosen', values);
}

export function setChosen(position, ids) {
  for (const input of inputs(question(position))) input.checked = ids.includes(Number(input.value));
  showCount(position);
}

export function setStruck(position, ids) {
  for (const input of inputs(question(position))) {
    one('.strike', input.parentElement).setAttribute('aria-pressed', String(ids.includes(Number(input.value))));
  }
}

/** Makes every answer read-only, or lets it be changed again. */
export function lock(locked) {
  for (const fieldset of all('form[data-position] > fieldset')) fieldset.disabled = locked;
  one('[data-flag-button]').disabled = locked;
}

// --- Texts in the other language -------------------------------------------------------------------
let texts = null;

/** Takes the other language's texts: a trusted page of our own, parsed apart from the document. */
export function keepTexts(html) {
  texts = new DOMParser().parseFromString(html, 'text/html');
}

/** Exchanges the texts of all questions; choices stay, because options keep their ids. */
export function swapTexts() {
  for (const root of questions) {
    const section = one(`section[data-position="${root.dataset.position}"]`, texts);
    if (!section) continue;
    const [stem, ask, ...options] = all('[data-t]', section);
    const byOption = new Map(options.map((option) => [option.dataset.option, option]));
    const speaks = section.lang;
    const own = one('.stem', root).lang || language;
    exchange(one('.stem > div', root), stem);
    exchange(one('.stem > p', root), ask);
    one('.stem', root).lang = speaks;
    for (const input of inputs(root)) {
      const label = one('[data-t]', input.parentElement);
      exchange(label, byOption.get(input.value));
      label.lang = speaks;
    }
    section.lang = own;
  }
}

function exchange(here, there) {
  const [mine, theirs] = [[...here.childNodes], [...there.childNodes].map((node) => document.importNode(node, true))];
  here.replaceChildren(...theirs);
  there.replaceChildren(...mine);
}

// --- Navigator and review ---------------------------------------------------------------------------
const lists = all('.numbers');
for (const list of lists) {
  for (let position = 1; position <= total; position += 1) {
    const cell = clone('cell');
    const link = one('a', cell);
    link.href = `#q${position}`;
    link.firstElementChild.textContent = position;
    list.append(cell);
  }
}

/** Shows what is answered, seen and flagged. `states` holds {state, flagged} by position. */
export function showStates(states, current) {
  for (const list of lists) {
    states.forEach(({ state, flagged }, at) => {
      const link = list.children[at].firstElementChild;
      link.dataset.state = state;
      link.toggleAttribute('data-flag', flagged);
      if (at + 1 === current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
      link.lastElementChild.textContent = `, ${[say(state), ...(flagged ? [say('flagged')] : [])].join(', ')}`;
    });
  }
  const counts = {
    answered: states.filter(({ state }) => state === 'answered').length,
    flagged: states.filter(({ flagged }) => flagged).length,
  };
  counts.open = total - counts.answered;
  one('[data-counts]').textContent = say('counts', counts);
  const progress = one('.examhead progress');
  progress.value = counts.answered;
  progress.setAttribute('aria-label', say('progress', { n: counts.answered, total }));
  return counts;
}

function row(position, { state, flagged }) {
  const item = clone('row');
  const link = one('a', item);
  const stem = one('.stem', question(position));
  const text = (one('div', stem).textContent.trim() || stem.textContent.trim()).replace(/\s+/g, ' ');
  one('b', item).textContent = position;
  link.href = `#q${position}`;
  link.lang = stem.lang || language;
  link.textContent = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  const tag = one('.tag', item);
  if (flagged) {
    tag.dataset.tone = 'warn';
    tag.append(clone('flag-tag'));
  } else tag.textContent = state === 'unseen' ? say('unseen') : '';
  return item;
}

export function showReview(states, counts) {
  for (const [name, count] of Object.entries(counts)) {
    const place = one(`[data-count="${name}"]`);
    if (place) place.textContent = count;
    for (const part of all(`[data-when="${name}"]`)) part.hidden = !count;
  }
  one('[data-open-words]').textContent = say('open', { n: counts.open });
  const numbered = states.map((state, at) => [at + 1, state]);
  const fill = (name, wanted) => one(`[data-rows="${name}"]`).replaceChildren(...numbered.filter(([, s]) => wanted(s)).map((s) => row(...s)));
  fill('open', ({ state }) => state !== 'answered');
  fill('flagged', ({ flagged }) => flagged);
}

/** Turns to a question (or to the review, 0) and puts focus on its heading. */
export function turnTo(position, { back, focus }) {
  const target = position ? question(position) : one('#review');
  for (const part of [...questions, one('#review')]) part.hidden = part !== target;
  one('[data-foot="question"]').hidden = !position;
  one('[data-foot="review"]').hidden = Boolean(position);
  const prev = one('[rel="prev"]');
  if (position > 1) prev.href = `#q${position - 1}`;
  else prev.removeAttribute('href');
  prev.ariaDisabled = position > 1 ? null : 'true';
  one('[rel="next"]').href = position < total ? `#q${position + 1}` : '#review';
  one('[data-back]').href = `#q${back}`;
  one('[data-back] span').textContent = say('back', { n: back });
  document.title = `${position ? say('title', { n: position, total }) : say('reviewTitle')} · Passline`;
  const button = one('[data-other]') ?? document.getElementById('language')?.content.firstElementChild;
  if (button && position) one('header', target).append(button);
  const heading = one('h2', target);
  if (focus) heading.focus({ preventScroll: true });
  one('#main').scrollTop = 0;
  scrollTo(0, 0);
}

export const setFlag = (flagged) => one('[data-flag-button]').setAttribute('aria-pressed', String(flagged));

// --- Saved state, banners, announcements -----------------------------------------------------------
const ICONS = { saved: 'check', saving: 'clock', unsaved: 'warn', failed: 'cross' };
let spoken = 'saved';

/** Shows the saved state in words. Only what needs attention is also spoken. */
export function showSaved(state, text) {
  const place = one('.saved');
  const label = one('[data-saved]', place);
  if (label.textContent === text && place.dataset.state === state) return;
  place.dataset.state = state;
  icon(place, ICONS[state]);
  label.textContent = text;
  const loud = state === 'unsaved' || state === 'failed' || (state === 'saved' && spoken !== 'saved');
  if (loud && state !== spoken) announce(text);
  if (state !== 'saving') spoken = state;
}

/** Speaks to a screen reader without showing anything. */
export function announce(text) {
  const place = one('[data-announce]');
  place.textContent = '';
  setTimeout(() => { place.textContent = text; }, 50);
}

const banners = new Map();

/** Shows or changes a banner between head and question. `button` is {text, act}. */
export function banner(name, tone, picture, title, text, button) {
  const content = `${title} ${text}`;
  if (banners.get(name)?.dataset.content === content) return;
  unbanner(name);
  const section = clone('banner').firstElementChild;
  section.dataset.tone = tone;
  section.dataset.content = content;
  icon(section, picture);
  one('strong', section).textContent = title;
  const place = one('strong + span', section);
  place.textContent = text;
  if (button) {
    const control = document.createElement('button');
    control.type = 'button';
    control.textContent = button.text;
    control.addEventListener('click', button.act);
    one('p', section).append(control);
  }
  banners.set(name, section);
  one('.banners').append(section);
}

export function unbanner(name) {
  banners.get(name)?.remove();
  banners.delete(name);
}

export const hasBanner = (name) => banners.has(name);

// --- Dialogs ----------------------------------------------------------------------------------------
export const dialog = (id) => document.getElementById(id);

export function open(id) {
  const target = dialog(id);
  if (!target.open) target.showModal();
  return target;
}

/** Says something in the submit dialog: what is not saved yet, or what went wrong. */
export function tellInSubmit(text, tone = 'warn') {
  const notice = one('.notice', dialog('submit'));
  notice.hidden = !text;
  notice.dataset.tone = tone;
  one('p', notice).textContent = text;
}

/** Shows both answers to each question and resolves with the positions where the kept one shall count. */
export function choose(pairs) {
  const target = dialog('conflict');
  const list = one('[data-list]', target);
  const told = (position, answer) => {
    const parts = [letters(position, answer.selected) || say('nothingChosen')];
    if (answer.flagged) parts.push(say('flaggedToo'));
    return parts.join(', ');
  };
  list.replaceChildren(...pairs.map(({ mine, theirs }) => {
    const pair = clone('pair');
    const { position } = mine;
    one('legend', pair).textContent = say('title', { n: position, total });
    const [saved, kept] = all('label', pair);
    one('b', saved).textContent = told(position, theirs);
    one('b', kept).textContent = told(position, mine);
    for (const input of all('input', pair)) input.name = `pair${position}`;
    one('[value="mine"]', pair).dataset.mine = position;
    return pair;
  }));
  open('conflict');
  return new Promise((resolve) => {
    target.addEventListener('cancel', (event) => event.preventDefault());
    target.addEventListener('close', () => {
      resolve(new Set(all('[data-mine]:checked', list).map((input) => Number(input.dataset.mine))));
    }, { once: true });
  });
}

/** Tells that the exam is over. With `leave` it shows the way to the result. */
export function ended(title, text, lost, leave) {
  for (const other of all('dialog[open]')) if (other.id !== 'ended') other.close();
  const target = open('ended');
  one('h2', target).textContent = title;
  one('[data-text]', target).textContent = text;
  const place = one('[data-lost]', target);
  place.textContent = lost;
  place.hidden = !lost;
  one('a', target).hidden = !leave;
  target.addEventListener('cancel', (event) => event.preventDefault());
}

export { body, language };
