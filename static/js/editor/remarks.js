// What the rules say about the text as it is typed: in a list, and at each field.
import { reveal } from './fields.js';

const PAUSE = 800;

export function makeRemarks({ editor, form, words, post, fields }) {
  const list = editor.querySelector('[data-remark-list]');
  let timer = 0;
  let asking = null;

  const entry = ({ field, label, sentence, blocks }, isListed) => {
    const row = document.createElement('li');
    if (blocks) row.dataset.blocks = '';
    if (isListed) {
      const link = document.createElement('a');
      link.href = `#${field}`;
      link.textContent = label;
      row.append(link, ' ');
    }
    row.append(sentence);
    return row;
  };

  function show(remarks) {
    const rows = remarks.map((one) => entry(one, true));
    if (!rows.length) {
      const none = document.createElement('li');
      none.className = 'none';
      none.textContent = words.nothing;
      rows.push(none);
    }
    list.replaceChildren(...rows);
    for (const place of form.querySelectorAll('[data-said]')) {
      const mine = remarks.filter((one) => one.field === place.dataset.said);
      place.replaceChildren(...mine.map((one) => entry(one, false)));
      const field = form.elements[place.dataset.said];
      if (field instanceof HTMLElement) field.toggleAttribute('data-remarked', mine.length > 0);
    }
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    try {
      const { status, body } = await post(editor.dataset.remarks, { fields: fields() }, asking.signal);
      if (status === 200 && body) show(body.remarks);
    } catch {
      // The next change asks again; saving says that there is no connection.
    }
  }

  const changed = (pause = PAUSE) => {
    if (!('open' in editor.dataset)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };
  changed(0);

  // A link leads to its field, also where a language is not shown.
  list.addEventListener('click', (event) => {
    const target = document.getElementById(decodeURIComponent(event.target.hash?.slice(1) ?? ''));
    if (!target) return;
    event.preventDefault();
    reveal(target);
    target.scrollIntoView({ block: 'center' });
    target.focus();
  });
  return { changed: () => changed() };
}
