// Somebody saved meanwhile: both texts side by side, and nothing is lost. What the reader had not changed is
// taken over; the rest is chosen, or mixed in the field itself.
import { put, reveal } from './fields.js';

const made = (tag, text = '', type = '') => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (type) element.type = type;
  return element;
};

export function makeConflict({ editor, form, words, fields }) {
  const section = editor.querySelector('[data-conflict]');
  const [title, list] = section.children;

  function side(label, text, verb, use) {
    const half = made('div');
    half.append(made('h4', label), made('pre', text));
    if (use) {
      const button = made('button', verb, 'button');
      button.addEventListener('click', use);
      half.append(button);
    }
    return half;
  }

  function shown(row, mine, stored, isWhole) {
    const part = made('div');
    part.className = 'both';
    part.append(made('h3', row.label));
    const isMine = isWhole || (mine[row.field] ?? '') !== (stored[row.field] ?? '');
    const use = (value) => () => {
      put(form, row.field, value ?? '');
      reveal(form.elements[row.field]);
      form.elements[row.field].focus();
    };
    if (!isMine) {
      put(form, row.field, row.value);
      part.append(made('p', words.took_theirs), side(words.theirs, row.theirs));
      return part;
    }
    part.append(
      side(words.theirs, row.theirs, words.take_theirs, !isWhole && use(row.value)),
      side(words.mine, row.mine, words.keep_mine, !isWhole && use(mine[row.field])),
    );
    return part;
  }

  return {
    /** Show what differs; `go` saves what the form then holds over what is stored. */
    show({ rows, by, is_whole: hasOtherRows }, stored, go) {
      const mine = fields();
      const isWhole = hasOtherRows || rows.some((row) => !form.elements[row.field]);
      title.textContent = words.conflict.replace('%s', by);
      const save = made('button', words.save_choice, 'button');
      save.className = 'first';
      save.addEventListener('click', async () => {
        section.hidden = true;
        await go();
      });
      const drop = made('button', words.take_all, 'button');
      drop.addEventListener('click', () => {
        for (const row of rows) if (form.elements[row.field]) put(form, row.field, row.value);
        section.hidden = true;
        if (isWhole) location.replace(form.action);
        else go();
      });
      // What only the reader changed needs no choice.
      const differing = isWhole ? rows : rows.filter((row) => (stored[row.field] ?? '') !== row.value);
      list.replaceChildren(...(isWhole ? [made('p', words.whole)] : []), ...differing.map((row) => shown(row, mine, stored, isWhole)));
      const buttons = made('p');
      buttons.append(save, ' ', drop);
      list.append(buttons);
      section.hidden = false;
      section.focus();
    },
  };
}
