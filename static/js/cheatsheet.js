// Searches while one types, and shows in the contents where the reader is. Without this file the search is
// a request, and everything else stays as it is.

const form = document.querySelector('form.find');
const field = form.elements.q;
const status = form.querySelector('[data-found]');
const sections = [...document.querySelectorAll('.sheet > section')];
const aside = document.querySelector('.sheet + aside');
const entries = new Map([...document.querySelectorAll('.toc a')].map((link) => [link.hash.slice(1), link]));

/** Leaves accents and case away, as the server does. */
const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const blocks = [...document.querySelectorAll('.block')];
// As on the server, what leads on from a block is none of its words.
const wordsOf = (block) => [...block.children].filter((part) => !part.matches('.noprint')).map((part) => part.textContent).join(' ');
const texts = new Map(blocks.map((block) => [block, fold(wordsOf(block))]));

function show(part, shown) {
  part.hidden = !shown;
  entries.get(part.id)?.parentElement.toggleAttribute('hidden', !shown);
}

/** Takes away the marks of a search that the server did. */
function unmark() {
  for (const mark of document.querySelectorAll('.block mark')) mark.replaceWith(mark.textContent);
  for (const block of blocks) block.normalize();
}

/** Colors the found words without changing the page, where the browser can. */
function color(words) {
  if (!globalThis.Highlight) return;
  const ranges = [];
  for (const block of words.length ? blocks.filter((one) => !one.hidden) : []) {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const text = fold(node.data);
      // Where folding changes the length, places are not those of the page.
      if (text.length !== node.data.length) continue;
      for (const word of words) {
        for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          ranges.push(range);
        }
      }
    }
  }
  CSS.highlights.set('found', new Highlight(...ranges));
}

function filter() {
  const words = fold(field.value).split(/\s+/).filter(Boolean).slice(0, 8);
  unmark();
  for (const block of blocks) show(block, words.every((word) => texts.get(block).includes(word)));
  for (const section of sections) {
    show(section, !!section.querySelector('.block:not([hidden])'));
    section.firstElementChild.open = words.length > 0 || section === sections[0];
    section.querySelector('summary .meta').hidden = words.length > 0;  // it counts all of its topics
  }
  const found = blocks.filter((block) => !block.hidden).length;
  status.textContent = words.length
    ? status.dataset.found.replace('{n}', found).replace('{total}', blocks.length)
    : '';
  document.querySelector('[data-none]').hidden = found > 0;
  color(words);
}

let waiting;
field.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(filter, 80);
});

/** Opens the section that an address names; what is inside of one the browser finds by itself. */
function open() {
  const section = sections.find((one) => one.id === location.hash.slice(1));
  if (section) section.firstElementChild.open = true;
}
window.addEventListener('hashchange', open);
open();
const sheet = document.querySelector('.sheet');
/** Says that the sheet is read once a section is opened; the first one is open from the start. */
function read({ target }) {
  if (target === sections[0]?.firstElementChild) return;
  sheet.removeEventListener('toggle', read, true);
  fetch('?read', { method: 'HEAD' });
}
sheet.addEventListener('toggle', read, true);

// The block that is read now is the last one whose head has gone past the upper quarter of the window.
const above = new IntersectionObserver((changes) => {
  const here = changes.filter((change) => change.isIntersecting).at(-1);
  if (!here) return;
  for (const link of entries.values()) link.removeAttribute('aria-current');
  const link = entries.get(here.target.id);
  link.setAttribute('aria-current', 'location');
  aside.scrollTop += link.getBoundingClientRect().top - aside.getBoundingClientRect().top - aside.clientHeight / 3;
}, { rootMargin: '-15% 0px -80% 0px' });
for (const block of blocks) above.observe(block);
